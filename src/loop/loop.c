#include "loop/loop.h"

#include "loop/heap.h"
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

struct loop {
    uv_loop_t uv;
    uv_timer_t timer; /* for the heap's top: no other deadline has a timer of its own */
    uv_idle_t idle;
    uv_signal_t signals[2];
    struct deadline *top;
    uint64_t armed; /* deadlines armed so far: their order */
    void (*turn)(void *arg);
    void *turn_arg;
    void (*on_signal)(int signum, void *arg);
    void *signal_arg;
};

static int64_t clock_read(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return t.tv_sec * LOOP_SECOND + t.tv_nsec;
}

int64_t loop_now(const struct loop *loop) {
    (void)loop;
    return clock_read(CLOCK_MONOTONIC);
}

int64_t loop_after(const struct loop *loop, int64_t ns) {
    int64_t now = loop_now(loop);
    return ns > INT64_MAX - now ? INT64_MAX : now + ns;
}

int64_t loop_unix(const struct loop *loop) {
    (void)loop;
    return clock_read(CLOCK_REALTIME);
}

static void on_timer(uv_timer_t *timer);

static void set_timer(struct loop *loop) {
    if (!loop->top) {
        uv_timer_stop(&loop->timer);
        return;
    }
    int64_t left = loop->top->at - loop_now(loop);
    uint64_t ms = left > 0 ? ((uint64_t)left + 999999) / 1000000 : 0;
    uv_update_time(&loop->uv); /* the timer counts from libuv's cached time */
    uv_timer_start(&loop->timer, on_timer, ms, 0);
}

static void on_timer(uv_timer_t *timer) {
    struct loop *loop = timer->data;
    int64_t now = loop_now(loop);
    while (loop->top && loop->top->at <= now) {
        struct deadline *due = loop->top;
        loop->top = heap_remove(loop->top, due);
        due->armed = false;
        due->fire(due);
    }
    set_timer(loop);
}

void loop_arm(struct loop *loop, struct deadline *deadline, int64_t at) {
    struct deadline *top = loop->top;
    if (deadline->armed)
        loop->top = heap_remove(loop->top, deadline);
    deadline->at = at;
    deadline->order = loop->armed++;
    deadline->armed = true;
    loop->top = heap_insert(loop->top, deadline);
    if (loop->top != top || top == deadline)
        set_timer(loop);
}

void loop_disarm(struct loop *loop, struct deadline *deadline) {
    if (!deadline->armed)
        return;
    bool was_top = loop->top == deadline;
    loop->top = heap_remove(loop->top, deadline);
    deadline->armed = false;
    if (was_top)
        set_timer(loop);
}

static void on_idle(uv_idle_t *idle) {
    struct loop *loop = idle->data;
    loop->turn(loop->turn_arg);
}

void loop_on_turn(struct loop *loop, void (*turn)(void *arg), void *arg) {
    loop->turn = turn;
    loop->turn_arg = arg;
}

void loop_want_turn(struct loop *loop, bool want) {
    if (want)
        uv_idle_start(&loop->idle, on_idle);
    else
        uv_idle_stop(&loop->idle);
}

static void on_signal(uv_signal_t *handle, int signum) {
    struct loop *loop = handle->data;
    loop->on_signal(signum, loop->signal_arg);
}

void loop_on_signals(struct loop *loop, void (*fn)(int signum, void *arg), void *arg) {
    static const int signums[] = {SIGINT, SIGTERM};
    loop->on_signal = fn;
    loop->signal_arg = arg;
    for (size_t i = 0; i < 2; i++)
        uv_signal_start(&loop->signals[i], on_signal, signums[i]);
}

struct loop *loop_new(void) {
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return NULL;
    if (uv_loop_init(&loop->uv) != 0) {
        free(loop);
        return NULL;
    }
    uv_timer_init(&loop->uv, &loop->timer);
    uv_idle_init(&loop->uv, &loop->idle);
    loop->timer.data = loop->idle.data = loop;
    for (size_t i = 0; i < 2; i++) {
        uv_signal_init(&loop->uv, &loop->signals[i]);
        loop->signals[i].data = loop;
        /* Being ready for Ctrl-C does not keep a script alive. */
        uv_unref((uv_handle_t *)&loop->signals[i]);
    }
    return loop;
}

void loop_free(struct loop *loop) {
    if (!loop)
        return;
    uv_close((uv_handle_t *)&loop->timer, NULL);
    uv_close((uv_handle_t *)&loop->idle, NULL);
    for (size_t i = 0; i < 2; i++)
        uv_close((uv_handle_t *)&loop->signals[i], NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    if (uv_loop_close(&loop->uv) == UV_EBUSY) { /* a loop_stop was left over, and ended that run */
        uv_run(&loop->uv, UV_RUN_DEFAULT);
        uv_loop_close(&loop->uv);
    }
    free(loop);
}

struct uv_loop_s *loop_uv(struct loop *loop) {
    return &loop->uv;
}

void loop_run(struct loop *loop) {
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop) {
    uv_stop(&loop->uv);
}
