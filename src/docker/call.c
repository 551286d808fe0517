/* One call: set up, waiting for the version, sent, finished exactly once. */
#include "base/url.h"
#include "docker/internal.h"
#include "http/duplex.h"

#include <ctype.h>
#include <json-c/json_object.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utlist.h>

#define MAX_PATH ((size_t)1024 * 1024)
#define MAX_BODY ((size_t)64 * 1024 * 1024)

/* --- life ------------------------------------------------------------------------------------ */

/* Out of the engine's hands: whoever has the call now owns it alone. */
static void leave(struct docker_call *call) {
    if (call->list) {
        DL_DELETE(*call->list, call);
    }
    call->list = NULL;
    loop_disarm(call->docker->loop, &call->deadline);
}

static void move_to(struct docker_call *call, struct docker_call **list) {
    leave(call);
    call->list = list;
    DL_APPEND(*list, call);
}

static void call_free(struct docker_call *call) {
    struct docker_request *request = &call->request;
    for (size_t i = 0; request->headers && request->headers[i]; i++) {
        free((char *)request->headers[i]);
    }
    free((void *)request->headers);
    free((char *)request->method);
    free((char *)request->object);
    free((void *)request->body);
    free(call->path);
    buf_free(&call->page);
    free(call);
}

static void finish(struct docker_call *call, struct docker_reply *reply) {
    leave(call);
    call->request.on_done(call->request.arg, reply);
    json_object_put(reply->json);
    call_free(call);
}

void call_fail(struct docker_call *call, const struct err *err) {
    struct docker_reply reply = {.status = err->status, .text = "", .err = *err};
    finish(call, &reply);
}

void docker_cancel(struct docker_call *call) {
    if (!call || !call->list) { /* inside its own on_done */
        return;
    }
    http_cancel(call->http);
    leave(call);
    call_free(call);
}

void docker_resume(struct docker_call *call) {
    if (call->http) {
        http_resume(call->http);
    }
}

bool docker_write(struct docker_call *call, const void *data, size_t length) {
    return call->http && http_write(call->http, data, length);
}

size_t docker_queued(const struct docker_call *call) {
    return call->http ? http_queued(call->http) : 0;
}

void docker_end(struct docker_call *call) {
    if (call->http) {
        http_end(call->http);
    }
}

/* --- sending --------------------------------------------------------------------------------- */

/* The engine refused the version: it was replaced since, or a proxy kept its version from us. True
 * when the call is under way once more, with another version. */
static bool renegotiate(struct docker_call *call, const struct http_reply *http) {
    char header[VERSION_SIZE] = "";
    const char *said = buf_text(&http->body);
    if (http->status != 400 || !call->versioned || !strcasestr(said, "client version ")) {
        return false;
    }
    http_header(&http->headers, "Api-Version", header, sizeof header);
    int next = version_after_refusal(call->version, header, said);
    if (next == VERSION_NONE || call->resent) {
        return false;
    }
    engine_set_version(call->docker, next);
    call->resent = true;
    return call_send(call);
}

/* Must only begin in time: what comes after has no end that can be foreseen. */
static bool is_open_ended(const struct docker_request *request) {
    return request->on_data && request->row->class != HTTP_SHORT;
}

/* What proxies and portals say where an engine would begin a stream, which can be anything. */
static bool is_page(const struct buf *headers) {
    char type[16] = "";
    http_header(headers, "Content-Type", type, sizeof type);
    return strncasecmp(type, "text/html", 9) == 0;
}

static void on_head(void *arg, int status, const struct buf *headers) {
    struct docker_call *call = arg;
    const struct docker_request *request = &call->request;
    (void)status;
    if (request->row->expect == EXPECT_BYTES && is_page(headers)) {
        return;
    }
    call->begun = true;
    if (is_open_ended(request)) {
        call->expires = INT64_MAX;
    }
    if (request->on_head) {
        request->on_head(request->arg, headers);
    }
}

