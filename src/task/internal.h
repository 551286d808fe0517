/* What the files of this room share. */
#ifndef MOONTIDE_TASK_INTERNAL_H
#define MOONTIDE_TASK_INTERNAL_H

#include "loop/loop.h"
#include "task/link.h"
#include "task/task.h"

enum task_state {
    TASK_READY,
    TASK_RUNNING,
    TASK_WAITING,
    TASK_CLOSING,
    TASK_DONE, /* from here on: ended */
    TASK_FAILED,
    TASK_CANCELLED,
};

struct task {
    struct kernel *kernel;
    lua_State *co; /* NULL once ended */
    enum task_state state;
    bool cancelled; /* to be ended as soon as that is possible */
    bool reported;  /* as an error that nobody took */
    struct task *parent;
    struct link *children, sibling;
    struct link queue; /* in the ready list, or in another task's joiners */
    struct link *joiners;
    struct group *group;
    struct link member; /* in the group's members, then in its ended ones */
    void (*on_cancel)(void *arg);
    void *cancel_arg;
    struct deadline sleep;
    lua_State **chain; /* the script's own coroutines that are active in it, outermost first */
    int chain_length, chain_capacity;
    char label[48]; /* "web.lua:12" */
};

struct group {
    struct link *members, *ended;
    struct task *waiter;
};

struct kernel {
    lua_State *L;
    struct loop *loop;
    struct kernel_options options;
    struct link *ready[2]; /* the turn empties one while the other fills */
    int filling;
    struct link *roots;
    struct task *current;
    const char *stack;            /* where the C stack was when it began to run */
    struct watch *volatile watch; /* see watchdog.h */
    size_t living;
    bool suspending;    /* the running task wants to wait */
    bool exiting, over; /* over: nothing is spawned any more */
    int exit_code;      /* -1: nothing was said */
    int failures;       /* tasks whose error nobody took */
    int starved;        /* tasks that failed for memory in this round */
    struct deadline grace;
    int anchors; /* registry: lightuserdata task -> its userdata, while it lives */
};

/* The values that belong to a task's userdata. The cause is replaced by the trace that it is for.
 */
enum { TASK_VALUE = 1, TASK_TRACE, TASK_CAUSE = TASK_TRACE, TASK_GROUP, TASK_VALUES = TASK_GROUP };

/* end.c: its closers run, its children are cancelled or handed on, who waits for it wakes. `L` is
 * the state that runs now. A failed task's error is on top of L and popped; a done one's results
 * are on top of its co. */
void task_end(lua_State *L, struct task *task, enum task_state outcome, int nresults);
/* Closes a coroutine under the closers' budget. As lua_resetthread. */
int close_thread(struct kernel *kernel, lua_State *co, const char *label);
/* Whether so much of the C stack is used that no further coroutine may be closed on top of it: Lua
 * counts its C calls for each coroutine that is closed from zero. */
bool stack_is_deep(const struct kernel *kernel);
/* group.c: the task on top of the stack and its group at `index` hold each other from now on. */
void group_keep(lua_State *L, int index);

#endif
