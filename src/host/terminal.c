#include "host/terminal.h"

#include "base/buf.h"
#include "host/editor.h"
#include "host/streams.h"
#include "loop/loop.h"
#include "loop/watch.h"
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define ESCAPE_TIME (LOOP_SECOND / 20) /* the rest of a key's sequence comes at once */

enum { PIECE = 64 << 10, TEXT_MAX = 16 << 20, INPUT_MAX = TEXT_MAX + PIECE };

static struct {
    struct loop *loop;
    enum terminal_kind kind;
    struct editor *editor;
    struct buf input; /* what was read and is left: from `start`; no line feed before `searched` */
    size_t start, searched;
    bool ended, too_long;
    struct buf text;
    size_t cursor;
    bool active, hidden;           /* a line is being typed; it is not on the screen */
    bool mid_line;                 /* what was printed last has not ended its line */
    bool tab_stands;               /* nothing was typed since */
    volatile sig_atomic_t stopped; /* by Ctrl-Z: the cursor is somewhere else now */
    const char *prompt;
    void (*ready)(void *arg, enum terminal_event event);
    void *arg;
    struct watch *watch, *signals;
    int notify; /* an eventfd: the screen has to be drawn again */
    struct deadline soon, redraw;
} tty;

static void stop(void) {
    if (tty.watch)
        watch_stop(tty.watch);
    tty.watch = NULL;
    loop_disarm(tty.loop, &tty.soon);
}

static void finish(enum terminal_event event) {
    void (*ready)(void *, enum terminal_event) = tty.ready;
    stop();
    tty.ready = NULL;
    tty.tab_stands = event == TERMINAL_TAB;
    ready(tty.arg, event);
}

/* --- the screen --------------------------------------------------------------------------- */

static void show(void) {
    if (!tty.active || !tty.hidden)
        return;
    loop_disarm(tty.loop, &tty.redraw);
    tty.hidden = false;
    if (tty.mid_line && write(STDOUT_FILENO, "\r\n", 2) < 0)
        tty.ended = true; /* the terminal has gone */
    tty.mid_line = false;
    editor_show(tty.editor);
}

static void on_redraw(struct deadline *deadline) {
    (void)deadline;
    show();
}

/* The line comes back when all that is printed in this turn of the loop has been. */
static void before_write(const char *data, size_t length) {
    if (tty.active && !tty.hidden) {
        editor_hide(tty.editor);
        tty.hidden = true;
        loop_arm(tty.loop, &tty.redraw, loop_now(tty.loop));
    }
    if (length > 0)
        tty.mid_line = data[length - 1] != '\n';
}

static void end_line(const char *mark) {
    show();
    editor_end(tty.editor, mark);
    tty.active = false;
}

/* --- signals ------------------------------------------------------------------------------- */

static const int job_signals[] = {SIGTSTP, SIGCONT, SIGWINCH, SIGQUIT, SIGHUP};
enum { JOB_SIGNALS = sizeof job_signals / sizeof *job_signals };

static void handle(int signum, void (*handler)(int)) {
    sigaction(signum, &(struct sigaction){.sa_handler = handler, .sa_flags = SA_RESTART}, NULL);
}

/* Only async-signal-safe calls. Whoever has the terminal meanwhile finds it as it was. */
static void on_job_signal(int signum) {
    int saved = errno;
    uint64_t one = 1;
    if (signum == SIGHUP) /* nobody is there any more: everything ends in order */
        raise(SIGTERM);
    if (signum == SIGTSTP || signum == SIGQUIT) {
        sigset_t own;
        tty.stopped = tty.stopped || (tty.active && !tty.hidden);
        if (tty.stopped && write(STDOUT_FILENO, "\n", 1) < 0)
            errno = 0;
        editor_leave_raw();
        handle(signum, SIG_DFL);
        sigemptyset(&own);
        sigaddset(&own, signum);
        raise(signum);
        sigprocmask(SIG_UNBLOCK, &own, NULL); /* here it stops, or ends */
        handle(signum, on_job_signal);
    }
    if (signum == SIGCONT || signum == SIGTSTP)
        editor_enter_raw();
    if (write(tty.notify, &one, sizeof one) < 0)
        errno = 0; /* it is full: then the screen will be drawn */
    errno = saved;
}

