/* The line that is being typed, by libedit, which is loaded when the first one is. No Lua here.
 *
 * While the line is there the terminal is raw; between two lines it is as it was. */
#ifndef MOONTIDE_HOST_EDITOR_H
#define MOONTIDE_HOST_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

struct editor;
struct buf;

/* On the terminal that standard input and output are; one at a time. NULL, and why: what to
 * install, or what the system says. */
struct editor *editor_open(const char **why);
void editor_close(struct editor *editor);

/* Begins a line behind that prompt, at the beginning of the terminal's line. */
void editor_begin(struct editor *editor, const char *prompt);

enum editor_event {
    EDITOR_MORE, /* nothing special */
    EDITOR_LINE, /* Enter */
    EDITOR_END,  /* Ctrl-D on an empty line */
    EDITOR_TAB,  /* completion is wanted */
};
/* Takes keys from the front of what the terminal has sent until one of these happens, and says how
 * many bytes it took. `all`: a sequence that is not complete will not become so. */
enum editor_event editor_feed(struct editor *editor, const char *bytes, size_t length, bool all,
                              size_t *taken);

/* The line's text, appended; `cursor` is set to the byte of `text` where the cursor is. */
bool editor_text(const struct editor *editor, struct buf *text, size_t *cursor);
/* Text of letters at the cursor. */
void editor_insert(struct editor *editor, const char *text, size_t length);

/* The line leaves the screen, so that something can be printed, and comes back. */
void editor_hide(struct editor *editor);
void editor_show(struct editor *editor);
/* The terminal has another size, or was somebody else's for a while: draws again. */
void editor_resized(struct editor *editor);

/* Ends the line: the screen goes on below, the terminal is as it was. `mark` ("^C") is written
 * behind it; NULL: Enter did it, and has gone below. */
void editor_end(struct editor *editor, const char *mark);

/* For the arrow keys. */
void editor_remember(struct editor *editor, const char *line, size_t length);

/* The terminal as it was, and as the line needs it. Async-signal-safe; nothing without a line. */
void editor_leave_raw(void);
void editor_enter_raw(void);

#endif
