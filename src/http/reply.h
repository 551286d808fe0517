/* What comes of an HTTP request. */
#ifndef MOONTIDE_HTTP_REPLY_H
#define MOONTIDE_HTTP_REPLY_H

#include "base/buf.h"
#include "base/err.h"

enum http_failure { /* how a call failed. Up to TLS the server has seen nothing of the request */
                    HTTP_FAIL_NONE,
                    HTTP_FAIL_REQUEST, /* it cannot be sent: URL, headers, memory */
                    HTTP_FAIL_QUEUED,  /* its deadline passed in the queue */
                    HTTP_FAIL_CONNECT, /* os_error has the cause, 0: unknown */
                    HTTP_FAIL_TLS,
                    HTTP_FAIL_TIMEOUT, /* its deadline passed before the reply was complete */
                    HTTP_FAIL_LOST,    /* the connection broke off */
                    HTTP_FAIL_GARBAGE, /* the reply is not HTTP */
                    HTTP_FAIL_LIMIT,   /* the reply is too large, or on_data refused it */
};
struct http_reply {
    int status;         /* 0 when err.kind is set */
    struct buf body;    /* of a reply that is not streamed */
    struct buf headers; /* raw lines of the last header block, at most 64 KiB */
    struct err err;     /* ERR_NONE, transport, timeout, invalid (request), denied */
    enum http_failure failure;
    int os_error; /* errno of a failed connect */
};

/* The value of the first header `name` (any case) in raw header lines, trimmed; false if absent. */
bool http_header(const struct buf *headers, const char *name, char *value, size_t size);

#endif
