/* The Docker Engine API without Lua: one engine, its version, its calls. */
#ifndef MOONTIDE_DOCKER_DOCKER_H
#define MOONTIDE_DOCKER_DOCKER_H

#include "base/err.h"
#include "http/http.h"
#include <stdint.h>

struct docker;
struct docker_call;
struct json_object;

struct docker_options {
    const char *host;    /* NULL: DOCKER_HOST, else the sockets that are usual */
    int64_t timeout;     /* ns, replaces the default of calls that have no longer one of their own; 0 */
};

/* Returns NULL and fills `err` (invalid) for a host that cannot be understood. Connects to nothing. */
struct docker *docker_open(struct http *http, const struct docker_options *options, struct err *err);
void docker_close(struct docker *docker);

/* "unix:///var/run/docker.sock": for messages. */
const char *docker_host(const struct docker *docker);
/* "1.41" once negotiated, "" before. */
const char *docker_version(const struct docker *docker);

/* What differs between calls only in data. */
struct docker_row {
    const char *name;    /* as in mt.docker: "start" */
    const char *method;
    const char *path;    /* "/containers/%s/start": %s is the escaped object */
    const char *object;  /* "container", "image", ...: what %s names, for messages; NULL: none */
    enum http_class class;
    bool fresh;          /* not idempotent: never re-sent on a dead connection */
    bool unversioned;
    int timeout;         /* s */
    const char *done;    /* statuses besides 2xx that mean "it is so already": "304", "304 404" */
};

/* The row of that name, NULL if there is none. */
const struct docker_row *docker_row(const char *name);

struct docker_reply {
    int status;
    struct json_object *json; /* NULL: none, or null; taken over with json_object_get */
    const char *text;         /* the body as it came */
    size_t length;
    struct err err;
};

struct docker_request {
    const struct docker_row *row;
    const char *object;   /* the id or name; NULL when the row has none */
    const char *query;    /* "?t=10&...", escaped; NULL */
    const void *body;     /* JSON; NULL */
    size_t body_length;
    int64_t timeout;      /* ns; 0: the row's */
    void (*on_done)(void *arg, struct docker_reply *reply);
    void *arg;
};

/* Negotiates the version first if that is still to be done. As http_start: NULL when out of
 * memory, on_done exactly once and never from inside, or docker_cancel. */
struct docker_call *docker_start(struct docker *docker, const struct docker_request *request);
void docker_cancel(struct docker_call *call);

/* kind, next and a message for people, of an engine's error reply (a status of 400 and above).
 * `object` may be NULL. Pure. */
void docker_classify(struct err *err, const struct docker_row *row, const char *object, int status,
                     const char *body, size_t length);

/* Summaries {container_id, name, status, ports, image, created, labels, health, exit_code}, of one element of a list, and of an inspect reply. Both
 * return a new object, or NULL when out of memory or when the input is not an object. Pure. */
struct json_object *docker_summary_of_listed(struct json_object *listed);
struct json_object *docker_summary_of_inspected(struct json_object *inspected);

/* {cpu_percent, mem_usage, ...} of one stats reply, figures that cannot be known left out. Pure. */
struct json_object *docker_stats(struct json_object *reply);

#endif
