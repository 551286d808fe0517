/* The ready list: the one place where tasks are resumed. */
#include "task/coroutine.h"
#include "task/internal.h"
#include "task/watchdog.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

/* How long one turn may go on before I/O, deadlines and signals have theirs. */
#define TURN (LOOP_SECOND / 100)

enum { EXIT_DEADLOCK = 1, EXIT_SCRIPT_ERROR = 4 };

/* At the memory limit each task that fails costs a whole collection: so many in one round are taken
 * for the script's end, or thousands of tasks would hold up everything for hours. */
enum { STARVED_MAX = 16 };

uintptr_t *co_extra(lua_State *L) {
    return lua_getextraspace(L);
}

struct kernel *kernel_of(lua_State *L) {
    return (struct kernel *)(*co_extra(L) & ~CO_WAITING);
}

struct loop *kernel_loop(struct kernel *kernel) {
    return kernel->loop;
}

struct task *task_running(lua_State *L) {
    return kernel_of(L)->current;
}

/* The hook has suspended a task that was over its budget: it has no error value of its own. */
static void push_budget_error(lua_State *L, struct task *task) {
    lua_State *innermost = task->chain_length ? task->chain[task->chain_length - 1] : task->co;
    double budget = (double)task->kernel->options.budget / (double)LOOP_SECOND;
    lua_checkstack(innermost, 4);
    luaL_where(innermost, 0);
    lua_xmove(innermost, L, 1);
    lua_pushfstring(L,
                    "script budget exceeded: the task ran for %f s without waiting; wait "
                    "(mt.sleep) now and then, or give a longer --script-budget",
                    budget);
    lua_concat(L, 2);
}

static void count_starved(struct kernel *kernel) {
    if (++kernel->starved != STARVED_MAX || kernel->exiting)
        return;
    kernel->options.uncaught(
        kernel->options.arg,
        "not enough memory: too many tasks have failed for want of it, and the "
        "script ends (a larger --memory-limit may help)");
    kernel_exit(kernel, EXIT_SCRIPT_ERROR, 0);
}

/* What the return of lua_resume means for the task. */
static void settle(lua_State *L, struct task *task, int status, int nresults) {
    bool suspended = task->kernel->suspending;
    task->kernel->suspending = false;
    if (suspended)
        task->state = TASK_WAITING;
    if (task->cancelled)
        task_end(L, task, TASK_CANCELLED, 0);
    else if (status == LUA_OK)
        task_end(L, task, TASK_DONE, nresults);
    else if (status != LUA_YIELD) {
        lua_pushvalue(task->co, -1); /* its own copy is for the closers */
        lua_xmove(task->co, L, 1);
        task_end(L, task, TASK_FAILED, 0);
        if (status == LUA_ERRMEM)
            count_starved(task->kernel);
    } else if (!suspended) {
        push_budget_error(L, task);
        task_end(L, task, TASK_FAILED, 0);
    }
}

/* Under lua_pcall: what the kernel itself allocates may meet the memory limit. */
static int step(lua_State *L) {
    struct task *task = lua_touserdata(L, 1);
    struct kernel *kernel = task->kernel;
    struct watch watch;
    int nresults = 0;
    if (task->cancelled) {
        task_end(L, task, TASK_CANCELLED, 0);
        return 0;
    }
    int nargs = lua_status(task->co) == LUA_OK ? lua_gettop(task->co) - 1 : 0;
    kernel->current = task;
    task->state = TASK_RUNNING;
    lua_sethook(task->co, NULL, 0, 0); /* of a tick that came when it was about to wait */
    watch_enter(kernel, &watch, task->co, kernel->options.budget, task->label, false);
    int status = lua_resume(task->co, L, nargs, &nresults);
    watch_leave(kernel);
    settle(L, task, status, nresults);
    return 0;
}

static void run_task(struct kernel *kernel, struct task *task) {
    lua_pushcfunction(kernel->L, step);
    lua_pushlightuserdata(kernel->L, task);
    int status = lua_pcall(kernel->L, 1, 0, 0);
    kernel->current = NULL;
    if (status == LUA_OK)
        return;
    /* Only memory: the books of this task cannot be kept, so the script ends. */
    kernel->options.uncaught(kernel->options.arg, lua_tostring(kernel->L, -1));
    lua_settop(kernel->L, 0);
    kernel_exit(kernel, EXIT_SCRIPT_ERROR, 0);
}

