/* One call, inside this room: set up (easy), received, failed, ended. */
#ifndef MOONTIDE_HTTP_CALL_H
#define MOONTIDE_HTTP_CALL_H

#include "http/chunked.h"
#include "http/http.h"
#include "loop/loop.h"
#include <curl/curl.h>

struct command;
struct duplex;

struct http_call {
    struct http_pool *pool;
    struct http_call *prev, *next;
    enum { CALL_QUEUED, CALL_UNDER_WAY, CALL_OVER } stage;
    struct http_request request; /* owns method and body; path and headers are NULL */
    char *url;                   /* base_url and path */
    struct curl_slist *headers;
    CURL *easy;             /* only while a transfer is in flight */
    struct duplex *duplex;  /* of a duplex request, as long as `easy` */
    int64_t started, limit; /* on loop_now's scale; ns from there, 0: none */
    struct deadline deadline;
    bool head_complete, begun, paused; /* begun: with the head of a 2xx reply, or of a duplex */
    bool sent;                         /* of a duplex: some of the request */
    bool overdue;                      /* the deadline has passed once */
    bool in_chunks;
    struct chunked chunked;
    size_t skip;       /* bytes that were taken of what libcurl will offer again */
    const char *fault; /* of the head or the chunks; NULL: none */
    struct http_reply reply;
    char detail[CURL_ERROR_SIZE]; /* what libcurl has to say */
    struct command *command;      /* its connection, when that is a process; NULL */
    bool awaits;                  /* it has failed, and that process is to say why */
    char refused[48];             /* the last link-local address; "": none */
    size_t ignored;               /* bytes of a body that nobody wants */
    bool settled;                 /* its head is there, and nobody wants the body */
};

/* Begins the transfer; a failure to is delivered from the loop. */
void call_launch(struct http_call *call);
/* The transfer has ended, or the connection of a duplex is there. */
void call_finish(struct http_call *call, CURLcode code);
/* Delivers the reply and frees the call. */
void call_deliver(struct http_call *call);
/* The reply has begun, with the head of a 2xx or of a duplex. */
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
/* A line of the head with its end; a part of the body, `length` > 0, without its chunks' frames; a
 * part of the body with them: *used bytes are taken. After HTTP_REFUSE reply.err or fault says why.
 */
bool receive_line(struct http_call *call, const char *line, size_t length);
enum http_take receive(struct http_call *call, const char *data, size_t length);
enum http_take receive_framed(struct http_call *call, const char *data, size_t length,
                              size_t *used);

/* Why it is unsure what a reply with that complete head is or where its body ends (RFC 9112, 6.3):
 * libcurl takes what it likes best. NULL: it is sure. */
const char *header_fault(const struct buf *headers, bool duplex);
/* Of the status line that they begin with; 0 when it is malformed. */
int header_status(const struct buf *headers);

/* Fill the reply's err, failure and os_error; fail_transfer keeps what fail_limit has set. */
void fail_limit(struct http_call *call, const char *why);
void fail_transfer(struct http_call *call, CURLcode code);
void fail_deadline(struct http_call *call);

#endif
