/* One request: set up, transferred, finished exactly once. */
#include "http/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libcurl's receive buffer, one for each transfer in flight. There may be a thousand long ones, of
 * which most wait: with libcurl's own 16 KiB each would cost 33 KiB. */
#define RECEIVE_BUFFER      4096L
#define RECEIVE_BUFFER_LONG 1024L
#define MAX_HEADERS         ((size_t)64 * 1024)
#define CONNECT_MS          5000L

/* How long a reply that has arrived may stay unread behind a script that kept the loop busy. */
#define GRACE (LOOP_SECOND / 1000)

static bool has_body(const struct http_request *request) {
    return request->body || strcmp(request->method, "POST") == 0 ||
           strcmp(request->method, "PUT") == 0 || strcmp(request->method, "PATCH") == 0;
}

/* --- what libcurl calls: may only store ------------------------------------------------------ */

static size_t keep(struct http_call *call, struct buf *buf, const char *data, size_t length,
                   const char *part) {
    if (buf_append(buf, data, length))
        return length;
    char why[100] = "it does not fit into memory";
    if (length > buf->limit - buf->length)
        snprintf(why, sizeof why, "its %s more than the %zu bytes accepted; %s", part, buf->limit,
                 "ask for less, or raise the limit");
    fail_limit(call, why);
    return CURL_WRITEFUNC_ERROR;
}

static size_t on_body(char *data, size_t one, size_t length, void *arg) {
    struct http_call *call = arg;
    const struct http_request *request = &call->request;
    long status = 0;
    (void)one;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    if (!request->on_data || status / 100 != 2)
        return keep(call, &call->reply.body, data, length, "body is");
    enum http_take taken = request->on_data(request->arg, data, length);
    if (taken == HTTP_TAKEN)
        return length;
    if (taken == HTTP_PAUSE)
        return CURL_WRITEFUNC_PAUSE;
    fail_limit(call, "its reader refused it");
    return CURL_WRITEFUNC_ERROR;
}

static size_t on_header(char *data, size_t one, size_t length, void *arg) {
    struct http_call *call = arg;
    struct buf *headers = &call->reply.headers;
    (void)one;
    if (length >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        buf_free(headers); /* of "100 Continue", which comes before the reply proper */
        call->head_complete = false;
    }
    if (length == 2 || *data == '\n') { /* the empty line */
        call->head_complete = true;
        call->fault = header_fault(headers);
    }
    return call->fault ? CURL_WRITEFUNC_ERROR : keep(call, headers, data, length, "headers are");
}

/* --- set-up ---------------------------------------------------------------------------------- */

static const struct {
    CURLoption option;
    long value;
} always[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
    {CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS},
    {CURLOPT_QUICK_EXIT, 1}, /* a cancelled look-up of a name does not keep the loop waiting */
};

static bool set_always(struct http_call *call) {
    CURL *easy = call->easy;
    bool ok = true;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        ok &= curl_easy_setopt(easy, always[i].option, always[i].value) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_PRIVATE, call) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->detail) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_WRITEDATA, call) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_HEADERDATA, call) == CURLE_OK;
    return ok;
}

static bool set_target(CURL *easy, const struct http_target *target) {
    bool ok = true;
    if (target->unix_path)
        ok &= curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, target->unix_path) == CURLE_OK;
    if (target->base_url)
        ok &= curl_easy_setopt(easy, CURLOPT_NOPROXY, "*") == CURLE_OK;
    if (target->ca_file) {
        ok &= curl_easy_setopt(easy, CURLOPT_CAINFO, target->ca_file) == CURLE_OK;
        /* Else the system's CAs would be trusted beside the one that was asked for. */
        ok &= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
    }
    if (target->cert_file)
        ok &= curl_easy_setopt(easy, CURLOPT_SSLCERT, target->cert_file) == CURLE_OK;
    if (target->key_file)
        ok &= curl_easy_setopt(easy, CURLOPT_SSLKEY, target->key_file) == CURLE_OK;
    if (target->skip_verify) {
        ok &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK;
    }
    if (target->max_idle_seconds)
        ok &= curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, target->max_idle_seconds) == CURLE_OK;
    return ok;
}

