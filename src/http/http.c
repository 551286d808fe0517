/* The client: libcurl's multi handle driven by libuv.
 *
 * libcurl's rule: inside its callbacks nothing may be called that changes the multi handle. So the
 * callbacks only store, and finished transfers are delivered after libcurl's own functions have
 * returned: from on_poll, on_timer and on_drain. */
#include "http/command.h"

#include <stddef.h>
#include <stdlib.h>

/* Idle connections, all pools together, and counting those in use: above it libcurl closes the
 * oldest idle one for each that becomes idle, so that a few streams must not fill it. */
#define MAX_CONNECTIONS 256L

/* One watched socket. libcurl may close the socket as soon as on_socket returns; the memory stays
 * until libuv is done with it. */
struct watch {
    uv_poll_t poll;
    struct http *http;
    curl_socket_t socket;
    int events;
};

/* Unconditionally after every action: a transfer that fails early (no such socket, a time-out)
 * ends on libcurl's timer path and is not seen in the count of running handles. */
static void drain(struct http *http) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(http->multi, &left))) {
        CURLcode code = message->data.result; /* the message dies with the handle's removal */
        struct http_call *call;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        call_finish(call, code);
    }
}

static void act(struct http *http, curl_socket_t socket, int events) {
    int running;
    curl_multi_socket_action(http->multi, socket, events, &running);
    drain(http);
}

static void on_drain(struct deadline *deadline) {
    drain((struct http *)((char *)deadline - offsetof(struct http, drain)));
}

static void drain_soon(struct http *http) {
    if (!http->drain.armed)
        loop_arm(http->loop, &http->drain, loop_now(http->loop));
}

static void on_timer(uv_timer_t *timer) {
    act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int on_multi_timer(CURLM *multi, long timeout_ms, void *arg) {
    struct http *http = arg;
    (void)multi;
    if (timeout_ms < 0) {
        uv_timer_stop(&http->timer);
        return 0;
    }
    uv_update_time(loop_uv(http->loop)); /* the timer counts from libuv's cached time */
    uv_timer_start(&http->timer, on_timer, (uint64_t)timeout_ms, 0);
    return 0;
}

static void on_poll(uv_poll_t *poll, int status, int events) {
    struct watch *watch = poll->data;
    int flags = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
                (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);
    /* POLLERR: libuv has stopped watching and hides that there may be something to read. Without
     * flags libcurl looks for itself; CURL_CSELECT_ERR would end a transfer that it can still save
     * (a server that closed an idle connection at which a request had just been sent). */
    if (status < 0)
        uv_poll_start(poll, watch->events, on_poll);
    act(watch->http, watch->socket, flags);
}

static void free_watch(uv_handle_t *handle) {
    free(handle->data);
}

static struct watch *watch_new(struct http *http, curl_socket_t socket) {
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return NULL;
    if (uv_poll_init_socket(loop_uv(http->loop), &watch->poll, socket) != 0) {
        free(watch);
        return NULL;
    }
    watch->poll.data = watch;
    watch->http = http;
    watch->socket = socket;
    curl_multi_assign(http->multi, socket, watch);
    return watch;
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *arg, void *socket_arg) {
    struct http *http = arg;
    struct watch *watch = socket_arg;
    if (what == CURL_POLL_REMOVE) {
        if (watch) {
            uv_poll_stop(&watch->poll);
            uv_close((uv_handle_t *)&watch->poll, free_watch);
        }
        return 0;
    }
    if (!watch && !(watch = watch_new(http, socket))) {
        /* Returning -1 would end every transfer of the multi handle, now and later. */
        struct http_call *call = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&call);
        if (call)
            call_fail_soon(call, ERR_TRANSPORT, "its socket cannot be watched");
        return 0;
    }
    command_used(http, easy, socket);
    watch->events =
        (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    uv_poll_start(&watch->poll, watch->events, on_poll);
    return 0;
}

bool http_open(struct http *http) {
    if (http->multi)
        return true;
    /* 1.6 ms, nearly all of it OpenSSL's, whatever the flags say since libcurl 7.57: not spent by a
     * script that makes no request. */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return false;
    if (!(http->multi = curl_multi_init())) {
        curl_global_cleanup();
        return false;
    }
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_multi_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, MAX_CONNECTIONS);
    return true;
}

bool http_add(struct http *http, CURL *easy) {
    drain_soon(http);
    return curl_multi_add_handle(http->multi, easy) == CURLM_OK;
}

void http_remove(struct http *http, CURL *easy) {
    curl_multi_remove_handle(http->multi, easy);
    drain_soon(http);
}

struct http *http_new(struct loop *loop) {
    struct http *http = calloc(1, sizeof *http);
    if (!http)
        return NULL;
    http->loop = loop;
    http->drain.fire = on_drain;
    uv_timer_init(loop_uv(loop), &http->timer);
    http->timer.data = http;
    return http;
}

static void free_http(uv_handle_t *timer) {
    free(timer->data);
}

void http_free(struct http *http) {
    if (!http)
        return;
    while (http->pools)
        http_pool_free(http->pools);
    if (http->multi) {
        curl_multi_cleanup(http->multi); /* still tells on_socket and on_multi_timer */
        curl_global_cleanup();
    }
    command_close_all(http);
    loop_disarm(http->loop, &http->drain);
    uv_close((uv_handle_t *)&http->timer, free_http);
}
