/* libedit waits for a key by itself; here it gets each key when it has come, in its unbuffered
 * mode, and nothing else to wait for: keys_next hands it only whole ones.
 *
 * It is at home in the process's locale. The one that the environment names is set for its calls
 * only: the rest of the program is at home in "C". */
#include "host/editor.h"

#include "base/buf.h"
#include "host/keys.h"
#include <dlfcn.h>
#include <histedit.h>
#include <limits.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define LIBRARY   "libedit.so.2"
#define INSTALL   "the line editor is not installed: apt install libedit2 (or libedit, libedit-libs)"
#define NO_MEMORY "not enough memory"

enum { LINE_MAX_LETTERS = 64 << 10, HISTORY_MAX = 1000, END_OF_FILE = 4 };

static struct {
    EditLine *(*init_fd)(const char *, FILE *, FILE *, FILE *, int, int, int);
    void (*end)(EditLine *);
    int (*set)(EditLine *, int, ...);
    int (*get)(EditLine *, int, ...);
    int (*wset)(EditLine *, int, ...);
    const wchar_t *(*wgets)(EditLine *, int *);
    const LineInfoW *(*wline)(EditLine *);
    int (*winsertstr)(EditLine *, const wchar_t *);
    int (*cursor)(EditLine *, int);
    void (*resize)(EditLine *);
    HistoryW *(*history_init)(void);
    void (*history_end)(HistoryW *);
    int (*history)(HistoryW *, HistEventW *, int, ...);
} lib;

struct editor {
    EditLine *line;
    HistoryW *history;
    FILE *screen; /* its own: standard output may be redirected within the program */
    locale_t locale;
    char prompt[16];
    const char *keys; /* what libedit may read */
    size_t keys_left;
};

/* For signal handlers. */
static struct termios cooked, raw;
static volatile int is_raw;

/* Between begin and end of every call of libedit. */
#define WITH_LOCALE(editor, call)                                                                  \
    do {                                                                                           \
        locale_t before_ = uselocale((editor)->locale);                                            \
        call;                                                                                      \
        uselocale(before_);                                                                        \
    } while (0)

static bool load(const char **why) {
    static const struct {
        const char *name;
        void *function;
    } symbols[] = {
        {"el_init_fd", &lib.init_fd},
        {"el_end", &lib.end},
        {"el_set", &lib.set},
        {"el_get", &lib.get},
        {"el_wset", &lib.wset},
        {"el_wgets", &lib.wgets},
        {"el_wline", &lib.wline},
        {"el_winsertstr", &lib.winsertstr},
        {"el_cursor", &lib.cursor},
        {"el_resize", &lib.resize},
        {"history_winit", &lib.history_init},
        {"history_wend", &lib.history_end},
        {"history_w", &lib.history},
    };
    if (lib.history)
        return true;
    /* It stays: what it has allocated for the terminal is its own. */
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    *why = INSTALL;
    if (!library)
        return false;
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *symbol = dlsym(library, symbols[i].name);
        if (!symbol)
            return false;
        memcpy(symbols[i].function, &symbol, sizeof symbol);
    }
    return true;
}

static char *prompt_of(EditLine *line) {
    struct editor *editor = NULL;
    lib.get(line, EL_CLIENTDATA, &editor);
    return editor->prompt;
}

/* 0 is the end of the input to libedit: it gives up the sequence, and nothing else happens. */
static int read_key(EditLine *line, wchar_t *letter) {
    struct editor *editor = NULL;
    lib.get(line, EL_CLIENTDATA, &editor);
    if (editor->keys_left == 0)
        return 0;
    size_t size = keys_decode(letter, editor->keys, editor->keys_left);
    editor->keys += size;
    editor->keys_left -= size;
    return 1;
}

/* What terminals send that termcap does not tell of, and what would wait for a key of its own. */
static void bind_keys(EditLine *line) {
    static const char *const bindings[][2] = {
        {"\\e[1~", "ed-move-to-beg"},      {"\\e[4~", "ed-move-to-end"},
        {"\\e[H", "ed-move-to-beg"},       {"\\e[F", "ed-move-to-end"},
        {"\\eOH", "ed-move-to-beg"},       {"\\eOF", "ed-move-to-end"},
        {"\\e[3~", "ed-delete-next-char"}, {"\\e[1;5C", "em-next-word"},
        {"\\e[1;5D", "ed-prev-word"},      {"^R", "ed-search-prev-history"},
        {"^S", "ed-search-next-history"},  {"\\ex", "ed-unassigned"},
        {"\\eX", "ed-unassigned"},
    };
    for (size_t i = 0; i < sizeof bindings / sizeof *bindings; i++)
        lib.set(line, EL_BIND, bindings[i][0], bindings[i][1], NULL);
}

