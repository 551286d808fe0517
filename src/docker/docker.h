/* The Docker Engine API without Lua: one engine, its version, its calls. */
#ifndef MOONTIDE_DOCKER_DOCKER_H
#define MOONTIDE_DOCKER_DOCKER_H

#include "base/err.h"
#include "docker/rows.h"
#include "http/http.h"

struct docker;
struct docker_call;
struct docker_reply;
struct json_object;
struct loop;

struct docker_options {
    const char *host;      /* NULL: as docker_target_find says */
    const char *context;   /* of the docker CLI, "default" for none; NULL: host, DOCKER_CONTEXT */
    const char *cert_path; /* directory of ca.pem, cert.pem, key.pem; NULL: DOCKER_CERT_PATH */
    int tls_verify;  /* 1: TLS, verified; -1: TLS, not verified; 0: as DOCKER_TLS_VERIFY says */
    int64_t timeout; /* ns for calls whose row has no time of its own; 0: 30 s */
};

/* Returns NULL and fills `err` (invalid) for a host that cannot be understood. Sends nothing. */
struct docker *docker_open(struct loop *loop, struct http *http,
                           const struct docker_options *options, struct err *err);
/* Cancels what is under way. Not from inside on_done. */
void docker_close(struct docker *docker);

/* "unix:///var/run/docker.sock", and who chose it, "DOCKER_HOST": for messages. */
const char *docker_host(const struct docker *docker);
const char *docker_source(const struct docker *docker);
/* "1.41" once negotiated, "" before. */
const char *docker_version(const struct docker *docker);

struct docker_request {
    const struct docker_row *row;
    const char *object; /* id or name: fills the row's path, and stands in messages; may be NULL
                           when the path needs none (create: the name, if there is one) */
    const char *query;  /* "?t=10&...", escaped; NULL */
    const void *body;   /* JSON; NULL */
    size_t body_length;
    const char *const *headers; /* "Name: value", ends with NULL; or NULL */
    int64_t timeout; /* ns for all of it, negotiation and queueing included; of a long row or a
                        stream with on_data only until the reply has begun; 0: the row's */
    /* Of the row "request" only: what the caller wants sent as it is. */
    const char *method; /* "GET" */
    const char *path;   /* "/containers/json", or with a version of its own, "/v1.40/info" */
    /* They must only store, each may be NULL. on_head: a 2xx reply has begun, with these raw
     * header lines. on_data: its body goes there as it comes and is not kept. on_drained: of a row
     * that is duplex, as http/duplex.h says. */
    void (*on_head)(void *arg, const struct buf *headers);
    enum http_take (*on_data)(void *arg, const char *data, size_t length);
    void (*on_drained)(void *arg);
    void (*on_done)(void *arg, struct docker_reply *reply);
    void *arg;
};

/* What came of a request; the callee's to read until it returns. */
struct docker_reply {
    int status;               /* HTTP status, 0 when none came */
    struct json_object *json; /* NULL: none, or null; keep it with json_object_get */
    const char *text;         /* the body as it came, never NULL */
    size_t length;
    struct err err; /* ERR_NONE: done, or it was so already. "request" has none once a reply came */
};

/* Negotiates the version first if that is still to be done, and once more when the engine refuses
 * the version. Everything in `request` but the row is copied. Returns NULL when out of memory; else
 * on_done is called exactly once and never from inside, unless docker_cancel comes before. */
struct docker_call *docker_start(struct docker *docker, const struct docker_request *request);
void docker_cancel(struct docker_call *call);
/* Goes on with a stream that on_data has paused, as http_resume does; may call on_data. */
void docker_resume(struct docker_call *call);

/* As http/duplex.h has them, of a row that is duplex, once on_head has come. */
bool docker_write(struct docker_call *call, const void *data, size_t length);
size_t docker_queued(const struct docker_call *call);
void docker_end(struct docker_call *call);

#endif
