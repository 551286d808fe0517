/* What comes of a reply: may only store. */
#include "http/call.h"

#include <stdio.h>
#include <string.h>

/* What is read of a body that nobody wants: most servers would complain of one that is not taken.
 */
#define MAX_IGNORED ((size_t)64 * 1024)

static bool keep(struct http_call *call, struct buf *buf, const char *data, size_t length,
                 const char *part) {
    if (buf_append(buf, data, length))
        return true;
    char why[100] = "it does not fit into memory";
    if (length > buf->limit - buf->length)
        snprintf(why, sizeof why, "its %s more than the %zu bytes accepted; %s", part, buf->limit,
                 "ask for less, or raise the limit");
    fail_limit(call, why);
    return false;
}

/* --- the body -------------------------------------------------------------------------------- */

enum http_take receive(struct http_call *call, const char *data, size_t length) {
    const struct http_request *request = &call->request;
    if (call->settled) {
        call->ignored += length;
        return call->ignored < MAX_IGNORED ? HTTP_TAKEN : HTTP_REFUSE;
    }
    if (!request->on_data || !call->begun)
        return keep(call, &call->reply.body, data, length, "body is") ? HTTP_TAKEN : HTTP_REFUSE;
    enum http_take taken = request->on_data(request->arg, data, length);
    call->paused = taken == HTTP_PAUSE;
    if (taken == HTTP_REFUSE)
        fail_limit(call, "its reader refused it");
    return taken;
}

enum http_take receive_framed(struct http_call *call, const char *data, size_t length,
                              size_t *used) {
    enum http_take taken = HTTP_TAKEN;
    *used = 0;
    while (taken == HTTP_TAKEN && *used < length) {
        struct chunked before = call->chunked;
        const char *body;
        size_t size;
        size_t next = chunked_next(&call->chunked, data + *used, length - *used, &body, &size);
        if ((call->fault = call->chunked.fault))
            return HTTP_REFUSE;
        if (size > 0)
            taken = receive(call, body, size);
        if (taken == HTTP_TAKEN)
            *used += next;
        else
            call->chunked = before;
    }
    return taken;
}

size_t receive_body(char *data, size_t one, size_t length, void *arg) {
    struct http_call *call = arg;
    size_t skip = call->skip < length ? call->skip : length, used = 0;
    enum http_take taken;
    (void)one;
    if (call->reply.err.kind != ERR_NONE) /* its end is only to be delivered */
        return CURL_WRITEFUNC_ERROR;
    call->skip -= skip;
    if (call->in_chunks)
        taken = receive_framed(call, data + skip, length - skip, &used);
    else
        taken = receive(call, data, length);
    if (taken == HTTP_PAUSE)
        call->skip = skip + used;
    return taken == HTTP_TAKEN   ? length
           : taken == HTTP_PAUSE ? CURL_WRITEFUNC_PAUSE
                                 : CURL_WRITEFUNC_ERROR;
}

/* --- the head -------------------------------------------------------------------------------- */

static void complete_head(struct http_call *call) {
    const struct buf *headers = &call->reply.headers;
    char value[32];
    bool duplex = call->request.duplex;
    int status = header_status(headers);
    call->head_complete = true;
    call->fault = header_fault(headers, duplex);
    call->reply.status = status;
    if (call->fault || (status / 100 == 1 && !(duplex && status == 101)))
        return;
    call->settled = call->request.ignore_body;
    call->in_chunks = http_header(headers, "Transfer-Encoding", value, sizeof value);
    bool framed = call->in_chunks || http_header(headers, "Content-Length", value, sizeof value);
    call->begun = duplex ? status == 101 || (status == 200 && !framed) : status / 100 == 2;
    if (call->begun)
        call_begun(call);
}

bool receive_line(struct http_call *call, const char *line, size_t length) {
    struct buf *headers = &call->reply.headers;
    if (!call->begun && length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        buf_free(headers); /* of "100 Continue", which comes before the reply proper */
        call->head_complete = false;
    }
    bool empty = *line == '\n' || (length == 2 && *line == '\r');
    if (empty && !call->head_complete)
        complete_head(call);
    return !call->fault && keep(call, headers, line, length, "headers are");
}

size_t receive_header(char *data, size_t one, size_t length, void *arg) {
    struct http_call *call = arg;
    (void)one;
    if (call->reply.err.kind != ERR_NONE)
        return CURL_WRITEFUNC_ERROR;
    return receive_line(call, data, length) ? length : CURL_WRITEFUNC_ERROR;
}
