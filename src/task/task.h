/* Tasks: Lua coroutines on the loop. This room alone resumes and yields.
 *
 * A task runs until it waits. What it waits for calls task_wake, which only puts it on the ready
 * list; the list is run once in each turn of the loop. A task belongs to the task that spawned it:
 * when a task fails or is cancelled, so are the tasks that it spawned; when it returns, they go on.
 * Cancelling runs the task's `<close>` variables, which may spawn tasks but not wait. */
#ifndef MOONTIDE_TASK_TASK_H
#define MOONTIDE_TASK_TASK_H

#include "task/kernel.h"

struct task;
struct group; /* tasks whose ends are taken in the order in which they come */

/* Takes a function and `nargs` arguments from the stack, pushes the task (a userdata). `group` is
 * the stack index of its group, 0: none. */
struct task *task_spawn(lua_State *L, int nargs, int group);

/* The task that runs; NULL in the main thread. */
struct task *task_running(lua_State *L);
/* Pushes it, or nil. */
void task_push_running(lua_State *L);
/* The task, which has just been spawned, belongs to `parent` as if that had spawned it; to nobody
 * when that is NULL or has ended. */
void task_adopt(struct task *task, struct task *parent);

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
/* Out of a signal handler: when the task or one that it has spawned is what runs, that one ends at
 * its next instruction. False: neither does. */
bool task_interrupt(struct task *task);
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
