/* A script may run for its budget without waiting. A POSIX timer, armed while tasks run, sets a
 * hook on the coroutine that is over its budget; there is no standing count hook, which would
 * double the time of tight loops. The hook yields, so no pcall sees it and nothing unwinds; where
 * it cannot yield it raises, at every instruction. A single C call that never comes back to Lua
 * ends the process after ten budgets. */
#include "task/watchdog.h"
#include "task/internal.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_STUCK = 70, BUDGETS_TO_STUCK = 10, BUDGETS_TO_GIVE_UP = 20 };

static void watch_hook(lua_State *L, lua_Debug *ar);

static struct kernel *guarded; /* the handler has no argument */
static timer_t timer;
static int64_t tick; /* the timer's interval, ns */

static void say(const char *text) {
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

static void check_stuck(const struct watch *watch) {
    int64_t budget = watch->budget > CLOSERS_BUDGET ? watch->budget : CLOSERS_BUDGET;
    if (watch->own <= (watch->tripped ? BUDGETS_TO_GIVE_UP : BUDGETS_TO_STUCK) * budget)
        return;
    if (guarded->options.stuck)
        guarded->options.stuck(guarded->options.arg);
    say("moontide: stuck: the task ");
    say(watch->label);
    say(" has been in one call for ten times its script budget and cannot be stopped; "
        "exiting with code 70\n");
    _exit(EXIT_STUCK);
}

/* Signal context: only async-signal-safe calls. lua_sethook is one (lua.c relies on it). What is
 * counted is ticks, not the clock: a process that was stopped or starved got none meanwhile. */
static void on_tick(int signum) {
    (void)signum;
    int saved = errno;
    struct watch *innermost = guarded ? guarded->watch : NULL;
    if (innermost) {
        innermost->own += tick;
        check_stuck(innermost);
    }
    for (struct watch *watch = innermost; watch; watch = watch->outer) {
        watch->spent += tick;
        /* Also that of an outer one: a loop of closers would else never be in it at a tick. */
        if (watch->spent > watch->budget)
            watch_trip(watch->L);
    }
    errno = saved;
}

static int budget_error(lua_State *L, struct kernel *kernel) {
    if (!kernel->watch->closing && kernel->current->cancelled)
        return luaL_error(L, "the task was cancelled");
    return luaL_error(L, "script budget exceeded: the task ran for %f s without waiting",
                      (double)kernel->watch->budget / (double)LOOP_SECOND);
}

static void watch_hook(lua_State *L, lua_Debug *ar) {
    (void)ar;
    struct kernel *kernel = kernel_of(L);
    if (!kernel->watch)
        return;
    kernel->watch->tripped = 1;
    if (!kernel->watch->closing && lua_isyieldable(L))
        lua_yield(L, 0);
    else
        budget_error(L, kernel);
}

void watch_trip(lua_State *L) {
    lua_sethook(L, watch_hook, LUA_MASKCOUNT, 1);
}

void watch_enter(struct kernel *kernel, struct watch *watch, lua_State *co, int64_t budget,
                 const char *label, bool closing) {
    *watch = (struct watch){
        .L = co, .budget = budget, .label = label, .closing = closing, .outer = kernel->watch};
    atomic_signal_fence(memory_order_seq_cst);
    kernel->watch = watch;
}

bool watch_is_over(const struct kernel *kernel) {
    const struct watch *watch = kernel->watch;
    while (watch && watch->outer)
        watch = watch->outer;
    return watch && watch->spent > watch->budget;
}

void kernel_unwatched(struct kernel *kernel, void (*call)(void *arg), void *arg) {
    struct watch *watch = kernel->watch;
    kernel->watch = NULL;
    call(arg);
    kernel->watch = watch;
}

void watch_leave(struct kernel *kernel) {
    kernel->watch = kernel->watch->outer;
}

bool watchdog_start(struct kernel *kernel) {
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN};
    /* Other threads (libcurl's resolver) must not get the signal: it speaks of this one. */
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    if (sigaction(SIGRTMIN, &action, NULL) != 0 ||
        timer_create(CLOCK_MONOTONIC, &event, &timer) != 0)
        return false;
    /* Whoever started the program may have left the signal blocked. */
    sigset_t own;
    sigemptyset(&own);
    sigaddset(&own, SIGRTMIN);
    pthread_sigmask(SIG_UNBLOCK, &own, NULL);
    guarded = kernel;
    return true;
}

void watchdog_stop(struct kernel *kernel) {
    if (guarded != kernel)
        return;
    guarded = NULL;
    timer_delete(timer);
}

/* The interval is a fraction of the budget, and short enough for the closers' tenth of a second. */
void watchdog_arm(struct kernel *kernel, bool on) {
    tick = kernel->options.budget / 4;
    if (tick > LOOP_SECOND / 40)
        tick = LOOP_SECOND / 40;
    if (tick < 1000000)
        tick = 1000000;
    struct itimerspec spec = {0};
    if (on)
        spec.it_value.tv_nsec = spec.it_interval.tv_nsec = (long)tick;
    timer_settime(timer, 0, &spec, NULL);
}
