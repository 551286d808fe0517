/* What the files of this room share: call -> pool -> http, one direction. */
#ifndef MOONTIDE_HTTP_INTERNAL_H
#define MOONTIDE_HTTP_INTERNAL_H

#include "http/http.h"
#include "loop/loop.h"
#include <curl/curl.h>
#include <uv.h>

struct http {
    struct loop *loop;
    CURLM *multi;          /* NULL until the first transfer */
    uv_timer_t timer;      /* libcurl's own */
    struct deadline drain; /* looks for finished transfers when no callback of libuv's will */
    struct http_pool *pools;
};

struct http_pool {
    struct http *http;
    struct http_target target; /* its strings are owned */
    unsigned short_limit, short_under_way;
    struct http_call *queue, *under_way;
    struct http_pool *prev, *next;
};

struct http_call {
    struct http_pool *pool;
    struct http_call *prev, *next;
    enum { CALL_QUEUED, CALL_UNDER_WAY, CALL_OVER } stage;
    struct http_request request; /* owns method and body; path and headers are NULL */
    char *url;                   /* base_url and path */
    struct curl_slist *headers;
    CURL *easy;             /* only while a transfer is in flight */
    int64_t started, limit; /* on loop_now's scale; ns from there, 0: none */
    struct deadline deadline;
    bool head_complete, begun, paused; /* begun: with the head of a 2xx reply */
    const char *fault;                 /* of the head; NULL: none */
    bool overdue;                      /* the deadline has passed once */
    struct http_reply reply;
    char detail[CURL_ERROR_SIZE]; /* what libcurl has to say */
};

/* Starts libcurl if that is still to be done. */
bool http_open(struct http *http);
bool http_add(struct http *http, CURL *easy);
void http_remove(struct http *http, CURL *easy);
/* Launches the call or queues it. */
void pool_enter(struct http_call *call);
/* Takes the call out and launches the one that waited longest. */
void pool_leave(struct http_call *call);
/* Begins the transfer; a failure to is delivered from the loop. */
void call_launch(struct http_call *call);
/* The transfer has ended: delivers the reply and frees the call. */
void call_finish(struct http_call *call, CURLcode code);
/* The reply has begun, with the head of a 2xx. */
void call_begun(struct http_call *call);
/* The call cannot be carried out: it is delivered from the loop. */
void call_fail_soon(struct http_call *call, enum err_kind kind, const char *why);

/* Sends a body, though maybe an empty one. */
bool easy_has_body(const struct http_request *request);
/* Nothing that ends a line may come from outside into the head of a request. */
bool easy_is_clean(const struct http_call *call);
/* Tells libcurl all about the call. False when out of memory. */
bool easy_set(struct http_call *call);

/* CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION of a call. */
size_t receive_body(char *data, size_t one, size_t length, void *call);
size_t receive_header(char *data, size_t one, size_t length, void *call);

/* Why it is unsure what a reply with that complete head is or where its body ends (RFC 9112, 6.3):
 * libcurl takes what it likes best. NULL: it is sure. */
const char *header_fault(const struct buf *headers);

/* Fill the reply's err, failure and os_error; fail_transfer keeps what fail_limit has set. */
void fail_limit(struct http_call *call, const char *why);
void fail_transfer(struct http_call *call, CURLcode code);
void fail_deadline(struct http_call *call);

#endif
