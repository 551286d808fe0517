/* The calls of the Engine API as rows of data: what differs between them only in data. */
#ifndef MOONTIDE_DOCKER_ROWS_H
#define MOONTIDE_DOCKER_ROWS_H

#include "http/http.h"

/* What a successful reply must hold; anything else is an error of kind engine. PONG: the headers of
 * a ping. BYTES: the body as it is. FRAME: an object, or no body at all, which becomes an empty
 * one. */
enum docker_expect {
    EXPECT_NOTHING,
    EXPECT_OBJECT,
    EXPECT_ARRAY,
    EXPECT_ANYTHING,
    EXPECT_PONG,
    EXPECT_BYTES,
    EXPECT_FRAME,
};

enum { DOCKER_NO_TIMEOUT = -1 };

struct docker_row {
    const char *name;   /* as in mt.docker: "start" */
    const char *method; /* NULL: the caller's, with the caller's path: the row "request" */
    const char *path;   /* "/containers/%s/start": %s is the escaped object */
    const char *object; /* "container", "image", ...: what %s names, for messages; or NULL */
    enum docker_expect expect;
    enum http_class class;
    bool fresh;       /* sent once: libcurl may not repeat it on a connection that died */
    bool unversioned; /* has no /v1.NN before its path and needs no negotiation */
    bool duplex;      /* the engine hands the connection over: bytes go both ways */
    int timeout;      /* s; 0: the engine's (docker_options.timeout) */
    const char *done; /* replies that mean "it is so already", by status and text in any case:
                         "304", "409 is not running|500 not running"; or NULL */
};

/* The row of that name, NULL if there is none. */
const struct docker_row *docker_row(const char *name);

#endif
