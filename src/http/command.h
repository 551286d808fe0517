/* Connections that are processes; see command.c. */
#ifndef MOONTIDE_HTTP_COMMAND_H
#define MOONTIDE_HTTP_COMMAND_H

#include "http/internal.h"

struct command {
    struct http *http;
    struct http_pool *pool; /* NULL once that is freed */
    struct http_call *call; /* that uses it; NULL: none */
    struct child *child;    /* NULL: not started yet, or over */
    int fd;                 /* libcurl's end; -1: closed */
    int listener;           /* that libcurl's end connects to; then -1 */
    int theirs;             /* the other end, while it waits to be started; else -1 */
    bool starting, over;
    struct deadline deadline;
    int os_error;    /* errno of a start that failed */
    int code;        /* its exit code, when it is over; not above 0: nothing is known to be wrong */
    char said[1024]; /* the end of its stderr, when it is over */
    struct command *prev, *next;
};

/* Makes the connection of a call a process. False when out of memory. */
bool command_set(struct http_call *call);
/* A transfer goes over that socket, which may be a process's. */
void command_used(struct http *http, CURL *easy, curl_socket_t fd);
/* The call does not use its process any more. */
void command_detach(struct http_call *call);
/* Whether the call has failed, or its duplex has ended, and its process has still to say why:
 * call_deliver will come once more, when that has ended. When it has, its words are the reply's
 * error. */
bool command_await(struct http_call *call);
void command_close_pool(struct http_pool *pool);
void command_close_all(struct http *http);

/* said.c: why its process says that the call has failed, if it says so. */
void command_explain(struct http_call *call);

#endif
