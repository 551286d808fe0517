/* Replies, and what a request says of itself. */
#include "serve/parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Of every reply. */
static bool add_headers(const struct mhd *mhd, struct MHD_Response *response,
                        const struct serve_header *headers) {
    static const struct serve_header ours[] = {
        {"X-Content-Type-Options", "nosniff"},
        {"Cache-Control", "no-store"},
        {NULL, NULL},
    };
    bool stored = false;
    for (; headers->name; headers++) {
        stored = stored || strcasecmp(headers->name, "Cache-Control") == 0;
        if (!mhd->add_response_header(response, headers->name, headers->value))
            return false;
    }
    for (headers = ours; headers->name && !(stored && headers == ours + 1); headers++)
        if (!mhd->add_response_header(response, headers->name, headers->value))
            return false;
    return true;
}

struct MHD_Response *reply_make(struct serve *serve, const struct serve_header *headers,
                                const void *body, size_t length) {
    const struct mhd *mhd = serve->mhd;
    struct MHD_Response *response =
        mhd->create_response_from_buffer(length, (void *)body, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return NULL;
    if (add_headers(mhd, response, headers) &&
        (!serve->finishing || mhd->add_response_header(response, "Connection", "close")))
        return response;
    mhd->destroy_response(response);
    return NULL;
}

struct MHD_Response *reply_refusal(struct serve *serve, const struct refusal *refusal) {
    char body[160];
    static const struct serve_header plain[] = {{"Content-Type", "application/json"}, {NULL, NULL}};
    static const struct serve_header challenge[] = {
        {"Content-Type", "application/json"},
        {"WWW-Authenticate", "Bearer realm=\"moontide\""},
        {NULL, NULL},
    };
    int length = snprintf(body, sizeof body, "{\"error\":\"%s\"}", refusal->why);
    return reply_make(serve, refusal->status == 401 ? challenge : plain, body, (size_t)length);
}

bool serve_reply(struct serve_request *request, int status, const struct serve_header *headers,
                 const void *body, size_t length) {
    struct serve *serve = request->connection->serve;
    static const struct refusal broken = {500, false, "internal error"};
    request->status = (unsigned)status;
    request->response = reply_make(serve, headers, body, length);
    bool made = request->response != NULL;
    if (!made) {
        request->status = 500;
        request->response = reply_refusal(serve, &broken);
    }
    request->state = REQUEST_REPLIED;
    request_resume(request);
    return made;
}

const char *serve_method(const struct serve_request *request) {
    return request->method;
}

const char *serve_path(const struct serve_request *request) {
    return request->target;
}

const char *serve_query(const struct serve_request *request) {
    return request->query;
}

const char *serve_peer(const struct serve_request *request) {
    return request->connection->peer;
}

const struct buf *serve_body(const struct serve_request *request) {
    return &request->body;
}

struct each {
    void (*call)(void *arg, const struct serve_header *header);
    void *arg;
};

static enum MHD_Result on_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                 size_t name_length, const char *value, size_t value_length) {
    const struct each *each = arg;
    (void)kind, (void)name_length, (void)value_length;
    each->call(each->arg, &(struct serve_header){name, value ? value : ""});
    return MHD_YES;
}

void serve_headers(struct serve_request *request,
                   void (*each)(void *arg, const struct serve_header *header), void *arg) {
    struct each call = {each, arg};
    request->connection->serve->mhd->get_connection_values_n(request->connection->mhd,
                                                             MHD_HEADER_KIND, on_header, &call);
}

void serve_set_arg(struct serve_request *request, void *arg) {
    request->arg = arg;
}

void *serve_arg(const struct serve_request *request) {
    return request->arg;
}