static enum http_take on_data(void *arg, const char *data, size_t length) {
    struct docker_call *call = arg;
    if (call->begun) {
        return call->request.on_data(call->request.arg, data, length);
    }
    buf_append(&call->page, data, length < call->page.limit ? length : call->page.limit);
    return HTTP_REFUSE;
}

static void on_drained(void *arg) {
    struct docker_call *call = arg;
    if (call->request.on_drained) {
        call->request.on_drained(call->request.arg);
    }
}

static void on_reply(void *arg, struct http_reply *http) {
    struct docker_call *call = arg;
    struct docker_reply reply;
    call->http = NULL;
    if (renegotiate(call, http)) {
        return;
    }
    /* An engine that went away may come back as another version. */
    if (http->err.kind == ERR_TRANSPORT) {
        engine_set_version(call->docker, VERSION_NONE);
    }
    reply_read(&reply, call, http);
    finish(call, &reply);
}

bool call_send(struct docker_call *call) {
    struct docker *docker = call->docker;
    const struct docker_request *request = &call->request;
    struct buf path;
    buf_init(&path, MAX_PATH);
    bool open_ended = is_open_ended(request), endless = call->expires == INT64_MAX;
    int64_t left = endless ? 0 : call->expires - loop_now(docker->loop);
    left = left > 0 || endless ? left : 1;
    bool ok = !call->versioned || buf_printf(&path, "/v%s", docker->version_text);
    ok = ok && buf_puts(&path, call->path);
    struct http_request http = {
        .method = request->method,
        .path = buf_text(&path),
        .headers = request->headers,
        .body = request->body,
        .body_length = request->body_length,
        .class = request->row->class,
        .fresh = request->row->fresh,
        .duplex = request->row->duplex,
        .on_drained = on_drained,
        .timeout = open_ended ? 0 : left,
        .head_timeout = open_ended ? left : 0,
        .max_body = MAX_BODY,
        .on_head = on_head,
        .on_data = request->on_data ? on_data : NULL,
        .on_done = on_reply,
        .arg = call,
    };
    call->http = ok ? http_start(docker->pool, &http) : NULL;
    buf_free(&path);
    if (!call->http) {
        return false;
    }
    call->version = docker->version;
    move_to(call, &docker->sent);
    return true;
}

/* --- setting up ------------------------------------------------------------------------------ */

/* The row's path with the object in it, and the query. */
static bool write_path(struct docker_call *call, const struct docker_request *request) {
    const char *path = request->row->path ? request->row->path : request->path;
    const char *hole = request->row->path ? strstr(path, "%s") : NULL;
    struct buf out;
    buf_init(&out, MAX_PATH);
    bool ok = buf_append(&out, path, hole ? (size_t)(hole - path) : strlen(path));
    if (hole) {
        const char *object = request->object ? request->object : "";
        ok = ok && url_escape(&out, object, strlen(object)) && buf_puts(&out, hole + 2);
    }
    ok = ok && (!request->query || buf_puts(&out, request->query));
    call->path = ok ? strdup(buf_text(&out)) : NULL;
    buf_free(&out);
    return call->path != NULL;
}

static bool is_type(const char *header) {
    return strncasecmp(header, "Content-Type:", 13) == 0;
}

/* The caller's, and the type of a body, without which the engine answers 400. */
static bool copy_headers(struct docker_call *call, const char *const *headers) {
    size_t count = 0, used = 0;
    bool typed = !call->request.body;
    for (; headers && headers[count]; count++) {
        typed = typed || is_type(headers[count]);
    }
    char **copy = calloc(count + 2, sizeof *copy);
    call->request.headers = (const char *const *)copy;
    for (; copy && used < count; used++) {
        if (!(copy[used] = strdup(headers[used]))) {
            return false;
        }
    }
    return copy && (typed || (copy[used] = strdup("Content-Type: application/json")));
}

static void *copy_bytes(const void *bytes, size_t length) {
    void *copy = malloc(length + 1);
    return copy ? memcpy(copy, bytes, length) : NULL;
}

