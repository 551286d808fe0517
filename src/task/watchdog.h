/* The watchdog over what runs; see watchdog.c. */
#ifndef MOONTIDE_TASK_WATCHDOG_H
#define MOONTIDE_TASK_WATCHDOG_H

#include "task/internal.h"
#include <signal.h>

/* One uninterrupted stretch of Lua code, under the watchdog. They nest: a cancel runs closers. */
struct watch {
    lua_State *volatile L; /* the coroutine that runs */
    int64_t budget;
    volatile int64_t spent; /* ns, with what ran inside it */
    volatile int64_t own;   /* without: a call that never comes back */
    const char *label;
    bool closing; /* closers cannot be suspended: the hook raises at every instruction */
    volatile sig_atomic_t tripped;
    struct watch *outer;
};

#define CLOSERS_BUDGET (LOOP_SECOND / 10)
bool watchdog_start(struct kernel *kernel);
void watchdog_stop(struct kernel *kernel);
void watchdog_arm(struct kernel *kernel, bool on);
void watch_enter(struct kernel *kernel, struct watch *watch, lua_State *co, int64_t budget,
                 const char *label, bool closing);
void watch_leave(struct kernel *kernel);
/* Whether the task that runs, with the closers that it makes run, is over its budget. */
bool watch_is_over(const struct kernel *kernel);
/* Ends what runs at its next instruction; `L` is the coroutine that is to notice. */
void watch_trip(lua_State *L);

#endif