static const char *set_up(struct editor *editor) {
    HistEventW event;
    int fd = dup(STDOUT_FILENO);
    editor->screen = fd < 0 ? NULL : fdopen(fd, "w");
    editor->locale = newlocale(LC_CTYPE_MASK, "", 0);
    if (!editor->locale)
        editor->locale = newlocale(LC_CTYPE_MASK, "C", 0);
    if (!editor->screen || !editor->locale)
        return "no descriptors or no memory are left for the line editor";
    editor->line = lib.init_fd("moontide", stdin, editor->screen, editor->screen, STDIN_FILENO,
                               STDOUT_FILENO, STDERR_FILENO);
    editor->history = lib.history_init();
    if (!editor->line || !editor->history)
        return NO_MEMORY;
    lib.history(editor->history, &event, H_SETSIZE, HISTORY_MAX);
    lib.history(editor->history, &event, H_SETUNIQUE, 1);
    lib.set(editor->line, EL_CLIENTDATA, editor);
    lib.set(editor->line, EL_EDITOR, "emacs");
    lib.set(editor->line, EL_PROMPT, prompt_of);
    lib.wset(editor->line, EL_GETCFN, read_key);
    lib.wset(editor->line, EL_HIST, lib.history, editor->history);
    bind_keys(editor->line);
    return NULL;
}

struct editor *editor_open(const char **why) {
    struct editor *editor = NULL;
    if (!load(why))
        return NULL;
    *why = NO_MEMORY;
    if (tcgetattr(STDIN_FILENO, &cooked) == 0)
        editor = calloc(1, sizeof *editor);
    if (!editor)
        return NULL;
    WITH_LOCALE(editor, *why = set_up(editor));
    if (!*why)
        return editor;
    editor_close(editor);
    return NULL;
}

void editor_close(struct editor *editor) {
    if (editor->line) {
        editor_leave_raw();
        is_raw = 0;
        WITH_LOCALE(editor, lib.end(editor->line));
    }
    if (editor->history)
        lib.history_end(editor->history);
    if (editor->screen)
        fclose(editor->screen);
    if (editor->locale)
        freelocale(editor->locale);
    free(editor);
}

static void begin(struct editor *editor) {
    lib.resize(editor->line);
    raw = cooked;
    is_raw = 1;                              /* a signal may come before the next call is over */
    lib.set(editor->line, EL_UNBUFFERED, 1); /* raw, and the prompt */
    tcgetattr(STDIN_FILENO, &raw);
}

void editor_begin(struct editor *editor, const char *prompt) {
    snprintf(editor->prompt, sizeof editor->prompt, "%s", prompt);
    tcgetattr(STDIN_FILENO, &cooked); /* what ran before may have changed it */
    WITH_LOCALE(editor, begin(editor));
}

/* How many columns libedit draws the letter in, at `column`; see its ct_visual_width. */
static int width_of(wchar_t letter, int column) {
    if (letter == L'\t')
        return 8 - column % 8;
    if (letter < 0x20 || letter == 0x7f)
        return 2; /* "^X" */
    int width = wcwidth(letter);
    return width >= 0 ? width : letter > 0xffff ? 8 : 7; /* "\U+DC80" */
}

