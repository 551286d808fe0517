/* A small HTTP server on the loop (libmicrohttpd, loaded when the first one starts): whole requests
 * in, whole replies out. It refuses by itself what is too long, too slow, too many, or not for this
 * host. */
#ifndef MOONTIDE_SERVE_SERVE_H
#define MOONTIDE_SERVE_SERVE_H

#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct serve;
struct serve_request;

struct serve_options {
    const char *host; /* a numeric address, "localhost"; what is not loopback has to be said */
    unsigned port;    /* 0: the system chooses */
    const char *const *hosts; /* further names that a Host header may have; ends with NULL */
    const char *token;        /* NULL: none; else "Authorization: Bearer TOKEN" is asked for */
    size_t max_body;          /* bytes of a request's body: 413 beyond */
    unsigned max_connections; /* the oldest idle one is dropped for one more */
    int64_t timeout;          /* ns for a whole request to arrive, and between two: 408 */
    /* A whole request; served until serve_reply, which may be called from inside. */
    void (*on_request)(void *arg, struct serve_request *request);
    /* Its client has gone, or the server was closed: the request is no more after this returns. */
    void (*on_gone)(void *arg, struct serve_request *request);
    /* After serve_finish: no connection is left. */
    void (*on_over)(void *arg);
    void *arg;
};

/* NULL with err: the address is taken or no address, the library is not installed. The options are
 * copied. */
struct serve *serve_start(struct loop *loop, const struct serve_options *options, struct err *err);
/* Takes no more connections and no more requests; those that are being served have `timeout` to
 * end.
 */
void serve_finish(struct serve *serve);
/* Ends all at once. Not from inside on_request. */
void serve_close(struct serve *serve);
/* "127.0.0.1:8080", "[::1]:8080": where it listens. */
const char *serve_address(const struct serve *serve);

struct serve_header {
    const char *name, *value;
};

/* What came; valid until the reply or on_gone. */
const char *serve_method(const struct serve_request *request);
const char *serve_path(const struct serve_request *request);  /* as sent, without the query */
const char *serve_query(const struct serve_request *request); /* as sent, "" for none */
const char *serve_peer(const struct serve_request *request);  /* "127.0.0.1:51234" */
const struct buf *serve_body(const struct serve_request *request);
void serve_headers(struct serve_request *request,
                   void (*each)(void *arg, const struct serve_header *header), void *arg);

void serve_set_arg(struct serve_request *request, void *arg);
void *serve_arg(const struct serve_request *request);

/* Ends the request: status 200 to 599, headers ended by {NULL, NULL}; the body is copied. False
 * when out of memory or a header is none (a line break in it): then it is answered with 500. */
bool serve_reply(struct serve_request *request, int status, const struct serve_header *headers,
                 const void *body, size_t length);

#endif
