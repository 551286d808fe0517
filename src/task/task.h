/* Tasks: Lua coroutines on the loop. This room alone resumes and yields.
 *
 * A task runs until it waits. What it waits for calls task_wake, which only puts it on the ready
 * list; the list is run once in each turn of the loop. A task belongs to the task that spawned it:
 * when a task fails or is cancelled, so are the tasks that it spawned; when it returns, they go on.
 * Cancelling runs the task's `<close>` variables, which may spawn tasks but not wait. */
#ifndef MOONTIDE_TASK_TASK_H
#define MOONTIDE_TASK_TASK_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

struct kernel; /* the tasks of one Lua state */
struct task;
struct group; /* tasks whose ends are taken in the order in which they come */
struct loop;

struct kernel_options {
    int64_t budget; /* ns that a task may run without waiting */
    /* An error that no task waits for: text for people, with a traceback. */
    void (*uncaught)(void *arg, const char *text);
    /* Raises the memory limit a little (open), for a traceback at the limit, or lowers it again. */
    void (*reserve)(void *arg, bool open);
    void *arg;
};

/* Takes over L's extra space. Raises when out of memory. */
struct kernel *kernel_new(lua_State *L, struct loop *loop, const struct kernel_options *options);
void kernel_free(struct kernel *kernel);
struct kernel *kernel_of(lua_State *L);
struct loop *kernel_loop(struct kernel *kernel);

/* Runs until no task is left. Returns the exit code: what kernel_exit or os.exit said, else 4 if a
 * task failed and nobody took its error, else 0. */
int kernel_run(struct kernel *kernel);

/* The code that kernel_run returns when nothing else decides. Ends nothing. */
void kernel_set_exit_code(struct kernel *kernel, int code);

/* Ends in order: every task is cancelled; tasks that their closers spawn have `grace` ns to end. */
void kernel_exit(struct kernel *kernel, int code, int64_t grace);

/* Replaces coroutine.*, xpcall, setmetatable, string.rep, table.move/insert/remove, os.exit by
 * versions that know of tasks and of the watchdog. */
void kernel_open_libs(lua_State *L);

/* Takes a function and `nargs` arguments from the stack, pushes the task (a userdata). `group` is
 * the stack index of its group, 0: none. */
struct task *task_spawn(lua_State *L, int nargs, int group);

/* The task that runs; NULL in the main thread. */
struct task *task_running(lua_State *L);

/* Raises where a wait is impossible: outside of a task, in a closer, across a C call boundary.
 * Call it before starting what is to be waited for. `what` is the function's name. */
void task_check_wait(lua_State *L, const char *what);

/* Suspends the running task: `return task_wait(...)`. Nothing that can raise may come between the
 * start of the operation and this call. When task_wake was called, `k` continues with the stack as
 * it is now. `cancel(arg)` must end the operation; it is called instead of a wake-up. */
int task_wait(lua_State *L, void (*cancel)(void *arg), void *arg, lua_KContext context,
              lua_KFunction k);
void task_wake(struct task *task);

/* Waits for `ns` nanoseconds; the continuation returns nothing to Lua. */
int task_sleep(lua_State *L, int64_t ns);

/* Ends the task now, or at its next instruction when it is the running one. `L` is the state that
 * runs; NULL when none does: then the next turn ends it. */
void task_cancel(lua_State *L, struct task *task);
/* Pushes true, results or false, err of an ended task, else waits for its end. */
int task_join(lua_State *L, int index);
/* "ready", "running", "waiting", "closing", "done", "failed" or "cancelled". */
const char *task_status(const struct task *task);
/* Raises the error of the failed or cancelled task at `index` (the top of the stack) in the running
 * one, whose traceback will then begin with that task's. */
int task_raise(lua_State *L, int index);
/* Pushes a failed task's error as text with its traceback, nil for another task. */
void task_trace(lua_State *L, int index);
/* Where its function is defined: "web.lua:12". */
const char *task_label(const struct task *task);

/* Pushes a group, a userdata. */
struct group *group_new(lua_State *L);
/* Waits for the next member to end; returns it, or nil when none is left. */
int group_next(lua_State *L, int index);
/* Cancels the members that are left. */
void group_close(lua_State *L, struct group *group);

#endif