static int columns_of_screen(void) {
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* Rows of the screen between the prompt and the cursor. */
static int rows_above(const struct editor *editor) {
    const LineInfoW *info = lib.wline(editor->line);
    int columns = columns_of_screen(), rows = 0, column = (int)strlen(editor->prompt);
    for (const wchar_t *letter = info->buffer; letter < info->cursor; letter++) {
        int width = width_of(*letter, column);
        if (column + width > columns && width == 2 && *letter > 0xff) { /* it does not fit */
            rows++;
            column = 0;
        }
        column += width;
        rows += column / columns;
        column %= columns;
    }
    return rows;
}

static void hide(struct editor *editor) {
    int rows = rows_above(editor);
    fputs("\r", editor->screen);
    if (rows > 0)
        fprintf(editor->screen, "\033[%dA", rows);
    fputs("\033[J", editor->screen);
    fflush(editor->screen);
}

void editor_hide(struct editor *editor) {
    WITH_LOCALE(editor, hide(editor));
}

void editor_show(struct editor *editor) {
    WITH_LOCALE(editor, lib.set(editor->line, EL_REFRESH));
}

static void redraw(struct editor *editor) {
    lib.resize(editor->line);
    hide(editor);
    lib.set(editor->line, EL_REFRESH);
}

void editor_resized(struct editor *editor) {
    WITH_LOCALE(editor, redraw(editor));
}

static size_t line_length(const struct editor *editor) {
    const LineInfoW *info = lib.wline(editor->line);
    return (size_t)(info->lastchar - info->buffer);
}

/* Many letters at once, as when text is pasted, are drawn once. What is too much is left out. */
static void insert(struct editor *editor, const char *text, size_t length) {
    wchar_t letters[256];
    hide(editor);
    while (length > 0) {
        size_t count = 0;
        while (length > 0 && count < sizeof letters / sizeof *letters - 1) {
            size_t size = keys_decode(&letters[count], text, length);
            count += *text != '\0';
            text += size;
            length -= size;
        }
        letters[count] = L'\0';
        if (line_length(editor) + count <= LINE_MAX_LETTERS)
            lib.winsertstr(editor->line, letters);
    }
    lib.set(editor->line, EL_REFRESH);
}

void editor_insert(struct editor *editor, const char *text, size_t length) {
    WITH_LOCALE(editor, insert(editor, text, length));
}

/* One key that is no run of letters. */
static enum editor_event press(struct editor *editor, const char *key, size_t length) {
    int count;
    size_t letters = line_length(editor);
    bool is_enter = *key == '\r' || *key == '\n';
    if (*key == END_OF_FILE && letters == 0)
        return EDITOR_END;
    if (*key == '\t')
        return EDITOR_TAB;
    if (letters >= LINE_MAX_LETTERS && !is_enter && keys_letters(key, length) > 0)
        return EDITOR_MORE;
    editor->keys = key;
    editor->keys_left = length;
    lib.wgets(editor->line, &count);
    editor->keys_left = 0; /* of a sequence that it does not know */
    return is_enter ? EDITOR_LINE : EDITOR_MORE;
}

static enum editor_event feed(struct editor *editor, const char *bytes, size_t length, bool all,
                              size_t *taken) {
    enum editor_event event = EDITOR_MORE;
    *taken = 0;
    while (event == EDITOR_MORE && *taken < length) {
        const char *at = bytes + *taken;
        size_t left = length - *taken, size = keys_next(at, left, all);
        size_t run = keys_letters(at, left);
        if (size == 0)
            break;
        if (run > size)
            insert(editor, at, size = run);
        else
            event = press(editor, at, size);
        *taken += size;
    }
    return event;
}

enum editor_event editor_feed(struct editor *editor, const char *bytes, size_t length, bool all,
                              size_t *taken) {
    enum editor_event event;
    WITH_LOCALE(editor, event = feed(editor, bytes, length, all, taken));
    return event;
}

bool editor_text(const struct editor *editor, struct buf *text, size_t *cursor) {
    const LineInfoW *info = lib.wline(editor->line);
    const wchar_t *letter = info->buffer;
    for (; letter < info->lastchar; letter++) {
        char bytes[4];
        if (letter == info->cursor)
            *cursor = text->length;
        if (*letter != L'\n' && !buf_append(text, bytes, keys_encode(bytes, *letter)))
            return false;
    }
    if (letter <= info->cursor)
        *cursor = text->length;
    return true;
}

static void end(struct editor *editor, const char *mark) {
    if (mark) {
        hide(editor);
        lib.cursor(editor->line, INT_MAX / 2);
        lib.set(editor->line, EL_REFRESH);
        fprintf(editor->screen, "%s\r\n", mark);
        fflush(editor->screen);
    }
    lib.set(editor->line, EL_UNBUFFERED, 0);
    is_raw = 0;
}

void editor_end(struct editor *editor, const char *mark) {
    WITH_LOCALE(editor, end(editor, mark));
}

void editor_remember(struct editor *editor, const char *line, size_t length) {
    HistEventW event;
    size_t count = 0;
    wchar_t *letters = calloc(length + 1, sizeof *letters);
    if (!letters)
        return;
    while (length > 0 && *line) {
        size_t size = keys_decode(&letters[count++], line, length);
        line += size;
        length -= size;
    }
    WITH_LOCALE(editor, lib.history(editor->history, &event, H_ENTER, letters));
    free(letters);
}

void editor_leave_raw(void) {
    if (is_raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
}

void editor_enter_raw(void) {
    if (is_raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}