static void on_notify(void *arg) {
    uint64_t count;
    (void)arg;
    if (read(tty.notify, &count, sizeof count) <= 0 || !tty.active || tty.hidden)
        return;
    if (tty.stopped)
        editor_show(tty.editor);
    else
        editor_resized(tty.editor);
    tty.stopped = 0;
}

static bool watch_signals(void) {
    tty.notify = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    tty.signals = tty.notify < 0 ? NULL : watch_start(tty.loop, tty.notify, on_notify, NULL);
    for (size_t i = 0; tty.signals && i < JOB_SIGNALS; i++)
        handle(job_signals[i], on_job_signal);
    return tty.signals != NULL;
}

static void unwatch_signals(void) {
    for (size_t i = 0; i < JOB_SIGNALS; i++)
        handle(job_signals[i], SIG_DFL);
    if (tty.signals)
        watch_stop(tty.signals);
    if (tty.notify >= 0)
        close(tty.notify);
}

/* --- input --------------------------------------------------------------------------------- */

static void take_input(size_t length) {
    tty.start += length;
    if (tty.searched < tty.start)
        tty.searched = tty.start;
    if (tty.start == tty.input.length)
        tty.start = tty.searched = tty.input.length = 0;
}

/* A line that is longer than can be held is passed over. */
static bool make_room(void) {
    if (tty.start > 0) {
        memmove(tty.input.data, tty.input.data + tty.start, tty.input.length - tty.start);
        tty.input.length -= tty.start;
        tty.searched -= tty.start;
        tty.start = 0;
    }
    if (tty.input.length > TEXT_MAX) {
        tty.input.length = tty.searched = 0;
        tty.too_long = true;
    }
    return true;
}

static void read_more(void) {
    static char piece[PIECE];
    make_room();
    ssize_t n = read(STDIN_FILENO, piece, sizeof piece);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0 || !buf_append(&tty.input, piece, (size_t)n))
        tty.ended = true;
}

/* A line that was read for nobody, for io.read. */
static size_t kept(char *data, size_t size) {
    size_t left = tty.input.length - tty.start;
    if (left == 0)
        return 0;
    const char *from = tty.input.data + tty.start, *feed = memchr(from, '\n', left);
    size_t length = feed ? (size_t)(feed - from) + 1 : left;
    length = length < size ? length : size;
    memcpy(data, from, length);
    take_input(length);
    return length;
}

static enum terminal_event take_line(void) {
    size_t left = tty.input.length - tty.searched;
    const char *from = left ? tty.input.data + tty.searched : NULL;
    const char *feed = left ? memchr(from, '\n', left) : NULL;
    size_t end = feed ? (size_t)(feed - tty.input.data) : tty.input.length;
    tty.searched = end;
    if (!feed && (!tty.ended || end == tty.start))
        return tty.ended ? TERMINAL_END : TERMINAL_NOTHING;
    bool fits = !tty.too_long && buf_append(&tty.text, tty.input.data + tty.start, end - tty.start);
    tty.too_long = false;
    take_input(end - tty.start + (feed != NULL));
    return fits ? TERMINAL_LINE : TERMINAL_LONG;
}

/* A terminal's driver ends a line with Enter whichever it sends: no byte is left of it. */
static enum terminal_event take_keys(bool all) {
    static const enum terminal_event events[] = {
        [EDITOR_MORE] = TERMINAL_NOTHING,
        [EDITOR_LINE] = TERMINAL_LINE,
        [EDITOR_END] = TERMINAL_END,
        [EDITOR_TAB] = TERMINAL_TAB,
    };
    size_t taken = 0, left = tty.input.length - tty.start;
    enum editor_event event = EDITOR_MORE;
    show();
    if (left > 0)
        event = editor_feed(tty.editor, tty.input.data + tty.start, left, all, &taken);
    tty.tab_stands = tty.tab_stands && taken == 0;
    take_input(taken);
    if (event == EDITOR_MORE && tty.ended)
        event = EDITOR_END;
    if (event == EDITOR_LINE || event == EDITOR_TAB)
        editor_text(tty.editor, &tty.text, &tty.cursor);
    if (event == EDITOR_LINE || event == EDITOR_END)
        end_line(event == EDITOR_END ? "" : NULL);
    return events[event];
}

static void advance(bool all) {
    enum terminal_event event = tty.kind == TERMINAL_EDITOR ? take_keys(all) : take_line();
    if (event != TERMINAL_NOTHING)
        finish(event);
    else if (tty.kind == TERMINAL_EDITOR && tty.input.length > 0)
        loop_arm(tty.loop, &tty.soon, loop_after(tty.loop, ESCAPE_TIME));
}

