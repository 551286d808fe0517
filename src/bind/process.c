/* moontide.c.process: the process's surroundings. And os.time, date and clock on the loop's clock.
 */
#include "bind/bind.h"
#include "loop/loop.h"
#include "task/task.h"
#include <lauxlib.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int f_isatty(lua_State *L) {
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

/* Of the terminal that standard output is; nil when it is none. */
static int f_columns(lua_State *L) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 0;
    lua_pushinteger(L, size.ws_col);
    return 1;
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

static void read_piece(void *arg) {
    struct piece *piece = arg;
    piece->length = fread(piece->data, 1, sizeof piece->data, stdin);
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
    } while (piece.length > 0 && length <= SCRIPT_MAX);
    luaL_pushresult(&text);
    return length <= SCRIPT_MAX;
}

static int f_exit_code(lua_State *L) {
    kernel_set_exit_code(kernel_of(L), (int)luaL_checkinteger(L, 1));
    return 0;
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
    {"columns", f_columns},         {"exit_code", f_exit_code}, {"isatty", f_isatty},
    {"read_script", f_read_script}, {"returned", f_returned},   {NULL, NULL},
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
