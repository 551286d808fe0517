/* One request: set up, transferred, finished exactly once. */
#include "http/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_HEADERS ((size_t)64 * 1024)

/* How long a reply that has arrived may stay unread behind a script that kept the loop busy. */
#define GRACE (LOOP_SECOND / 1000)

/* libcurl's handle that carries it; NULL when there is none for want of memory. */
static struct http *client_of(const struct http_call *call) {
    if (!call->request.duplex)
        return call->pool->http;
    return call->duplex ? duplex_client(call->duplex) : NULL;
}

/* Out of libcurl's hands. */
static void let_go(struct http_call *call) {
    if (call->easy) {
        http_remove(client_of(call), call->easy);
        curl_easy_cleanup(call->easy);
    }
    duplex_free(call->duplex);
    call->easy = NULL;
    call->duplex = NULL;
}

void call_launch(struct http_call *call) {
    if (!easy_is_clean(call)) {
        call_fail_soon(call, ERR_INVALID, "its method or a header holds a line break or a blank");
        return;
    }
    bool ok = !call->request.duplex || (call->duplex = duplex_new(call));
    ok = ok && http_open(client_of(call)) && (call->easy = curl_easy_init()) && easy_set(call);
    if (ok && http_add(client_of(call), call->easy))
        return;
    let_go(call);
    call_fail_soon(call, ERR_TRANSPORT, "out of memory or descriptors");
}

/* --- life ------------------------------------------------------------------------------------ */

static void call_free(struct http_call *call) {
    free((char *)call->request.method);
    free((void *)call->request.body);
    free(call->url);
    curl_slist_free_all(call->headers);
    buf_free(&call->reply.body);
    buf_free(&call->reply.headers);
    free(call);
}

/* Nobody's any more: whoever has the call now owns it alone. */
static void call_release(struct http_call *call) {
    loop_disarm(call->pool->http->loop, &call->deadline);
    let_go(call);
    command_detach(call);
    pool_leave(call);
}

/* The pool may be freed by `on_done`: it is not touched afterwards. */
void call_deliver(struct http_call *call) {
    if (command_await(call)) {
        loop_disarm(call->pool->http->loop, &call->deadline);
        let_go(call);
        return;
    }
    call_release(call);
    if (call->reply.err.kind != ERR_NONE)
        call->reply.status = 0;
    call->request.on_done(call->request.arg, &call->reply);
    call_free(call);
}

static bool has_no_body(const struct http_call *call) {
    int status = call->reply.status;
    return status == 204 || status == 304 || strcmp(call->request.method, "HEAD") == 0;
}

void call_finish(struct http_call *call, CURLcode code) {
    if (call->settled) {
        call_deliver(call);
        return;
    }
    bool received = code == CURLE_OK && !call->request.connect_only;
    if (code == CURLE_OK && call->duplex) {
        duplex_connected(call->duplex);
        return;
    }
    if (received && !call->head_complete) { /* closed between two headers: fine by libcurl */
        code = CURLE_PARTIAL_FILE;
        call->fault = "its headers are cut off";
    } else if (received && call->in_chunks && !call->chunked.ended && !has_no_body(call)) {
        code = CURLE_PARTIAL_FILE;
        call->fault = "its last chunk is missing";
    }
    if (code != CURLE_OK)
        fail_transfer(call, code);
    call_deliver(call);
}

void call_fail_soon(struct http_call *call, enum err_kind kind, const char *why) {
    struct loop *loop = call->pool->http->loop;
    call->reply.failure = HTTP_FAIL_REQUEST;
    err_set(&call->reply.err, kind, "cannot send a request to %s: %s", call->pool->target.name,
            why);
    loop_arm(loop, &call->deadline, loop_now(loop));
}

