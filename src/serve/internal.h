/* What the files of this room share. */
#ifndef MOONTIDE_SERVE_INTERNAL_H
#define MOONTIDE_SERVE_INTERNAL_H

#include "loop/loop.h"
#include "serve/library.h"
#include "serve/listen.h"
#include "serve/serve.h"

enum {
    TARGET_MAX = 8 << 10,    /* bytes of a request's target: 414 */
    HEADERS_MAX = 64,        /* 431 */
    HEADER_BYTES = 16 << 10, /* of all names and values: 431 */
    DISCARD_MAX = 1 << 20    /* bytes of a refused body that are read, so that the reply arrives */
};

struct connection {
    struct serve *serve;
    struct MHD_Connection *mhd;
    int fd;
    struct connection *next, *prev; /* the one that has waited longest comes first */
    struct serve_request *request;  /* from its first line to the end of its reply */
    int64_t since;                  /* when it began to wait for what it waits for now */
    int64_t hung_up;                /* when its client sent the end; 0: not */
    bool served;                    /* one request at least */
    bool dropped;                   /* shut down: the library will notice */
    char peer[LISTEN_ADDRESS_SIZE];
};

enum request_state {
    REQUEST_COMING,
    REQUEST_DELAYED, /* it will be refused, later */
    REQUEST_ARRIVED, /* not told of yet */
    REQUEST_SERVED,  /* on_request was called */
    REQUEST_REPLIED,
    REQUEST_GONE, /* on_gone was called: no reply */
};

struct refusal {
    int status;   /* 0: none */
    bool at_once; /* and the connection ends: what follows cannot be told apart, or is too long */
    const char *why;
};

struct serve_request {
    struct connection *connection;
    enum request_state state;
    bool begun; /* its headers have come */
    char *target, *query;
    const char *method;
    struct buf body;
    size_t discarded; /* bytes of a body that is too large */
    struct refusal refusal;
    struct MHD_Response *response;
    unsigned status;
    struct deadline delay;
    struct serve_request *next; /* that has arrived */
    void *arg;
};

struct serve {
    const struct mhd *mhd;
    struct MHD_Daemon *daemon;
    struct loop *loop;
    struct serve_options options; /* its texts are behind `hosts` */
    const char **hosts;
    struct watch *traffic, *hang_ups;
    int epoll; /* of those whose clients may hang up */
    struct deadline tick, soon;
    int64_t tick_every, finished_at;
    struct connection *first, *last;
    unsigned connections, dropped;
    struct serve_request *arrived, **arrived_end;
    int64_t failures[5]; /* the last wrong tokens, a ring */
    unsigned failed;
    bool finishing;
    char address[LISTEN_ADDRESS_SIZE], local_name[LISTEN_ADDRESS_SIZE];
};

#endif