static void turn(void *arg) {
    struct kernel *kernel = arg;
    int64_t end = loop_now(kernel->loop) + TURN;
    /* Tasks that become ready meanwhile wait for the next turn: I/O has its turn in between. */
    if (!kernel->ready[!kernel->filling]) {
        kernel->filling ^= 1;
        kernel->starved = 0;
    }
    struct link **ready = &kernel->ready[!kernel->filling];
    watchdog_arm(kernel, true);
    while (*ready && kernel->starved < STARVED_MAX && loop_now(kernel->loop) < end) {
        struct task *task = OF(*ready, struct task, queue);
        link_remove(&task->queue);
        run_task(kernel, task);
    }
    watchdog_arm(kernel, false);
    loop_want_turn(kernel->loop, kernel->ready[0] || kernel->ready[1]);
    if (kernel->living == 0)
        loop_stop(kernel->loop);
}

void task_wake(struct task *task) {
    struct kernel *kernel = task->kernel;
    link_remove(&task->queue);
    task->state = TASK_READY;
    task->on_cancel = NULL;
    link_push(&kernel->ready[kernel->filling], &task->queue);
    loop_want_turn(kernel->loop, true);
}

static void cancel_all(struct kernel *kernel) {
    struct link *link = kernel->roots;
    if (!link)
        return;
    do {
        task_cancel(NULL, OF(link, struct task, sibling));
        link = link->next;
    } while (link != kernel->roots);
}

static void on_grace(struct deadline *deadline) {
    struct kernel *kernel = OF(deadline, struct kernel, grace);
    loop_stop(kernel->loop);
}

void kernel_set_exit_code(struct kernel *kernel, int code) {
    if (!kernel->exiting)
        kernel->exit_code = code;
}

void kernel_exit(struct kernel *kernel, int code, int64_t grace) {
    if (kernel->exiting)
        return;
    kernel->exiting = true;
    kernel->exit_code = code;
    kernel->grace.fire = on_grace;
    loop_arm(kernel->loop, &kernel->grace, loop_now(kernel->loop) + grace);
    cancel_all(kernel);
}

static void report_deadlock(struct kernel *kernel) {
    char text[160]; /* there may be no memory for a Lua string */
    const struct task *task = OF(kernel->roots, struct task, sibling);
    while (task->children) /* the first of all is the program's own */
        task = OF(task->children, struct task, sibling);
    snprintf(text, sizeof text,
             "deadlock: %zu task(s) wait for something that cannot happen, e.g. %s", kernel->living,
             task->label);
    kernel->options.uncaught(kernel->options.arg, text);
}

/* What is still there after the grace: its closers run too, and may spawn no more. */
static void end_the_rest(struct kernel *kernel) {
    kernel->over = true;
    if (!kernel->roots)
        return;
    watchdog_arm(kernel, true);
    for (size_t left = kernel->living; kernel->roots && left > 0; left--) {
        struct task *task = OF(kernel->roots, struct task, sibling);
        link_remove(&task->queue);
        task->cancelled = true;
        run_task(kernel, task);
    }
    watchdog_arm(kernel, false);
}

int kernel_run(struct kernel *kernel) {
    kernel->stack = __builtin_frame_address(0);
    if (kernel->living > 0)
        loop_run(kernel->loop);
    if (kernel->living > 0 && !kernel->exiting) {
        report_deadlock(kernel);
        kernel_exit(kernel, EXIT_DEADLOCK, LOOP_SECOND);
        loop_run(kernel->loop);
    }
    loop_disarm(kernel->loop, &kernel->grace);
    end_the_rest(kernel);
    if (kernel->exiting || kernel->exit_code > 0 || kernel->failures == 0)
        return kernel->exit_code < 0 ? 0 : kernel->exit_code;
    return EXIT_SCRIPT_ERROR;
}

struct kernel *kernel_new(lua_State *L, struct loop *loop, const struct kernel_options *options) {
    struct kernel *kernel = calloc(1, sizeof *kernel);
    if (!kernel || !watchdog_start(kernel)) {
        free(kernel);
        return NULL;
    }
    kernel->L = L;
    kernel->loop = loop;
    kernel->options = *options;
    kernel->exit_code = -1;
    *co_extra(L) = (uintptr_t)kernel;
    lua_newtable(L);
    kernel->anchors = luaL_ref(L, LUA_REGISTRYINDEX);
    loop_on_turn(loop, turn, kernel);
    return kernel;
}

void kernel_free(struct kernel *kernel) {
    watchdog_stop(kernel);
    free(kernel);
}

void kernel_open_libs(lua_State *L) {
    coroutine_open(L);
    guards_open(L);
}
