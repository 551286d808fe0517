/* libuv makes what it polls non-blocking, and a terminal is shared with the shell that started us:
 * so it polls an epoll of ours, in which the descriptor is. */
#include "loop/watch.h"

#include "loop/loop.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <uv.h>

struct watch {
    union {
        uv_handle_t handle;
        uv_poll_t poll;
        uv_idle_t idle; /* of a regular file, which epoll refuses */
    } uv;
    int epoll;
    void (*readable)(void *arg);
    void *arg;
};

static void on_poll(uv_poll_t *poll, int status, int events) {
    struct watch *watch = poll->data;
    (void)status;
    (void)events;
    watch->readable(watch->arg);
}

static void on_idle(uv_idle_t *idle) {
    struct watch *watch = idle->data;
    watch->readable(watch->arg);
}

static bool start(struct watch *watch, struct loop *loop, int fd) {
    struct epoll_event event = {.events = EPOLLIN};
    if (epoll_ctl(watch->epoll, EPOLL_CTL_ADD, fd, &event) == 0) {
        int failed = uv_poll_init(loop_uv(loop), &watch->uv.poll, watch->epoll);
        if (!failed)
            uv_poll_start(&watch->uv.poll, UV_READABLE, on_poll);
        errno = -failed;
        return !failed;
    }
    if (errno != EPERM)
        return false;
    uv_idle_init(loop_uv(loop), &watch->uv.idle);
    uv_idle_start(&watch->uv.idle, on_idle);
    return true;
}

struct watch *watch_start(struct loop *loop, int fd, void (*readable)(void *arg), void *arg) {
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return NULL;
    watch->readable = readable;
    watch->arg = arg;
    watch->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (watch->epoll < 0 || !start(watch, loop, fd)) {
        int why = errno;
        if (watch->epoll >= 0)
            close(watch->epoll);
        free(watch);
        errno = why;
        return NULL;
    }
    watch->uv.handle.data = watch;
    return watch;
}

static void on_closed(uv_handle_t *handle) {
    struct watch *watch = handle->data;
    close(watch->epoll);
    free(watch);
}

void watch_stop(struct watch *watch) {
    uv_close(&watch->uv.handle, on_closed);
}