static void on_soon(struct deadline *deadline) {
    (void)deadline;
    advance(true);
}

static void on_readable(void *arg) {
    (void)arg;
    loop_disarm(tty.loop, &tty.soon);
    read_more();
    advance(false);
}

/* --- what others call ------------------------------------------------------------------------ */

static const char *open_editor(void) {
    const char *term = getenv("TERM"), *why = NULL;
    if (!isatty(STDOUT_FILENO) || !term || !*term || strcmp(term, "dumb") == 0)
        return NULL;
    tty.editor = editor_open(&why);
    if (tty.editor)
        tty.kind = TERMINAL_EDITOR;
    return why;
}

bool terminal_open(struct loop *loop, bool (*wait)(void), const char **note) {
    struct streams_hooks hooks = {.kept = kept, .wait = wait};
    *note = NULL;
    tty.loop = loop;
    tty.notify = -1;
    tty.redraw.fire = on_redraw;
    tty.soon.fire = on_soon;
    buf_init(&tty.input, INPUT_MAX);
    buf_init(&tty.text, TEXT_MAX);
    tty.kind = isatty(STDIN_FILENO) ? TERMINAL_PLAIN : TERMINAL_PIPED;
    if (tty.kind == TERMINAL_PLAIN)
        *note = open_editor();
    if (tty.editor)
        hooks.before_write = before_write;
    if (streams_replace(&hooks) && (!tty.editor || watch_signals()))
        return true;
    terminal_close();
    errno = ENOMEM;
    return false;
}

void terminal_close(void) {
    if (!tty.loop)
        return;
    stop();
    if (tty.active)
        end_line("");
    if (tty.editor) {
        unwatch_signals();
        streams_restore();
        editor_close(tty.editor);
    } else
        streams_restore();
    loop_disarm(tty.loop, &tty.redraw);
    buf_free(&tty.input);
    buf_free(&tty.text);
    memset(&tty, 0, sizeof tty);
}

bool terminal_is_open(void) {
    return tty.loop != NULL;
}

enum terminal_kind terminal_kind(void) {
    return tty.kind;
}

static void write_prompt(const char *prompt) {
    FILE *out = isatty(STDOUT_FILENO) ? stdout : stderr;
    fputs(prompt, out);
    fflush(out);
}

void terminal_read(const char *prompt, void (*ready)(void *arg, enum terminal_event event),
                   void *arg) {
    tty.ready = ready;
    tty.arg = arg;
    buf_free(&tty.text);
    fflush(stdout);
    if (tty.kind == TERMINAL_PLAIN)
        write_prompt(prompt);
    else if (tty.kind == TERMINAL_EDITOR && !tty.active) {
        if (tty.mid_line)
            fputs("\n", stdout);
        fflush(stdout);
        editor_begin(tty.editor, prompt);
        tty.active = true;
    }
    if (!tty.ended)
        tty.watch = watch_start(tty.loop, STDIN_FILENO, on_readable, NULL);
    if (!tty.watch)
        tty.ended = true;
    if (tty.ended || tty.input.length > tty.start) /* the loop has its turn in between */
        loop_arm(tty.loop, &tty.soon, loop_now(tty.loop));
}

void terminal_give_up(void) {
    stop();
    tty.ready = NULL;
}

const char *terminal_text(size_t *length, size_t *cursor) {
    *length = tty.text.length;
    *cursor = tty.cursor;
    return buf_text(&tty.text);
}

void terminal_insert(const char *text, size_t length) {
    if (!tty.active)
        return;
    show();
    editor_insert(tty.editor, text, length);
}

void terminal_remember(const char *line, size_t length) {
    if (tty.editor)
        editor_remember(tty.editor, line, length);
}

void terminal_tab_again(void) {
    if (!tty.ready || !tty.active || !tty.tab_stands)
        return;
    buf_free(&tty.text);
    if (editor_text(tty.editor, &tty.text, &tty.cursor))
        finish(TERMINAL_TAB);
}

bool terminal_interrupt(void) {
    if (!tty.ready || tty.kind == TERMINAL_PIPED)
        return false;
    tty.start = tty.searched = tty.input.length = 0;
    if (tty.active)
        end_line("^C");
    finish(TERMINAL_INTERRUPT);
    return true;
}
