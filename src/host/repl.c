/* moontide.c.repl:
 *
 * open() -> "piped", "plain" or "editor", and a note for the user or nil; or nil, why
 * close()
 * read(prompt) -> "line", text | "long" | "end" | "interrupt" | "tab", text, cursor; waits
 * insert(text), tab_again(): to the line that is typed
 * entry(task or nil): the task that Ctrl-C cancels -> whether it has cancelled the last one
 * remember(line): for the arrow keys
 * history_add(path, line) -> true; or nil, why
 * files(directory) -> list of names, those of directories with "/" */
#include "host/repl.h"

#include "bind/bind.h"
#include "host/editor.h"
#include "host/history.h"
#include "host/streams.h"
#include "host/terminal.h"
#include "task/task.h"
#include <dirent.h>
#include <errno.h>
#include <lauxlib.h>
#include <lualib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define ENTRY   "moontide.repl.entry"
#define STREAMS "moontide.repl.streams"

enum { IO_STREAMS = 3 };

static struct {
    struct task *reader;
    enum terminal_event event;
    struct task *volatile entry; /* alive: the registry holds it */
    struct kernel *kernel;
    bool interrupted;
    volatile sig_atomic_t hit, hit_untold; /* Ctrl-C came while the entry ran, not waited */
    struct sigaction signal_before;
    struct kernel *reserve_of;   /* NULL: the reserve is closed */
    luaL_Stream *io[IO_STREAMS]; /* the registry holds them, too */
} repl;

/* io.stdin, stdout and stderr become the streams that the globals of C are. */
static void take_io(lua_State *L) {
    static const char *const names[] = {"stdin", "stdout", "stderr"};
    lua_createtable(L, IO_STREAMS, 0);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, LUA_IOLIBNAME);
    for (int i = 0; i < IO_STREAMS; i++) {
        lua_getfield(L, -1, names[i]);
        repl.io[i] = luaL_testudata(L, -1, LUA_FILEHANDLE);
        lua_rawseti(L, -4, i + 1);
    }
    lua_pop(L, 2);
    lua_setfield(L, LUA_REGISTRYINDEX, STREAMS);
}

static void change_io(void) {
    for (int i = 0; i < IO_STREAMS; i++)
        if (repl.io[i])
            repl.io[i]->f = streams_other(repl.io[i]->f);
}

static int fail(lua_State *L) {
    lua_pushnil(L);
    lua_pushstring(L, strerror(errno));
    return 2;
}

/* A loop that does not wait would only be told when its budget is over. */
static void on_interrupt(int signum) {
    if (repl.entry && task_interrupt(repl.entry))
        repl.hit = repl.hit_untold = 1;
    repl.signal_before.sa_handler(signum);
}

static void poll_input(void *arg) {
    static const int ends[] = {SIGINT, SIGTERM, SIGQUIT, SIGTSTP, SIGHUP};
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    bool *is_there = arg;
    sigset_t others;
    sigfillset(&others);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        sigdelset(&others, ends[i]);
    *is_there = ppoll(&input, 1, NULL, &others) > 0;
}

/* Whoever types may take longer than a script may block. */
static bool wait_for_input(void) {
    bool is_there;
    kernel_unwatched(repl.kernel, poll_input, &is_there);
    if (repl.hit && repl.entry) /* there was no watch to trip */
        task_interrupt(repl.entry);
    return is_there;
}

struct opening {
    struct loop *loop;
    const char *note;
    bool done;
};

/* It loads a library, which may take longer than a script may. */
static void open_terminal(void *arg) {
    struct opening *opening = arg;
    opening->done = terminal_open(opening->loop, wait_for_input, &opening->note);
}

static int f_open(lua_State *L) {
    static const char *const kinds[] = {
        [TERMINAL_PIPED] = "piped", [TERMINAL_PLAIN] = "plain", [TERMINAL_EDITOR] = "editor"};
    if (terminal_is_open())
        return luaL_error(L, "repl.open: there is one already");
    take_io(L);
    struct opening opening = {.loop = kernel_loop(kernel_of(L))};
    kernel_unwatched(kernel_of(L), open_terminal, &opening);
    if (!opening.done)
        return fail(L);
    repl.kernel = kernel_of(L);
    sigaction(SIGINT, NULL, &repl.signal_before);
    struct sigaction action = repl.signal_before;
    action.sa_handler = on_interrupt;
    if (terminal_kind() != TERMINAL_PIPED)
        sigaction(SIGINT, &action, NULL);
    change_io();
    lua_pushstring(L, kinds[terminal_kind()]);
    lua_pushstring(L, opening.note);
    return 2;
}

void repl_close(void) {
    if (!terminal_is_open())
        return;
    sigaction(SIGINT, &repl.signal_before, NULL);
    change_io();
    terminal_close();
    memset(&repl, 0, sizeof repl);
}

