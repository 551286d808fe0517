/* Errors as text for people. An error object may be the script's, and its __tostring hostile. */
#include "task/trace.h"
#include "task/internal.h"
#include "task/watchdog.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

static int protected_tostring(lua_State *L) {
    luaL_tolstring(L, 1, NULL);
    return 1;
}

/* In a coroutine of its own, under the closers' budget. */
static bool convert(lua_State *L, struct task *task, int index) {
    struct watch watch;
    int nresults = 0;
    lua_State *co = lua_newthread(L);
    lua_sethook(co, NULL, 0, 0);
    lua_pushcfunction(co, protected_tostring);
    lua_pushvalue(L, index);
    lua_xmove(L, co, 1);
    watch_enter(task->kernel, &watch, co, CLOSERS_BUDGET, task->label, true);
    int status = lua_resume(co, L, 1, &nresults);
    watch_leave(task->kernel);
    if (status != LUA_OK || nresults != 1 || lua_type(co, -1) != LUA_TSTRING) {
        lua_pop(L, 1);
        return false;
    }
    lua_xmove(co, L, 1);
    lua_remove(L, -2);
    return true;
}

void trace_message(lua_State *L, struct task *task, int index) {
    if (lua_type(L, index) == LUA_TSTRING || lua_type(L, index) == LUA_TNUMBER)
        lua_pushfstring(L, "%s", lua_tostring(L, index));
    else if (lua_isnil(L, index))
        lua_pushliteral(L, "nil (error was called without a message)");
    else if (luaL_getmetafield(L, index, "__tostring") == LUA_TNIL)
        lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, index));
    else {
        lua_pop(L, 1);
        if (!convert(L, task, index))
            lua_pushfstring(L, "(error object is a %s value; its __tostring failed)",
                            luaL_typename(L, index));
    }
}

/* The text of the task that raised this error first, when it was passed on by task_raise. */
static bool push_cause(lua_State *L, int userdata, int index) {
    if (lua_getiuservalue(L, userdata, TASK_CAUSE) != LUA_TUSERDATA) {
        lua_pop(L, 1);
        return false;
    }
    lua_getiuservalue(L, -1, TASK_VALUE);
    bool same = lua_rawequal(L, -1, index);
    lua_getiuservalue(L, -2, TASK_TRACE);
    lua_insert(L, -3);
    lua_pop(L, 2);
    if (same && lua_isstring(L, -1))
        return true;
    lua_pop(L, 1);
    return false;
}

void trace_push(lua_State *L, struct task *task, int userdata, int index) {
    if (!push_cause(L, userdata, index))
        trace_message(L, task, index);
    for (int i = task->chain_length; i >= 0; i--) {
        lua_State *co = i > 0 ? task->chain[i - 1] : task->co;
        luaL_traceback(L, co, lua_tostring(L, -1), 0);
        lua_remove(L, -2);
    }
}

void trace_label(lua_State *L, int index, char *label, size_t size) {
    lua_Debug ar;
    lua_pushvalue(L, index);
    lua_getinfo(L, ">S", &ar);
    const char *slash = strrchr(ar.short_src, '/');
    const char *name = slash ? slash + 1 : ar.short_src;
    if (ar.linedefined > 0)
        snprintf(label, size, "%s:%d", name, ar.linedefined);
    else
        snprintf(label, size, "%s", name);
}
