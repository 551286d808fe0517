/* What the files of this room share: call -> engine -> reply, version. */
#ifndef MOONTIDE_DOCKER_INTERNAL_H
#define MOONTIDE_DOCKER_INTERNAL_H

#include "docker/docker.h"
#include "docker/host.h"
#include "docker/version.h"
#include "loop/loop.h"

struct docker {
    struct loop *loop;
    struct http_pool *pool;
    char host[sizeof((struct docker_target *)0)->host];
    char source[sizeof((struct docker_target *)0)->source];
    int64_t timeout;
    int version; /* as version.h has it; VERSION_NONE: to be negotiated */
    char version_text[VERSION_SIZE];
    struct http_call *ping; /* the negotiation under way, which every waiting call waits for */
    uint64_t round;         /* negotiations that have ended */
    struct docker_call *waiting, *sent;
};

struct docker_call {
    struct docker *docker;
    struct docker_call *prev, *next;
    struct docker_request request; /* all strings owned, but for query, which path has */
    struct docker_call **list;     /* docker->waiting or docker->sent */
    uint64_t round;                /* of the negotiation that it waits for */
    char *path;                    /* without host and version: "/containers/web-1/start?t=10" */
    bool versioned;
    int version;              /* with which it was sent */
    bool resent;              /* once, with another version */
    int64_t expires;          /* on loop_now's scale; INT64_MAX: never */
    struct deadline deadline; /* while it waits; http has its own */
    struct http_call *http;
    bool begun;      /* a 2xx reply has, and it is an engine's */
    struct buf page; /* the beginning of one that is a web page */
};

/* Begins a negotiation if none is under way. False when out of memory. */
bool engine_negotiate(struct docker *docker);
/* VERSION_NONE makes the next call negotiate. */
void engine_set_version(struct docker *docker, int version);

/* Sends a call that waits. False when out of memory: it is then as it was. */
bool call_send(struct docker_call *call);
/* Ends a call: on_done, then gone. */
void call_fail(struct docker_call *call, const struct err *err);

/* Fills `reply` from what http brought; its json is to be put afterwards. */
void reply_read(struct docker_reply *reply, const struct docker_call *call,
                const struct http_reply *http);
/* The error of a call that http could not carry out, or that waited for such a one. */
void reply_failure(struct err *err, const struct docker_call *call, const struct http_reply *http);
/* The error of a call whose time is over. */
void reply_timeout(struct err *err, const struct docker_call *call, enum http_failure failure);
/* The error of a reply that no Docker Engine gives. */
void reply_unexpected(struct err *err, const struct docker_call *call, const char *why,
                      const char *body, size_t length);

#endif
