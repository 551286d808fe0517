/* How a task ends: done, failed or cancelled. */
#include "task/coroutine.h"
#include "task/internal.h"
#include "task/trace.h"
#include "task/watchdog.h"

#include <lauxlib.h>
#include <stdlib.h>

/* Of the usual 8 MiB. Between two checks Lua's own limit of 200 C calls adds half a MiB. */
enum { STACK_DEEP = 1 << 20 };

bool stack_is_deep(const struct kernel *kernel) {
    return kernel->stack - (const char *)__builtin_frame_address(0) > STACK_DEEP;
}

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

static bool is_ancestor(const struct task *task, const struct task *of) {
    while (of && of != task)
        of = of->parent;
    return of != NULL;
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
    } else if (is_ancestor(task, kernel->current)) {
        cancel_later(task); /* after what it spawned, which runs now */
        task_cancel(L, kernel->current);
    } else if (L && !stack_is_deep(kernel) && !watch_is_over(kernel) && lua_checkstack(L, 16))
        task_end(L, task, TASK_CANCELLED, 0);
    else
        cancel_later(task);
}

bool task_interrupt(struct task *task) {
    struct task *current = task->kernel->current;
    struct watch *watch = task->kernel->watch;
    if (!current || current->state != TASK_RUNNING || !is_ancestor(task, current))
        return false;
    current->cancelled = true;
    while (watch && watch->outer)
        watch = watch->outer;
    if (watch)
        watch_trip(watch->L);
    return true;
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

/* What takes memory runs under lua_pcall: at the memory limit a task still ends properly. These are
 * called with the task and its userdata, and what more they name. */
static struct task *protected_task(lua_State *L) {
    return lua_touserdata(L, 1);
}

static int call_protected(lua_State *L, lua_CFunction function, struct task *task, int userdata) {
    lua_pushcfunction(L, function);
    lua_pushlightuserdata(L, task);
    lua_pushvalue(L, userdata);
    lua_rotate(L, -4, 3); /* beneath its last argument */
    return lua_pcall(L, 3, 1, 0);
}

static int closer_text(lua_State *L) {
    struct task *task = protected_task(L);
    trace_message(L, task, 3);
    lua_pushfstring(L, "closing the task %s: %s", task->label, lua_tostring(L, -1));
    return 1;
}

/* Nobody waits for a closer's error: it is told of at once, and the task's own error, which made
 * the closers run, stays what it is. */
static void close_one(lua_State *L, int userdata, struct task *task, lua_State *co) {
    struct kernel *kernel = task->kernel;
    int top = lua_gettop(L);
    bool failed = lua_status(co) > LUA_YIELD;
    if (failed) {
        lua_pushvalue(co, -1);
        lua_xmove(co, L, 1);
    } else
        lua_pushnil(L);
    if (close_thread(kernel, co, task->label) != LUA_OK) {
        lua_xmove(co, L, 1);
        if (!failed || !lua_rawequal(L, -1, -2)) {
            call_protected(L, closer_text, task, userdata);
            kernel->options.uncaught(kernel->options.arg, lua_tostring(L, -1));
            kernel->failures++;
        }
    }
    lua_settop(L, top);
}

/* The script's coroutines that were active in the task, innermost first, then its own. */
static void close_all(lua_State *L, int userdata, struct task *task) {
    for (int i = task->chain_length - 1; i >= 0; i--)
        close_one(L, userdata, task, task->chain[i]);
    task->chain_length = 0;
    close_one(L, userdata, task, task->co);
}

/* Pushes the results, whose number it is called with, as a table with `n`. */
static int pack_results(lua_State *L) {
    struct task *task = protected_task(L);
    int nresults = (int)lua_tointeger(L, 3);
    luaL_checkstack(L, nresults + 2, "too many results");
    lua_createtable(L, nresults, 1);
    lua_xmove(task->co, L, nresults);
    for (int i = nresults; i > 0; i--)
        lua_rawseti(L, 4, i);
    lua_pushinteger(L, nresults);
    lua_setfield(L, 4, "n");
    return 1;
}

static int error_trace(lua_State *L) {
    trace_push(L, protected_task(L), 2, 3);
    return 1;
}

/* Of the error on top of L, which stays there. When there is no memory for a trace, the error that
 * says so is the trace. */
static void keep_trace(lua_State *L, int userdata, struct task *task) {
    lua_pushvalue(L, -1);
    call_protected(L, error_trace, task, userdata);
    lua_setiuservalue(L, userdata, TASK_TRACE);
}

/* Pushes what becomes the task's value: the table of its results, nil, or an error. */
static enum task_state push_value(lua_State *L, int userdata, struct task *task,
                                  enum task_state outcome, int nresults) {
    if (outcome == TASK_DONE && nresults > 0) {
        lua_pushinteger(L, nresults);
        if (call_protected(L, pack_results, task, userdata) != LUA_OK)
            outcome = TASK_FAILED; /* there was no memory for them */
    } else if (outcome != TASK_FAILED)
        lua_pushnil(L);
    if (outcome == TASK_FAILED)
        keep_trace(L, userdata, task);
    return outcome;
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
    release_children(L, task, outcome != TASK_DONE);
    kernel->current = task;
    /* At the memory limit, or the smallest thing would cost a whole collection. */
    kernel->options.reserve(kernel->options.arg, true);
    outcome = push_value(L, userdata, task, outcome, nresults);
    close_all(L, userdata, task); /* nothing of a task that returned; it becomes a dead coroutine */
    lua_setiuservalue(L, userdata, TASK_VALUE); /* was what kept task->co alive */
    kernel->options.reserve(kernel->options.arg, false);
    kernel->current = current;
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
