/* Lines from standard input, one at a time, while everything else goes on. What is printed
 * meanwhile appears above the line that is being typed. One per process; no Lua here. */
#ifndef MOONTIDE_HOST_TERMINAL_H
#define MOONTIDE_HOST_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

struct loop;

enum terminal_kind {
    TERMINAL_PIPED, /* nobody types: no prompts, no echo */
    TERMINAL_PLAIN, /* the terminal's own line editing: TERM=dumb, or libedit is not there */
    TERMINAL_EDITOR,
};

enum terminal_event {
    TERMINAL_NOTHING,
    TERMINAL_LINE,
    TERMINAL_LONG,      /* a line that is too long, and was left out */
    TERMINAL_END,       /* Ctrl-D, or the end of the input */
    TERMINAL_INTERRUPT, /* Ctrl-C: the line was given up */
    TERMINAL_TAB,       /* the line is still there; to read again goes on with it */
};

/* From now on standard input is read here, also for io.read; streams_other tells of the streams
 * that are others now. `wait`: see streams.h. `note`: what to tell the user, or NULL. False: why is
 * in errno. */
bool terminal_open(struct loop *loop, bool (*wait)(void), const char **note);
void terminal_close(void);
bool terminal_is_open(void);
enum terminal_kind terminal_kind(void);

/* Waits for an event, which ready(arg, event) is called with, once, from the loop. */
void terminal_read(const char *prompt, void (*ready)(void *arg, enum terminal_event event),
                   void *arg);
/* Not any more. The line stays. */
void terminal_give_up(void);

/* The text of a line or, at a TAB, of what is there of it, and where the cursor is. Until the next
 * call of terminal_read. */
const char *terminal_text(size_t *length, size_t *cursor);
void terminal_insert(const char *text, size_t length);
void terminal_remember(const char *line, size_t length);
/* A TAB once more, unless something was typed since the last one. */
void terminal_tab_again(void);

/* Ctrl-C while a line is read. False: none is. */
bool terminal_interrupt(void);

#endif