/* The caller's strings need not outlive docker_start; the call may wait and may be sent twice. */
static bool copy_request(struct docker_call *call, const struct docker_request *request) {
    const struct docker_row *row = request->row;
    struct docker_request *copy = &call->request;
    *copy = *request;
    copy->path = copy->query = NULL; /* both are in call->path */
    copy->headers = NULL;
    copy->body = NULL;
    copy->object = NULL;
    copy->method = strdup(row->method ? row->method : request->method);
    bool ok = copy->method && write_path(call, request);
    if (request->object) {
        ok = (copy->object = strdup(request->object)) && ok;
    }
    if (ok && request->body) {
        copy->body = copy_bytes(request->body, request->body_length);
        ok = copy->body != NULL;
    }
    return ok && copy_headers(call, request->headers);
}

/* libcurl and engines take "." and ".." out of a path and engines redirect from an empty part: the
 * request would be another one. */
static bool is_object(const char *object) {
    return object && *object && strcmp(object, ".") != 0 && strcmp(object, "..") != 0;
}

/* Why it cannot be sent, if so. */
static bool is_sound(const struct docker_call *call, struct err *err) {
    const struct docker_request *request = &call->request;
    if (request->row->path && strstr(request->row->path, "%s") && !is_object(request->object)) {
        err_set(err, ERR_INVALID, "\"%s\" is no name and no id; give one of a %s",
                request->object ? request->object : "", request->row->object);
        return false;
    }
    if (*call->path != '/') {
        err_set(err, ERR_INVALID,
                "the path \"%s\" must begin with a slash, as in \"/containers/json\"", call->path);
        return false;
    }
    return true;
}

static void on_deadline(struct deadline *deadline) {
    struct docker_call *call =
        (struct docker_call *)((char *)deadline - offsetof(struct docker_call, deadline));
    struct err err;
    if (is_sound(call, &err)) {
        reply_timeout(&err, call, HTTP_FAIL_CONNECT); /* it was never sent */
    }
    call_fail(call, &err);
}

/* Fails, waits for the version or is sent. False when out of memory. */
static bool begin(struct docker_call *call) {
    struct docker *docker = call->docker;
    struct err err;
    if (!is_sound(call, &err)) {
        move_to(call, &docker->sent); /* there is nothing that it waits for */
        loop_arm(docker->loop, &call->deadline, loop_now(docker->loop));
        return true;
    }
    if (!call->versioned || docker->version != VERSION_NONE) {
        return call_send(call);
    }
    if (!engine_negotiate(docker)) {
        return false;
    }
    call->round = docker->round;
    move_to(call, &docker->waiting);
    if (call->expires != INT64_MAX) {
        loop_arm(docker->loop, &call->deadline, call->expires);
    }
    return true;
}

static bool has_version(const char *path) {
    return (path[0] == '/' && path[1] == 'v' && isdigit((unsigned char)path[2])) ||
           strcmp(path, "/_ping") == 0;
}

/* How long it may take, which messages name, and until when that is. */
static void set_time(struct docker_call *call) {
    const struct docker_row *row = call->request.row;
    int64_t *timeout = &call->request.timeout;
    bool endless = *timeout <= 0 && row->timeout == DOCKER_NO_TIMEOUT;
    if (*timeout <= 0) {
        *timeout = row->timeout > 0 ? row->timeout * LOOP_SECOND : call->docker->timeout;
    }
    call->expires = endless ? INT64_MAX : loop_after(call->docker->loop, *timeout);
}

struct docker_call *docker_start(struct docker *docker, const struct docker_request *request) {
    const struct docker_row *row = request->row;
    struct docker_call *call = calloc(1, sizeof *call);
    if (!call) {
        return NULL;
    }
    if (!copy_request(call, request)) {
        call_free(call);
        return NULL;
    }
    call->docker = docker;
    call->deadline.fire = on_deadline;
    buf_init(&call->page, 120);
    set_time(call);
    call->versioned = !row->unversioned && (row->path || !has_version(call->path));
    if (!begin(call)) {
        call_free(call);
        return NULL;
    }
    return call;
}
