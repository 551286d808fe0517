/* moontide.c.task: spawn, group, sleep; what mt.all, map, race and timeout are made of. */
#include "task/task.h"

#include "bind/bind.h"
#include "loop/loop.h"
#include <lauxlib.h>

static struct task *check_task(lua_State *L) {
    return luaL_checkudata(L, 1, "moontide.task");
}

static int f_spawn(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    task_spawn(L, lua_gettop(L) - 1, 0);
    return 1;
}

/* spawn_for(parent or nil, fn, ...): as if that task had spawned it. */
static int f_spawn_for(lua_State *L) {
    struct task *parent = lua_isnil(L, 1) ? NULL : check_task(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    task_adopt(task_spawn(L, lua_gettop(L) - 2, 0), parent);
    return 1;
}

static int f_running(lua_State *L) {
    task_push_running(L);
    return 1;
}

static int f_sleep(lua_State *L) {
    lua_Number seconds = luaL_checknumber(L, 1);
    luaL_argcheck(L, seconds >= 0, 1, "seconds expected");
    task_check_wait(L, "mt.sleep");
    lua_settop(L, 0);
    return task_sleep(L, bind_ns(seconds));
}

static int f_now(lua_State *L) {
    int64_t ns = loop_unix(kernel_loop(kernel_of(L)));
    lua_pushnumber(L, (lua_Number)ns / (lua_Number)LOOP_SECOND);
    return 1;
}

static int f_monotonic(lua_State *L) {
    int64_t ns = loop_now(kernel_loop(kernel_of(L)));
    lua_pushnumber(L, (lua_Number)ns / (lua_Number)LOOP_SECOND);
    return 1;
}

static int f_group(lua_State *L) {
    group_new(L);
    return 1;
}

static int task_f_join(lua_State *L) {
    check_task(L);
    lua_settop(L, 1);
    return task_join(L, 1);
}

static int task_f_cancel(lua_State *L) {
    task_cancel(L, check_task(L));
    return 0;
}

static int task_f_status(lua_State *L) {
    lua_pushstring(L, task_status(check_task(L)));
    return 1;
}

static int task_f_raise(lua_State *L) {
    check_task(L);
    lua_settop(L, 1);
    return task_raise(L, 1);
}

static int task_f_trace(lua_State *L) {
    check_task(L);
    task_trace(L, 1);
    return 1;
}

static int task_f_tostring(lua_State *L) {
    struct task *task = check_task(L);
    lua_pushfstring(L, "task %s (%s)", task_label(task), task_status(task));
    return 1;
}

static struct group *check_group(lua_State *L) {
    return luaL_checkudata(L, 1, "moontide.group");
}

static int group_f_spawn(lua_State *L) {
    check_group(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    task_spawn(L, lua_gettop(L) - 2, 1);
    return 1;
}

static int group_f_next(lua_State *L) {
    check_group(L);
    lua_settop(L, 1);
    return group_next(L, 1);
}

static int group_f_close(lua_State *L) {
    group_close(L, check_group(L));
    return 0;
}

static const luaL_Reg task_methods[] = {
    {"cancel", task_f_cancel}, {"join", task_f_join},   {"raise", task_f_raise},
    {"status", task_f_status}, {"trace", task_f_trace}, {NULL, NULL},
};

static const luaL_Reg group_methods[] = {
    {"close", group_f_close},
    {"next", group_f_next},
    {"spawn", group_f_spawn},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"group", f_group},
    {"monotonic", f_monotonic},
    {"now", f_now},
    {"running", f_running},
    {"sleep", f_sleep},
    {"spawn", f_spawn},
    {"spawn_for", f_spawn_for},
    {NULL, NULL},
};

static void new_class(lua_State *L, const char *name, const luaL_Reg *methods) {
    luaL_newmetatable(L, name);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
}

int luaopen_moontide_c_task(lua_State *L) {
    new_class(L, "moontide.task", task_methods);
    lua_pushcfunction(L, task_f_tostring);
    lua_setfield(L, -2, "__tostring");
    new_class(L, "moontide.group", group_methods);
    lua_pushcfunction(L, group_f_close);
    lua_setfield(L, -2, "__close");
    lua_settop(L, 0);
    luaL_newlib(L, functions);
    return 1;
}
