/* HTTP requests on the loop (libcurl multi). A call ends exactly once: by `on_done`, or by
 * http_cancel, after which `on_done` is not called. `on_done` is never called inside http_start. */
#ifndef MOONTIDE_HTTP_HTTP_H
#define MOONTIDE_HTTP_HTTP_H

#include "http/reply.h"
#include <stdint.h>

struct http;      /* the client: libcurl's multi handle on one loop */
struct http_pool; /* one server: where it is, and the queue in front of it */
struct http_call;
struct loop;

/* NULL when out of memory. libcurl starts with the first call; SIGPIPE must be ignored by then. */
struct http *http_new(struct loop *loop);
/* Cancels what is under way, frees the pools. Memory goes in the loop's next turn (or loop_free).
 * Neither this nor http_pool_free calls an on_done; only the latter may be called from one. */
void http_free(struct http *http);

struct http_target {
    const char *name;      /* for messages: "the Docker Engine"; NULL: "the server" */
    const char *unix_path; /* NULL: TCP */
    const char *base_url;  /* "http://engine1" (for unix a name of its own), "https://host:2376" */
    /* Ends with NULL; NULL: none. Each connection is such a process, HTTP over its stdin and
     * stdout; then base_url is "http://" and a name of its own, `address` what messages say
     * instead. */
    const char *const *command;
    const char *address;
    const char *ca_file, *cert_file, *key_file; /* NULL: the system's CAs, no client certificate */
    bool skip_verify;
    long max_idle_seconds; /* an idle connection older than this is not used again; 0: libcurl's */
};
/* `short_limit`: HTTP_SHORT calls under way at once; further ones queue (their deadlines run).
 * base_url NULL: requests bring whole URLs, and the environment's proxies are used. `target` is
 * copied. NULL when out of memory. */
struct http_pool *http_pool_new(struct http *http, const struct http_target *target,
                                unsigned short_limit);
void http_pool_free(struct http_pool *pool);
enum http_class {
    HTTP_SHORT,  /* counted against the pool's limit */
    HTTP_LONG,   /* waits inside the server: stop, wait, stats; never queued */
    HTTP_STREAM, /* as HTTP_LONG, and much may come: logs, events, pull; a larger receive buffer */
};
enum http_take { /* what on_data did with the bytes */
                 HTTP_TAKEN,
                 HTTP_PAUSE,  /* nothing: they are offered again, with others, after http_resume */
                 HTTP_REFUSE, /* the call ends in error */
};
struct http_request {
    const char *method;
    const char *path;           /* below base_url, or a whole URL; already escaped */
    const char *const *headers; /* "Name: value", ends with NULL; or NULL */
    const void *body;           /* copied; NULL: none (POST, PUT, PATCH send Content-Length: 0) */
    size_t body_length;
    enum http_class class;
    bool fresh;           /* on a new connection: libcurl re-sends on a reused one that dies */
    bool deny_link_local; /* by no proxy, and never to such an address: guard.h */
    bool ignore_body;     /* drops it; once the head is there the call cannot fail any more */
    bool connect_only;    /* sends nothing: done, with status 0, once connected, by no proxy */
    bool duplex;          /* asks for the connection: duplex.h, where on_drained is, too */
    void (*on_drained)(void *arg);
    int64_t timeout;      /* ns for the whole call, queueing included; 0: none */
    int64_t head_timeout; /* as `timeout`, until the head of a 2xx or the whole of another reply */
    size_t max_body;      /* bytes of a body that is kept; a longer one is an error */
    /* The head of a 2xx reply is complete; before any on_data. May be NULL; must only store. */
    void (*on_head)(void *arg, int status, const struct buf *headers);
    /* Streams a 2xx body instead of keeping it: must only store. */
    enum http_take (*on_data)(void *arg, const char *data, size_t length);
    /* The reply is the callee's to read until it returns; it may start and cancel calls. */
    void (*on_done)(void *arg, struct http_reply *reply);
    void *arg;
};
struct http_call *http_start(struct http_pool *pool, const struct http_request *request);
void http_cancel(struct http_call *call); /* http_start returns NULL only when out of memory */
/* Goes on with a call that on_data has paused (its deadline runs meanwhile, at most 64 KiB are
 * held, and a server that goes away is noticed later); may call on_data, never on_done. Not from
 * inside on_data. Nothing when it is not paused. */
void http_resume(struct http_call *call);

#endif
