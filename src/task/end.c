/* How a task ends: done, failed or cancelled. */
#include "task/internal.h"

#include <lauxlib.h>
#include <stdlib.h>

/* Nested ends run on the C stack; deeper ones are left to the ready list. */
enum { CLOSING_DEPTH = 32 };

int close_thread(struct kernel *kernel, lua_State *co, const char *label) {
    struct watch watch;
    lua_sethook(co, NULL, 0, 0);
    *co_extra(co) &= ~CO_WAITING;
    watch_enter(kernel, &watch, co, CLOSERS_BUDGET, label, true);
#if LUA_VERSION_RELEASE_NUM >= 50406
    int status = lua_closethread(co, kernel->L);
#else
    int status = lua_resetthread(co);
#endif
    watch_leave(kernel);
    lua_sethook(co, NULL, 0, 0);
    return status;
}

/* Marks it; the ready list ends it. What it waited for is called off at once. */
static void cancel_later(struct task *task) {
    task->cancelled = true;
    if (task->state == TASK_WAITING) {
        void (*on_cancel)(void *) = task->on_cancel;
        void *arg = task->cancel_arg;
        task_wake(task);
        if (on_cancel)
            on_cancel(arg);
    }
}

void task_cancel(lua_State *L, struct task *task) {
    struct kernel *kernel = task->kernel;
    if (task->state >= TASK_CLOSING)
        return;
    if (task->state == TASK_RUNNING) {
        task->cancelled = true;
        struct watch *watch = kernel->watch;
        while (watch && watch->outer)
            watch = watch->outer;
        if (watch)
            watch_trip(watch->L);
    } else if (L && kernel->closing_depth < CLOSING_DEPTH)
        task_end(L, task, TASK_CANCELLED, 0);
    else
        cancel_later(task);
}

/* Those of a task that returned go on, one level higher; else they end with it. */
static void release_children(lua_State *L, struct task *task, bool cancel) {
    while (task->children) {
        struct task *child = OF(task->children, struct task, sibling);
        struct task *heir = task->parent;
        link_remove(&child->sibling);
        child->parent = heir;
        link_push(heir ? &heir->children : &task->kernel->roots, &child->sibling);
        if (cancel)
            task_cancel(L, child);
    }
}

/* Closes the script's coroutines that were active in the task, innermost first, then its own. A
 * closer's error is left on top of co's stack, as the task's error is. */
static int close_all(struct task *task) {
    for (int i = task->chain_length - 1; i >= 0; i--)
        close_thread(task->kernel, task->chain[i], task->label);
    task->chain_length = 0;
    return close_thread(task->kernel, task->co, task->label);
}

/* The results as a table with `n`, or the error; co's stack is gone afterwards. */
static void keep_results(lua_State *L, int userdata, struct task *task, int nresults) {
    if (nresults == 0)
        lua_pushnil(L);
    else {
        luaL_checkstack(L, nresults + 2, "too many results");
        lua_createtable(L, nresults, 1);
        lua_xmove(task->co, L, nresults);
        for (int i = nresults; i > 0; i--)
            lua_rawseti(L, -i - 1, i);
        lua_pushinteger(L, nresults);
        lua_setfield(L, -2, "n");
    }
    lua_setiuservalue(L, userdata, TASK_VALUE);
}

static void report(lua_State *L, int userdata, struct task *task) {
    lua_getiuservalue(L, userdata, TASK_TRACE);
    task->kernel->options.uncaught(task->kernel->options.arg, lua_tostring(L, -1));
    lua_pop(L, 1);
    task->reported = true;
    task->kernel->failures++;
}

static void tell(lua_State *L, int userdata, struct task *task) {
    bool taken = task->joiners || task->group;
    while (task->joiners)
        task_wake(OF(task->joiners, struct task, queue));
    if (task->group) {
        struct group *group = task->group;
        link_remove(&task->member);
        link_push(&group->ended, &task->member);
        if (group->waiter)
            task_wake(group->waiter);
        group->waiter = NULL;
    }
    if (task->state == TASK_FAILED && !taken)
        report(L, userdata, task);
}

/* The error is on top of L. A closer that fails replaces it, as in Lua. */
static void conclude_failed(lua_State *L, int userdata, struct task *task) {
    trace_push(L, task, userdata, lua_gettop(L));
    lua_setiuservalue(L, userdata, TASK_TRACE);
    if (close_all(task) != LUA_OK) {
        lua_pop(L, 1);
        lua_xmove(task->co, L, 1);
    }
    lua_setiuservalue(L, userdata, TASK_VALUE);
}

/* Nobody waits for a cancelled task's error, so one of its closers is told of at once. */
static void conclude_cancelled(lua_State *L, struct task *task) {
    if (close_all(task) == LUA_OK)
        return;
    lua_xmove(task->co, L, 1);
    trace_message(L, task, lua_gettop(L));
    lua_pushfstring(L, "closing the cancelled task %s: %s", task->label, lua_tostring(L, -1));
    task->kernel->options.uncaught(task->kernel->options.arg, lua_tostring(L, -1));
    lua_pop(L, 3);
}

void task_end(lua_State *L, struct task *task, enum task_state outcome, int nresults) {
    struct kernel *kernel = task->kernel;
    struct task *current = kernel->current;
    luaL_checkstack(L, 8, "ending a task");
    if (task->state == TASK_WAITING && task->on_cancel)
        task->on_cancel(task->cancel_arg);
    task->on_cancel = NULL;
    task->state = TASK_CLOSING;
    link_remove(&task->queue);
    loop_disarm(kernel->loop, &task->sleep);
    lua_rawgeti(L, LUA_REGISTRYINDEX, kernel->anchors);
    lua_rawgetp(L, -1, task);
    if (outcome == TASK_FAILED)
        lua_rotate(L, -3, -1); /* the error above them */
    int userdata = lua_gettop(L) - (outcome == TASK_FAILED);
    kernel->closing_depth++;
    release_children(L, task, outcome != TASK_DONE);
    kernel->current = task;
    if (outcome == TASK_DONE)
        keep_results(L, userdata, task, nresults);
    else if (outcome == TASK_FAILED)
        conclude_failed(L, userdata, task);
    else
        conclude_cancelled(L, task);
    kernel->current = current;
    kernel->closing_depth--;
    task->state = outcome;
    task->co = NULL;
    free(task->chain);
    task->chain = NULL;
    link_remove(&task->sibling);
    kernel->living--;
    tell(L, userdata, task);
    lua_pushnil(L);
    lua_rawsetp(L, userdata - 1, task);
    lua_settop(L, userdata - 2);
}
