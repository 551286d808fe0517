/* A Lua module for spec/support/pty.lua: programs on pseudo-terminals. It is compiled when it is
 * needed.
 *
 * open(argv, env, columns, rows) -> fd, pid
 * read(fd, seconds) -> bytes; "" at the end; nil when nothing came in time
 * write(fd, bytes), resize(fd, columns, rows), close(fd)
 * modes(fd) -> whether lines are edited by the terminal, and echoed
 * kill(pid, signal), wait(pid) -> exit code or 128 + signal, nil while it runs
 * now() -> seconds; sleep(seconds) */
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { WORDS = 256 };

static void take_words(lua_State *L, int index, char **words) {
    int n = (int)luaL_len(L, index);
    luaL_argcheck(L, n < WORDS, index, "too many words");
    for (int i = 0; i < n; i++) {
        lua_rawgeti(L, index, i + 1);
        words[i] = (char *)lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    words[n] = NULL;
}

static int f_open(lua_State *L) {
    char *argv[WORDS], *env[WORDS];
    struct winsize size = {.ws_col = (unsigned short)luaL_checkinteger(L, 3),
                           .ws_row = (unsigned short)luaL_checkinteger(L, 4)};
    int fd;
    take_words(L, 1, argv);
    take_words(L, 2, env);
    pid_t pid = forkpty(&fd, NULL, NULL, &size);
    if (pid < 0)
        return luaL_error(L, "forkpty: %s", strerror(errno));
    if (pid == 0) {
        execve(argv[0], argv, env);
        _exit(127);
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    lua_pushinteger(L, fd);
    lua_pushinteger(L, pid);
    return 2;
}

static int f_read(lua_State *L) {
    static char bytes[65536];
    int fd = (int)luaL_checkinteger(L, 1);
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    if (poll(&wanted, 1, (int)(luaL_checknumber(L, 2) * 1000)) <= 0)
        return 0;
    ssize_t n = read(fd, bytes, sizeof bytes);
    lua_pushlstring(L, bytes, n > 0 ? (size_t)n : 0); /* EIO: nobody has the other side open */
    return 1;
}

static int f_write(lua_State *L) {
    size_t length, done = 0;
    int fd = (int)luaL_checkinteger(L, 1);
    const char *bytes = luaL_checklstring(L, 2, &length);
    ssize_t n = write(fd, bytes, length > 4096 ? 4096 : length);
    done += n > 0 ? (size_t)n : 0;
    lua_pushinteger(L, (lua_Integer)done);
    return 1;
}

static int f_resize(lua_State *L) {
    struct winsize size = {.ws_col = (unsigned short)luaL_checkinteger(L, 2),
                           .ws_row = (unsigned short)luaL_checkinteger(L, 3)};
    ioctl((int)luaL_checkinteger(L, 1), TIOCSWINSZ, &size);
    return 0;
}

static int f_modes(lua_State *L) {
    struct termios modes;
    if (tcgetattr((int)luaL_checkinteger(L, 1), &modes) != 0)
        return 0;
    lua_pushboolean(L, (modes.c_lflag & ICANON) != 0);
    lua_pushboolean(L, (modes.c_lflag & ECHO) != 0);
    return 2;
}

static int f_close(lua_State *L) {
    close((int)luaL_checkinteger(L, 1));
    return 0;
}

static int f_kill(lua_State *L) {
    kill((pid_t)luaL_checkinteger(L, 1), (int)luaL_checkinteger(L, 2));
    return 0;
}

static int f_wait(lua_State *L) {
    int status;
    if (waitpid((pid_t)luaL_checkinteger(L, 1), &status, WNOHANG) <= 0)
        return 0;
    lua_pushinteger(L, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    return 1;
}

static int f_sleep(lua_State *L) {
    poll(NULL, 0, (int)(luaL_checknumber(L, 1) * 1000));
    return 0;
}

static int f_now(lua_State *L) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec / 1e9);
    return 1;
}

static const luaL_Reg functions[] = {
    {"close", f_close},   {"kill", f_kill},   {"modes", f_modes}, {"now", f_now},
    {"open", f_open},     {"read", f_read},   {"sleep", f_sleep}, {"wait", f_wait},
    {"resize", f_resize}, {"write", f_write}, {NULL, NULL},
};

int luaopen_pty(lua_State *L);
int luaopen_pty(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
