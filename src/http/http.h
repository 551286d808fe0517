/* HTTP requests on the loop (libcurl multi). A call ends exactly once: by `done`, or by
 * http_cancel, after which `done` is not called. Both never happen inside http_start. */
#ifndef MOONTIDE_HTTP_HTTP_H
#define MOONTIDE_HTTP_HTTP_H

#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

struct http;      /* the client: libcurl's multi handle on one loop */
struct http_pool; /* one server: where it is, and the queue in front of it */
struct http_call;
struct loop;

struct http *http_new(struct loop *loop);
/* Cancels what is under way. */
void http_free(struct http *http);

struct http_target {
    const char *unix_path; /* NULL: TCP */
    const char *base_url;  /* "http://localhost", "https://host:2376"; NULL: requests bring whole URLs */
    const char *ca_file, *cert_file, *key_file; /* NULL: the system's CAs, no client certificate */
    bool skip_verify;
    long max_idle_seconds; /* age at which an idle connection is not used again; 0: libcurl's */
};

/* `short_limit`: HTTP_SHORT calls under way at once; further ones queue (their deadlines run).
 * Everything in `target` is copied. */
struct http_pool *http_pool_new(struct http *http, const struct http_target *target,
                                unsigned short_limit);
void http_pool_free(struct http_pool *pool);

enum http_class {
    HTTP_SHORT, /* counted against the pool's limit */
    HTTP_LONG,  /* waits inside the server: stop, wait, stats, pull, logs, events; never queued */
};

struct http_reply {
    int status;         /* 0 when err.kind is set */
    struct buf body;    /* of a reply that is not streamed */
    struct buf headers; /* raw lines of the last header block */
    struct err err;     /* ERR_NONE, or transport, timeout, invalid (URL), denied (permissions) */
};

struct http_request {
    const char *method;
    const char *path;           /* below base_url, or a whole URL; already escaped */
    const char *const *headers; /* "Name: value", ends with NULL; or NULL */
    const void *body;           /* copied; NULL: none (a POST sends Content-Length: 0) */
    size_t body_length;
    enum http_class class;
    bool fresh;         /* on a new connection: libcurl re-sends on a reused one that dies */
    int64_t timeout;    /* ns for the whole call, queueing included; 0: none */
    size_t max_body;    /* a longer reply is an error */
    /* Streams a 2xx body instead of keeping it: must only store; false ends the call in error. */
    bool (*on_data)(void *arg, const char *data, size_t length);
    /* The reply is the callee's to read until it returns; it may start other calls. */
    void (*on_done)(void *arg, struct http_reply *reply);
    void *arg;
};

/* Returns NULL when out of memory. */
struct http_call *http_start(struct http_pool *pool, const struct http_request *request);
void http_cancel(struct http_call *call);

/* The value of the first header `name` (any case) in raw header lines, trimmed; false if absent. */
bool http_header(const struct buf *headers, const char *name, char *value, size_t size);

#endif
