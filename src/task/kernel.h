/* The kernel: the tasks of one Lua state, their ready list, their end. */
#ifndef MOONTIDE_TASK_KERNEL_H
#define MOONTIDE_TASK_KERNEL_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

struct kernel;
struct loop;

struct kernel_options {
    int64_t budget; /* ns that a task may run without waiting */
    /* An error that no task waits for: text for people, with a traceback. */
    void (*uncaught)(void *arg, const char *text);
    /* Raises the memory limit a little (open), for the end of a task, or lowers it again. */
    void (*reserve)(void *arg, bool open);
    /* The process ends at once, out of a signal handler. NULL: nothing has to be done. */
    void (*stuck)(void *arg);
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

/* Calls `call(arg)`, which may block and is no Lua, outside of the watchdog: for what waits for a
 * person before the script's own life has begun. */
void kernel_unwatched(struct kernel *kernel, void (*call)(void *arg), void *arg);

/* Replaces coroutine.*, xpcall, setmetatable, string.rep, table.move/insert/remove, os.exit by
 * versions that know of tasks and of the watchdog. */
void kernel_open_libs(lua_State *L);

#endif