static bool set_request(struct http_call *call) {
    const struct http_request *request = &call->request;
    CURL *easy = call->easy;
    bool ok = curl_easy_setopt(easy, CURLOPT_URL, call->url) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers) == CURLE_OK;
    if (has_body(request)) {
        /* Without a size libcurl would send what it reads from stdin. */
        curl_off_t length = (curl_off_t)request->body_length;
        ok &= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, length) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "") ==
              CURLE_OK;
    }
    if (strcmp(request->method, "HEAD") == 0)
        ok &= curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    else
        ok &= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)request->fresh) == CURLE_OK;
    bool is_long = request->class == HTTP_LONG;
    ok &= curl_easy_setopt(easy, CURLOPT_BUFFERSIZE,
                           is_long ? RECEIVE_BUFFER_LONG : RECEIVE_BUFFER) == CURLE_OK;
    /* Long calls use no connection again: after a hundred of them a hundred would lie idle. */
    bool close = request->fresh || is_long;
    ok &= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, (long)close) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, (long)is_long) == CURLE_OK;
    if (request->connect_only) {
        ok &= curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_NOPROXY, "*") == CURLE_OK;
    }
    return ok;
}

/* Nothing that ends a line may come from outside into the head of a request. */
static bool is_clean(const struct http_call *call) {
    for (const struct curl_slist *header = call->headers; header; header = header->next)
        if (strpbrk(header->data, "\r\n"))
            return false;
    return *call->request.method && !strpbrk(call->request.method, " \t\r\n");
}

void call_launch(struct http_call *call) {
    struct http *http = call->pool->http;
    if (!is_clean(call)) {
        call_fail_soon(call, ERR_INVALID, "its method or a header holds a line break or a blank");
        return;
    }
    bool ok = http_open(http) && (call->easy = curl_easy_init()) && set_always(call) &&
              set_target(call->easy, &call->pool->target) && set_request(call);
    if (ok && http_add(http, call->easy))
        return;
    curl_easy_cleanup(call->easy);
    call->easy = NULL;
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

/* Out of libcurl's hands and the pool's: whoever has the call now owns it alone. */
static void call_release(struct http_call *call) {
    struct http *http = call->pool->http;
    loop_disarm(http->loop, &call->deadline);
    if (call->easy) {
        http_remove(http, call->easy);
        curl_easy_cleanup(call->easy);
        call->easy = NULL;
    }
    pool_leave(call);
}

/* The pool may be freed by `on_done`: it is not touched afterwards. */
static void call_deliver(struct http_call *call) {
    call_release(call);
    if (call->reply.err.kind != ERR_NONE)
        call->reply.status = 0;
    call->request.on_done(call->request.arg, &call->reply);
    call_free(call);
}

void call_finish(struct http_call *call, CURLcode code) {
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    call->reply.status = (int)status;
    bool cut = !call->head_complete && !call->request.connect_only;
    if (code == CURLE_OK && cut) { /* closed between two headers: fine by libcurl */
        code = CURLE_PARTIAL_FILE;
        call->fault = "its headers are cut off";
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
    if (!failed)
        fail_deadline(call);
    call_deliver(call);
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
    return !has_body(&call->request) || add_headers(call, no_defaults);
}

struct http_call *http_start(struct http_pool *pool, const struct http_request *request) {
    struct loop *loop = pool->http->loop;
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
    if (request->timeout > 0)
        loop_arm(loop, &call->deadline, loop_after(loop, request->timeout));
    pool_enter(call);
    return call;
}

void http_resume(struct http_call *call) {
    if (call->easy)
        curl_easy_pause(call->easy, CURLPAUSE_CONT);
}

void http_cancel(struct http_call *call) {
    if (!call || call->stage == CALL_OVER) /* over: inside its own on_done */
        return;
    call_release(call);
    call_free(call);
}
