/* moontide.c.process: the process's surroundings. And os.time, date and clock on the loop's clock.
 */
#include "bind/bind.h"
#include "loop/loop.h"
#include "task/task.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <lauxlib.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int f_isatty(lua_State *L) {
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

/* And lines, of the terminal that standard output is; nil when it is none. */
static int f_columns(lua_State *L) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 0;
    lua_pushinteger(L, size.ws_col);
    lua_pushinteger(L, size.ws_row);
    return 2;
}

static int f_returned(lua_State *L) {
    const struct bind_services *services = bind_services(L);
    services->returned(services->arg);
    return 0;
}

enum { SCRIPT_MAX = 16 << 20 };

struct piece {
    char data[4096];
    size_t length;
};

/* A signal could only be noted meanwhile, for a loop that does not run: it ends the program. */
static void read_piece(void *arg) {
    static const int ends[] = {SIGINT, SIGTERM};
    struct sigaction noted[sizeof ends / sizeof *ends];
    struct piece *piece = arg;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        sigaction(ends[i], &(struct sigaction){.sa_handler = SIG_DFL}, &noted[i]);
    piece->length = fread(piece->data, 1, sizeof piece->data, stdin);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        sigaction(ends[i], &noted[i], NULL);
}

/* The text of a script that comes by standard input; nil when it is longer than 16 MiB. Whoever
 * types it may take longer than a script may block. */
static int f_read_script(lua_State *L) {
    struct piece piece;
    size_t length = 0;
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    do {
        kernel_unwatched(kernel_of(L), read_piece, &piece);
        luaL_addlstring(&text, piece.data, piece.length);
        length += piece.length;
    } while (piece.length == sizeof piece.data && length <= SCRIPT_MAX); /* less: it has ended */
    luaL_pushresult(&text);
    return length <= SCRIPT_MAX;
}

static int f_exit_code(lua_State *L) {
    kernel_set_exit_code(kernel_of(L), (int)luaL_checkinteger(L, 1));
    return 0;
}

static void set_user(lua_State *L, const char *key, uid_t id) {
    const struct passwd *user = getpwuid(id);
    user ? lua_pushstring(L, user->pw_name) : lua_pushfstring(L, "%d", (int)id);
    lua_setfield(L, -2, key);
}

/* Also whether the user whom set_user has named is on the group's list: who has just been put there
 * has it only after the next log-in. */
static void set_group(lua_State *L, gid_t id) {
    const struct group *group = getgrgid(id);
    group ? lua_pushstring(L, group->gr_name) : lua_pushfstring(L, "%d", (int)id);
    lua_setfield(L, -2, "group");
    lua_getfield(L, -1, "user");
    bool listed = false;
    for (char **member = group ? group->gr_mem : NULL; member && *member; member++)
        listed |= strcmp(*member, lua_tostring(L, -1)) == 0;
    lua_pop(L, 1);
    lua_pushboolean(L, listed);
    lua_setfield(L, -2, "listed");
}

/* rights(path) -> {owner, group, mode ("0660"), socket, usable, user (who asks), listed (whether
 * the group's list has him)}; or nil and why. usable: it may be read and written. */
static int f_rights(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    struct stat file;
    char mode[8];
    if (stat(path, &file) != 0) {
        lua_pushnil(L);
        lua_pushstring(L, strerror(errno));
        return 2;
    }
    snprintf(mode, sizeof mode, "%04o", (unsigned)(file.st_mode & 07777));
    lua_createtable(L, 0, 7);
    set_user(L, "owner", file.st_uid);
    set_user(L, "user", geteuid());
    set_group(L, file.st_gid);
    lua_pushstring(L, mode);
    lua_setfield(L, -2, "mode");
    lua_pushboolean(L, S_ISSOCK(file.st_mode));
    lua_setfield(L, -2, "socket");
    lua_pushboolean(L, faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0);
    lua_setfield(L, -2, "usable");
    return 1;
}

/* disk(path) -> bytes that are free for who asks, bytes in all; or nil and why. */
static int f_disk(lua_State *L) {
    struct statvfs disk;
    if (statvfs(luaL_checkstring(L, 1), &disk) != 0) {
        lua_pushnil(L);
        lua_pushstring(L, strerror(errno));
        return 2;
    }
    lua_pushinteger(L, (lua_Integer)disk.f_bavail * (lua_Integer)disk.f_frsize);
    lua_pushinteger(L, (lua_Integer)disk.f_blocks * (lua_Integer)disk.f_frsize);
    return 2;
}

/* The name of this machine. */
static int f_hostname(lua_State *L) {
    char name[HOST_NAME_MAX + 1];
    if (gethostname(name, sizeof name) != 0)
        snprintf(name, sizeof name, "localhost");
    lua_pushstring(L, name);
    return 1;
}

static lua_Integer unix_seconds(lua_State *L) {
    return (lua_Integer)(loop_unix(kernel_loop(kernel_of(L))) / LOOP_SECOND);
}

/* The original is the first upvalue. */
static int f_time(lua_State *L) {
    if (lua_isnoneornil(L, 1)) {
        lua_pushinteger(L, unix_seconds(L));
        return 1;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int f_date(lua_State *L) {
    lua_settop(L, 2);
    if (lua_isnil(L, 1)) {
        lua_pushliteral(L, "%c");
        lua_replace(L, 1);
    }
    if (lua_isnil(L, 2)) {
        lua_pushinteger(L, unix_seconds(L));
        lua_replace(L, 2);
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 2, 1);
    return 1;
}

/* Seconds since the module was opened, not processor time: a simulated day has to show in it. */
static int f_clock(lua_State *L) {
    int64_t since = (int64_t)lua_tointeger(L, lua_upvalueindex(2));
    int64_t ns = loop_now(kernel_loop(kernel_of(L))) - since;
    lua_pushnumber(L, (lua_Number)ns / (lua_Number)LOOP_SECOND);
    return 1;
}

static const luaL_Reg clock_functions[] = {
    {"clock", f_clock},
    {"date", f_date},
    {"time", f_time},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"columns", f_columns},   {"disk", f_disk},     {"exit_code", f_exit_code},
    {"hostname", f_hostname}, {"isatty", f_isatty}, {"read_script", f_read_script},
    {"returned", f_returned}, {"rights", f_rights}, {NULL, NULL},
};

int luaopen_moontide_c_process(lua_State *L) {
    lua_getglobal(L, "os");
    for (const luaL_Reg *f = clock_functions; f->name; f++) {
        lua_getfield(L, -1, f->name);
        lua_pushinteger(L, (lua_Integer)loop_now(kernel_loop(kernel_of(L))));
        lua_pushcclosure(L, f->func, 2);
        lua_setfield(L, -2, f->name);
    }
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    lua_pushliteral(L, MOONTIDE_VERSION);
    lua_setfield(L, -2, "version");
    return 1;
}
