/* What the files of this room share: call -> pool -> http, one direction. */
#ifndef MOONTIDE_HTTP_INTERNAL_H
#define MOONTIDE_HTTP_INTERNAL_H

#include "http/call.h"
#include <uv.h>

struct http {
    struct loop *loop;
    CURLM *multi;          /* NULL until the first transfer */
    uv_timer_t timer;      /* libcurl's own */
    struct deadline drain; /* looks for finished transfers when no callback of libuv's will */
    struct http_pool *pools;
    struct command *commands; /* connections that are processes */
};

struct http_pool {
    struct http *http;
    struct http_target target; /* its strings are owned */
    unsigned short_limit, short_under_way;
    unsigned starting; /* of the commands */
    struct http_call *queue, *under_way;
    struct http_pool *prev, *next;
};

/* Starts libcurl if that is still to be done. */
bool http_open(struct http *http);
bool http_add(struct http *http, CURL *easy);
void http_remove(struct http *http, CURL *easy);
/* Launches the call or queues it. */
void pool_enter(struct http_call *call);
/* Takes the call out and launches the one that waited longest. */
void pool_leave(struct http_call *call);

/* Appends the request of a duplex call; false when out of memory. */
bool upgrade_write(struct buf *out, const struct http_call *call);

/* The connection of a duplex call, and the libcurl handle that it has for itself: those of calls
 * close what lies idle, and it would look idle to them. NULL when out of memory. */
struct duplex *duplex_new(struct http_call *call);
struct http *duplex_client(struct duplex *duplex);
/* It is there: sends the request. */
void duplex_connected(struct duplex *duplex);
/* Reads on, from the loop. */
void duplex_go_on(struct duplex *duplex);
/* Memory goes in the loop's next turn. NULL is fine. */
void duplex_free(struct duplex *duplex);

#endif
