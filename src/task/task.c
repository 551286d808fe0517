/* Spawning, waiting, joining. */
#include "task/coroutine.h"
#include "task/internal.h"
#include "task/trace.h"
#include "task/watchdog.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>

static void anchor(lua_State *L, struct kernel *kernel, struct task *task) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, kernel->anchors);
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, task);
    lua_pop(L, 1);
}

struct task *task_spawn(lua_State *L, int nargs, int group) {
    struct kernel *kernel = kernel_of(L);
    struct task *current = kernel->current;
    int function = lua_gettop(L) - nargs;
    if (kernel->over)
        luaL_error(L, "the program is ending: no task can be spawned any more");
    luaL_checkstack(L, 4, "spawning a task");
    struct task *task = lua_newuserdatauv(L, sizeof *task, TASK_VALUES);
    memset(task, 0, sizeof *task);
    luaL_setmetatable(L, "moontide.task");
    task->kernel = kernel;
    task->state = TASK_DONE; /* until all that may raise is done */
    trace_label(L, function, task->label, sizeof task->label);
    task->co = lua_newthread(L);
    *co_extra(task->co) = (uintptr_t)kernel | CO_WAITING;
    lua_sethook(task->co, NULL, 0, 0);
    lua_setiuservalue(L, -2, TASK_VALUE);
    if (!lua_checkstack(task->co, nargs + 1))
        luaL_error(L, "too many arguments for a task");
    if (group)
        group_keep(L, group);
    anchor(L, kernel, task);
    lua_insert(L, function);
    lua_xmove(L, task->co, nargs + 1);
    /* A closer's task outlives the task that is being closed. */
    task->parent = current && current->state == TASK_RUNNING ? current : NULL;
    link_push(task->parent ? &task->parent->children : &kernel->roots, &task->sibling);
    if (group)
        link_push(&task->group->members, &task->member);
    kernel->living++;
    task_wake(task);
    return task;
}

void task_adopt(struct task *task, struct task *parent) {
    bool lives = parent && parent->state < TASK_CLOSING;
    link_remove(&task->sibling);
    task->parent = lives ? parent : NULL;
    link_push(lives ? &parent->children : &task->kernel->roots, &task->sibling);
}

void task_push_running(lua_State *L) {
    const struct kernel *kernel = kernel_of(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, kernel->anchors);
    lua_rawgetp(L, -1, kernel->current); /* nothing is kept at NULL */
    lua_remove(L, -2);
}

/* Raises with the position of the script's line, not of the library's function that it called. */
static noreturn void refuse(lua_State *L, const char *what, const char *why) {
    lua_Debug ar;
    const char *position = "";
    for (int level = 1; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0 && strncmp(ar.source, "=moontide/", 10) != 0) {
            position = lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
            break;
        }
    }
    lua_pushfstring(L, "%s%s: %s", position, what, why);
    lua_error(L);
    abort(); /* lua_error does not return, but does not say so */
}

void task_check_wait(lua_State *L, const char *what) {
    struct kernel *kernel = kernel_of(L);
    struct task *task = kernel->current;
    if (!task)
        refuse(L, what, "can only be called in a task");
    if (task->state != TASK_RUNNING || kernel->watch->closing)
        refuse(L, what, "cannot wait while a task is being closed; spawn a task that does it");
    bool yieldable = lua_isyieldable(task->co);
    for (int i = 0; i < task->chain_length; i++)
        yieldable = yieldable && lua_isyieldable(task->chain[i]);
    if (!yieldable)
        refuse(L, what,
               "cannot wait inside table.sort, string.gsub, require or another C function that "
               "calls back; do it before or after");
}

int task_wait(lua_State *L, void (*cancel)(void *arg), void *arg, lua_KContext context,
              lua_KFunction k) {
    struct kernel *kernel = kernel_of(L);
    kernel->current->on_cancel = cancel;
    kernel->current->cancel_arg = arg;
    kernel->suspending = true;
    return lua_yieldk(L, 0, context, k);
}

static void on_sleep_over(struct deadline *deadline) {
    task_wake(OF(deadline, struct task, sleep));
}

static int after_sleep(lua_State *L, int status, lua_KContext context) {
    (void)L, (void)status, (void)context;
    return 0;
}

int task_sleep(lua_State *L, int64_t ns) {
    struct kernel *kernel = kernel_of(L);
    struct task *task = kernel->current;
    task->sleep.fire = on_sleep_over;
    loop_arm(kernel->loop, &task->sleep, loop_after(kernel->loop, ns));
    return task_wait(L, NULL, NULL, 0, after_sleep);
}

const char *task_status(const struct task *task) {
    static const char *const names[] = {"ready", "running", "waiting",  "closing",
                                        "done",  "failed",  "cancelled"};
    return names[task->state];
}

static void push_cancelled(lua_State *L, const struct task *task) {
    lua_getfield(L, LUA_REGISTRYINDEX, "moontide.error.new");
    lua_pushliteral(L, "cancelled");
    lua_pushliteral(L, "task");
    lua_pushfstring(L, "the task %s was cancelled", task->label);
    lua_call(L, 3, 1);
}

/* true, results; or false, err. */
static int push_outcome(lua_State *L, int index) {
    struct task *task = lua_touserdata(L, index);
    lua_pushboolean(L, task->state == TASK_DONE);
    if (task->state == TASK_CANCELLED) {
        push_cancelled(L, task);
        return 2;
    }
    lua_getiuservalue(L, index, TASK_VALUE);
    if (task->state == TASK_FAILED)
        return 2;
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return 1;
    }
    int table = lua_gettop(L);
    lua_getfield(L, table, "n");
    int n = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    luaL_checkstack(L, n, "too many results");
    for (int i = 1; i <= n; i++)
        lua_rawgeti(L, table, i);
    lua_remove(L, table);
    return n + 1;
}

/* An error that was told of because nobody waited is taken after all. */
static int take_outcome(lua_State *L, int index) {
    struct task *task = lua_touserdata(L, index);
    if (task->reported)
        task->kernel->failures--;
    task->reported = false;
    return push_outcome(L, index);
}

static int after_join(lua_State *L, int status, lua_KContext index) {
    (void)status;
    return take_outcome(L, (int)index);
}

/* A joiner that is cancelled leaves the list of joiners by task_end. */
int task_join(lua_State *L, int index) {
    struct task *task = lua_touserdata(L, index);
    struct kernel *kernel = task->kernel;
    if (task->state > TASK_CLOSING)
        return take_outcome(L, index);
    task_check_wait(L, "task:join");
    if (task == kernel->current)
        luaL_error(L, "task:join: a task cannot wait for itself");
    link_push(&task->joiners, &kernel->current->queue);
    return task_wait(L, NULL, NULL, index, after_join);
}

int task_raise(lua_State *L, int index) {
    struct kernel *kernel = kernel_of(L);
    if (kernel->current) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, kernel->anchors);
        lua_rawgetp(L, -1, kernel->current);
        lua_pushvalue(L, index);
        lua_setiuservalue(L, -2, TASK_CAUSE);
    }
    lua_settop(L, index);
    push_outcome(L, index);
    lua_settop(L, index + 2);
    return lua_error(L);
}

void task_trace(lua_State *L, int index) {
    const struct task *task = lua_touserdata(L, index);
    if (task->state == TASK_FAILED)
        lua_getiuservalue(L, index, TASK_TRACE);
    else
        lua_pushnil(L);
}

const char *task_label(const struct task *task) {
    return task->label;
}
