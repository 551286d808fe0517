/* The one event loop: libuv, one clock, one heap of deadlines. One per process, one thread. */
#ifndef MOONTIDE_LOOP_LOOP_H
#define MOONTIDE_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct uv_loop_s;

#define LOOP_SECOND INT64_C(1000000000)

/* Returns NULL when the system refuses the descriptors or the memory. */
struct loop *loop_new(void);

/* Every deadline must be disarmed and every handle closed before. */
void loop_free(struct loop *loop);

/* For the glue of http and serve only. */
struct uv_loop_s *loop_uv(struct loop *loop);

/* Runs until loop_stop, or until nothing can happen any more. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Nanoseconds: monotonic, and since 1970. The only clock that anything here may read. */
int64_t loop_now(const struct loop *loop);
int64_t loop_unix(const struct loop *loop);

/* That many ns from now on loop_now's scale; never too far for it. */
int64_t loop_after(const struct loop *loop, int64_t ns);

/* A point in time at which `fire` is called once from the loop. Deadlines of the same time fire in
 * the order in which they were armed. The owner embeds it, zeroed before the first use. */
struct deadline {
    int64_t at;
    uint64_t order;
    struct deadline *child, *next, *prev;
    bool armed;
    void (*fire)(struct deadline *deadline);
};

/* Arms, or moves an armed one, to `at` on loop_now's scale. Never fails. */
void loop_arm(struct loop *loop, struct deadline *deadline, int64_t at);
void loop_disarm(struct loop *loop, struct deadline *deadline);

/* `turn` is called once in each turn of the loop while loop_want_turn(true) holds; the loop does
 * not sleep meanwhile. There is one: the task kernel's ready list. */
void loop_on_turn(struct loop *loop, void (*turn)(void *arg), void *arg);
void loop_want_turn(struct loop *loop, bool want);

/* SIGINT and SIGTERM call `fn` from the loop. */
void loop_on_signals(struct loop *loop, void (*fn)(int signum, void *arg), void *arg);

#endif
