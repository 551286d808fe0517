/* Library functions that a hook cannot interrupt, or that would let a script outlive the watchdog,
 * with checks in front. The originals are upvalues. */
#include "task/coroutine.h"
#include "task/internal.h"
#include "task/watchdog.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>

/* Elements that table.move, insert and remove may shift in one call: about 0.2 s. */
#define SHIFT_MAX INT64_C(10000000)

static int original(lua_State *L) {
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

static void check_shift(lua_State *L, const char *name, lua_Integer from, lua_Integer to) {
    if (to > from && (lua_Unsigned)to - (lua_Unsigned)from >= (lua_Unsigned)SHIFT_MAX)
        luaL_error(L, "%s: would move more than %d elements", name, (int)SHIFT_MAX);
}

/* string.rep("", 1e15) loops for nothing; anything longer meets the memory limit. */
static int f_rep(lua_State *L) {
    size_t length, separator;
    luaL_checklstring(L, 1, &length);
    luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &separator);
    if (length + separator > 0)
        return original(L);
    lua_pushliteral(L, "");
    return 1;
}

static int f_move(lua_State *L) {
    check_shift(L, "table.move", luaL_checkinteger(L, 2), luaL_checkinteger(L, 3));
    return original(L);
}

static int f_insert(lua_State *L) {
    if (lua_gettop(L) == 3 && lua_istable(L, 1))
        check_shift(L, "table.insert", luaL_checkinteger(L, 2), luaL_len(L, 1));
    return original(L);
}

static int f_remove(lua_State *L) {
    if (lua_gettop(L) >= 2 && lua_istable(L, 1))
        check_shift(L, "table.remove", luaL_checkinteger(L, 2), luaL_len(L, 1));
    return original(L);
}

static int f_concat(lua_State *L) {
    if (lua_istable(L, 1) && luaL_getmetafield(L, 1, "__len") != LUA_TNIL) {
        lua_pop(L, 1);
        check_shift(L, "table.concat", luaL_optinteger(L, 3, 1),
                    lua_isnoneornil(L, 4) ? luaL_len(L, 1) : luaL_checkinteger(L, 4));
    }
    return original(L);
}

/* The collector runs finalizers with hooks off: an endless one could not be stopped. And what is of
 * one type in C must not pass for another (debug.setmetatable). */
static int f_setmetatable(lua_State *L) {
    luaL_argcheck(L, lua_type(L, 1) != LUA_TUSERDATA, 1, "the metatable of userdata is fixed");
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "setmetatable: __gc is not available in scripts; use a local with "
                                 "the attribute <close> and a __close metamethod");
        lua_pop(L, 1);
    }
    return original(L);
}

/* debug.getupvalue, setupvalue: the upvalues of C functions are what they guard and rely on. */
static int f_upvalue(lua_State *L) {
    return lua_iscfunction(L, 1) ? 0 : original(L);
}

static int f_handler(lua_State *L) {
    struct kernel *kernel = kernel_of(L);
    if (kernel->watch && kernel->watch->tripped) {
        lua_settop(L, 1);
        return 1;
    }
    return original(L);
}

static int after_xpcall(lua_State *L, int status, lua_KContext context) {
    (void)context;
    bool ok = status == LUA_OK || status == LUA_YIELD;
    if (!ok) {
        lua_pushboolean(L, 0);
        lua_insert(L, -2);
        return 2;
    }
    return lua_gettop(L) - 2; /* without function and handler */
}

/* As Lua's, but the handler does not run once the script is over its budget. */
static int f_xpcall(lua_State *L) {
    int n = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, f_handler, 1);
    lua_replace(L, 2);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2);
    return after_xpcall(L, lua_pcallk(L, n - 2, LUA_MULTRET, 2, 0, after_xpcall), 0);
}

/* os.exit ends in order: closers run, and nothing of the script runs on. */
static int f_exit(lua_State *L) {
    struct kernel *kernel = kernel_of(L);
    int code = EXIT_SUCCESS;
    if (lua_isboolean(L, 1))
        code = lua_toboolean(L, 1) ? EXIT_SUCCESS : EXIT_FAILURE;
    else
        code = (int)(luaL_optinteger(L, 1, EXIT_SUCCESS) & 0xff);
    kernel_exit(kernel, code, 5 * LOOP_SECOND);
    if (kernel->current)
        task_cancel(L, kernel->current);
    return 0;
}

static void guard(lua_State *L, const char *library, const char *name, lua_CFunction function) {
    if (library)
        lua_getglobal(L, library);
    else
        lua_pushglobaltable(L);
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

void guards_open(lua_State *L) {
    guard(L, LUA_STRLIBNAME, "rep", f_rep);
    guard(L, LUA_TABLIBNAME, "move", f_move);
    guard(L, LUA_TABLIBNAME, "insert", f_insert);
    guard(L, LUA_TABLIBNAME, "remove", f_remove);
    guard(L, LUA_TABLIBNAME, "concat", f_concat);
    guard(L, NULL, "setmetatable", f_setmetatable);
    guard(L, LUA_DBLIBNAME, "setmetatable", f_setmetatable);
    guard(L, NULL, "xpcall", f_xpcall);
    guard(L, LUA_OSLIBNAME, "exit", f_exit);
    guard(L, LUA_DBLIBNAME, "getupvalue", f_upvalue);
    guard(L, LUA_DBLIBNAME, "setupvalue", f_upvalue);
    /* They would take away the watchdog, or what the C code relies on. */
    static const char *const refused[] = {"getregistry", "sethook", "setuservalue"};
    lua_getglobal(L, LUA_DBLIBNAME);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        lua_pushnil(L);
        lua_setfield(L, -2, refused[i]);
    }
    lua_pop(L, 1);
}