static int f_close(lua_State *L) {
    (void)L;
    repl_close();
    return 0;
}

static void on_ready(void *arg, enum terminal_event event) {
    (void)arg;
    repl.event = event;
    task_wake(repl.reader);
    repl.reader = NULL;
}

static void on_cancel(void *arg) {
    (void)arg;
    repl.reader = NULL;
    terminal_give_up();
}

static int after_read(lua_State *L, int status, lua_KContext context) {
    static const char *const names[] = {
        [TERMINAL_LINE] = "line",           [TERMINAL_LONG] = "long", [TERMINAL_END] = "end",
        [TERMINAL_INTERRUPT] = "interrupt", [TERMINAL_TAB] = "tab",
    };
    (void)status, (void)context;
    lua_pushstring(L, names[repl.event]);
    if (repl.event != TERMINAL_LINE && repl.event != TERMINAL_TAB)
        return 1;
    size_t length, cursor;
    const char *text = terminal_text(&length, &cursor);
    lua_pushlstring(L, text, length);
    lua_pushinteger(L, (lua_Integer)cursor);
    return 3;
}

static int f_read(lua_State *L) {
    const char *prompt = luaL_checkstring(L, 1);
    task_check_wait(L, "repl.read");
    if (!terminal_is_open() || repl.reader)
        return luaL_error(L, "repl.read: %s", repl.reader ? "a task reads already" : "not open");
    bind_services(L)->headroom(bind_services(L)->arg);
    repl.reader = task_running(L);
    repl.interrupted = false;
    terminal_read(prompt, on_ready, NULL);
    return task_wait(L, on_cancel, NULL, 0, after_read);
}

static int f_insert(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    terminal_insert(text, length);
    return 0;
}

static int f_tab_again(lua_State *L) {
    (void)L;
    terminal_tab_again();
    return 0;
}

static int f_entry(lua_State *L) {
    bool interrupted = repl.interrupted || repl.hit;
    repl.hit = 0;
    lua_settop(L, 1);
    repl.entry = lua_isnil(L, 1) ? NULL : luaL_checkudata(L, 1, "moontide.task");
    repl.interrupted = false;
    lua_setfield(L, LUA_REGISTRYINDEX, ENTRY);
    lua_pushboolean(L, interrupted);
    return 1;
}

bool repl_interrupt(void) {
    if (!terminal_is_open() || terminal_kind() == TERMINAL_PIPED)
        return false;
    if (repl.hit_untold) {
        repl.hit_untold = 0; /* a child of the entry may be what has ended */
        if (repl.entry)
            task_cancel(NULL, repl.entry);
        return true;
    }
    if (!repl.entry && terminal_interrupt())
        return true;
    if (repl.interrupted)
        return false; /* it does not end: then all does */
    repl.interrupted = true;
    if (repl.entry)
        task_cancel(NULL, repl.entry);
    return true;
}

void repl_restore_terminal(void) {
    editor_leave_raw();
}

static int f_remember(lua_State *L) {
    size_t length;
    const char *line = luaL_checklstring(L, 1, &length);
    terminal_remember(line, length);
    return 0;
}

static int f_history_add(lua_State *L) {
    size_t length;
    const char *path = luaL_checkstring(L, 1), *line = luaL_checklstring(L, 2, &length);
    if (!history_add(path, line, length))
        return fail(L);
    lua_pushboolean(L, 1);
    return 1;
}

static int files_close(lua_State *L) {
    DIR **directory = lua_touserdata(L, 1);
    if (*directory)
        closedir(*directory);
    *directory = NULL;
    return 0;
}

static int f_files(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    DIR **directory = lua_newuserdatauv(L, sizeof(DIR *), 0);
    *directory = NULL;
    lua_newtable(L);
    lua_pushcfunction(L, files_close);
    lua_setfield(L, -2, "__close");
    lua_setmetatable(L, -2);
    lua_toclose(L, -1);
    lua_newtable(L);
    *directory = opendir(path);
    struct dirent *file;
    for (lua_Integer i = 1; *directory && (file = readdir(*directory)); i++) {
        lua_pushfstring(L, "%s%s", file->d_name, file->d_type == DT_DIR ? "/" : "");
        lua_rawseti(L, -2, i);
    }
    return 1;
}

static const luaL_Reg functions[] = {
    {"close", f_close},
    {"entry", f_entry},
    {"files", f_files},
    {"insert", f_insert},
    {"history_add", f_history_add},
    {"open", f_open},
    {"read", f_read},
    {"remember", f_remember},
    {"tab_again", f_tab_again},
    {NULL, NULL},
};

int luaopen_moontide_c_repl(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
