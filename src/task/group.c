/* Groups: a scope for tasks, from which their ends are taken in the order in which they come. */
#include "task/internal.h"

#include <lauxlib.h>
#include <string.h>

struct group *group_new(lua_State *L) {
    struct group *group = lua_newuserdatauv(L, sizeof *group, 1);
    memset(group, 0, sizeof *group);
    luaL_setmetatable(L, "moontide.group");
    lua_newtable(L);
    lua_setiuservalue(L, -2, 1);
    return group;
}

void group_keep(lua_State *L, int index) {
    struct task *task = lua_touserdata(L, -1);
    task->group = lua_touserdata(L, index);
    lua_getiuservalue(L, index, 1);
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, task);
    lua_pop(L, 1);
    lua_pushvalue(L, index);
    lua_setiuservalue(L, -2, TASK_GROUP);
}

static int take(lua_State *L, int index) {
    struct group *group = lua_touserdata(L, index);
    struct task *task = OF(group->ended, struct task, member);
    link_remove(&task->member);
    task->group = NULL;
    lua_getiuservalue(L, index, 1);
    lua_rawgetp(L, -1, task);
    lua_pushnil(L);
    lua_rawsetp(L, -3, task);
    return 1;
}

static void forget_waiter(void *arg) {
    struct group *group = arg;
    group->waiter = NULL;
}

static int after_next(lua_State *L, int status, lua_KContext index) {
    (void)status;
    return group_next(L, (int)index); /* another task may have taken it meanwhile */
}

int group_next(lua_State *L, int index) {
    struct group *group = lua_touserdata(L, index);
    if (group->ended)
        return take(L, index);
    if (!group->members) {
        lua_pushnil(L);
        return 1;
    }
    task_check_wait(L, "group:next");
    if (group->waiter)
        luaL_error(L, "group:next: another task waits for this group already");
    group->waiter = task_running(L);
    return task_wait(L, forget_waiter, group, index, after_next);
}

void group_close(lua_State *L, struct group *group) {
    const struct task *stays = NULL; /* the first that cannot be ended here and now */
    while (group->members) {
        struct task *task = OF(group->members, struct task, member);
        if (task == stays)
            return;
        task_cancel(L, task);
        if (task->member.list != &group->members)
            continue;
        link_remove(&task->member);
        link_push(&group->members, &task->member);
        if (!stays)
            stays = task;
    }
}