static void on_deadline(struct deadline *deadline) {
    struct http_call *call =
        (struct http_call *)((char *)deadline - offsetof(struct http_call, deadline));
    struct loop *loop = call->pool->http->loop;
    bool failed = call->reply.err.kind != ERR_NONE; /* call_fail_soon */
    if (!failed && call->easy && !call->overdue) {
        call->overdue = true;
        loop_arm(loop, deadline, loop_now(loop) + GRACE);
        return;
    }
    if (!failed && !call->settled)
        fail_deadline(call);
    call_deliver(call);
}

/* The time within which it has to end, or to begin, from now on; 0: any. */
static void set_limit(struct http_call *call, int64_t limit) {
    struct loop *loop = call->pool->http->loop;
    call->limit = limit;
    call->overdue = false;
    loop_disarm(loop, &call->deadline);
    if (limit > 0)
        loop_arm(loop, &call->deadline,
                 call->started > INT64_MAX - limit ? INT64_MAX : call->started + limit);
}

void call_begun(struct http_call *call) {
    const struct http_request *request = &call->request;
    set_limit(call, request->timeout);
    if (request->on_head)
        request->on_head(request->arg, call->reply.status, &call->reply.headers);
}

static bool add_headers(struct http_call *call, const char *const *headers) {
    for (; headers && *headers; headers++) {
        struct curl_slist *longer = curl_slist_append(call->headers, *headers);
        if (!longer)
            return false;
        call->headers = longer;
    }
    return true;
}

static void *copy_bytes(const void *bytes, size_t length) {
    void *copy = malloc(length + 1); /* never nothing, which could be NULL */
    return copy ? memcpy(copy, bytes, length) : NULL;
}

/* A queued call outlives its caller's strings. */
static bool copy_request(struct http_call *call, const struct http_request *request) {
    /* What libcurl would send with a body of its own accord. It takes the caller's word first; a
     * server that does not know "Expect" costs a second. */
    static const char *const no_defaults[] = {"Expect:", "Content-Type:", NULL};
    const char *base = call->pool->target.base_url;
    call->request = *request;
    call->request.path = NULL;
    call->request.headers = NULL;
    call->request.body = NULL;
    call->request.method = strdup(request->method);
    if (asprintf(&call->url, "%s%s", base ? base : "", request->path) < 0)
        call->url = NULL;
    if (!call->request.method || !call->url || !add_headers(call, request->headers))
        return false;
    if (request->body && !(call->request.body = copy_bytes(request->body, request->body_length)))
        return false;
    return !easy_has_body(&call->request) || add_headers(call, no_defaults);
}

struct http_call *http_start(struct http_pool *pool, const struct http_request *request) {
    struct http_call *call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    call->pool = pool;
    call->deadline.fire = on_deadline;
    buf_init(&call->reply.body, request->max_body);
    buf_init(&call->reply.headers, MAX_HEADERS);
    if (!copy_request(call, request)) {
        call_free(call);
        return NULL;
    }
    bool head_first = request->head_timeout > 0 &&
                      (request->timeout <= 0 || request->head_timeout < request->timeout);
    call->started = loop_now(pool->http->loop);
    set_limit(call, head_first ? request->head_timeout : request->timeout);
    pool_enter(call);
    return call;
}

void http_resume(struct http_call *call) {
    if (!call->paused || !call->easy) /* no easy: inside its own on_done */
        return;
    call->paused = false;
    if (call->duplex) {
        duplex_go_on(call->duplex);
        return;
    }
    CURLcode code = curl_easy_pause(call->easy, CURLPAUSE_CONT);
    if (code == CURLE_OK)
        return;
    /* Only this knows of it: libcurl would go on with the transfer. */
    struct loop *loop = call->pool->http->loop;
    fail_transfer(call, code);
    loop_arm(loop, &call->deadline, loop_now(loop));
}

void http_cancel(struct http_call *call) {
    if (!call || call->stage == CALL_OVER) /* over: inside its own on_done */
        return;
    call_release(call);
    call_free(call);
}
