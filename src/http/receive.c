/* What libcurl calls while a reply comes: may only store. */
#include "http/internal.h"

#include <stdio.h>
#include <string.h>

static size_t keep(struct http_call *call, struct buf *buf, const char *data, size_t length,
                   const char *part) {
    if (buf_append(buf, data, length))
        return length;
    char why[100] = "it does not fit into memory";
    if (length > buf->limit - buf->length)
        snprintf(why, sizeof why, "its %s more than the %zu bytes accepted; %s", part, buf->limit,
                 "ask for less, or raise the limit");
    fail_limit(call, why);
    return CURL_WRITEFUNC_ERROR;
}

size_t receive_body(char *data, size_t one, size_t length, void *arg) {
    struct http_call *call = arg;
    const struct http_request *request = &call->request;
    (void)one;
    if (call->reply.err.kind != ERR_NONE) /* its end is only to be delivered */
        return CURL_WRITEFUNC_ERROR;
    if (!request->on_data || !call->begun)
        return keep(call, &call->reply.body, data, length, "body is");
    enum http_take taken = request->on_data(request->arg, data, length);
    if (taken == HTTP_TAKEN)
        return length;
    if (taken == HTTP_PAUSE) {
        call->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    fail_limit(call, "its reader refused it");
    return CURL_WRITEFUNC_ERROR;
}

static void complete_head(struct http_call *call) {
    long status = 0;
    bool first = !call->head_complete;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    call->reply.status = (int)status;
    call->head_complete = true;
    call->fault = header_fault(&call->reply.headers);
    if (first && !call->fault && status / 100 == 2) {
        call->begun = true;
        call_begun(call);
    }
}

size_t receive_header(char *data, size_t one, size_t length, void *arg) {
    struct http_call *call = arg;
    struct buf *headers = &call->reply.headers;
    (void)one;
    if (call->reply.err.kind != ERR_NONE)
        return CURL_WRITEFUNC_ERROR;
    if (!call->begun && length >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        buf_free(headers); /* of "100 Continue", which comes before the reply proper */
        call->head_complete = false;
    }
    if (length == 2 || *data == '\n') /* the empty line */
        complete_head(call);
    return call->fault ? CURL_WRITEFUNC_ERROR : keep(call, headers, data, length, "headers are");
}
