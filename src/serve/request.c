/* One request, from its first line to the end of its reply. */
#include "serve/parts.h"

#include <stdlib.h>
#include <string.h>

#define DELAY        LOOP_SECOND /* of the answer to a wrong token, when there were many */
#define DELAY_WITHIN (60 * LOOP_SECOND)

/* The library's record of it is what is returned; without one it is refused. */
void *request_line(void *arg, const char *uri, struct MHD_Connection *mhd) {
    struct serve *serve = arg;
    struct connection *connection = connection_of(serve->mhd, mhd);
    struct serve_request *request = connection ? calloc(1, sizeof *request) : NULL;
    if (!request)
        return NULL;
    request->target = strdup(uri ? uri : "");
    request->connection = connection;
    buf_init(&request->body, serve->options.max_body);
    if (connection->served)
        connection_waits(connection);
    connection->request = request;
    return request;
}

void request_resume(struct serve_request *request) {
    struct connection *connection = request->connection;
    connection->serve->mhd->resume_connection(connection->mhd);
    serve_run_soon(connection->serve);
}

static void on_delay(struct deadline *deadline) {
    struct serve_request *request =
        (struct serve_request *)((char *)deadline - offsetof(struct serve_request, delay));
    request_resume(request);
}

static bool queue(struct serve_request *request, unsigned status, struct MHD_Response *response) {
    const struct mhd *mhd = request->connection->serve->mhd;
    bool queued = response && mhd->queue_response(request->connection->mhd, status, response);
    if (response)
        mhd->destroy_response(response);
    return queued;
}

static enum MHD_Result refuse(struct serve_request *request) {
    struct refusal *refusal = &request->refusal;
    request->state = REQUEST_REPLIED;
    return queue(request, (unsigned)refusal->status,
                 reply_refusal(request->connection->serve, refusal))
               ? MHD_YES
               : MHD_NO;
}

/* Whether so many wrong tokens were shown that this one's answer has to wait. */
static bool is_too_fast(struct serve *serve) {
    int64_t now = loop_now(serve->loop);
    size_t count = sizeof serve->failures / sizeof *serve->failures;
    int64_t *oldest = &serve->failures[serve->failed++ % count];
    bool fast = *oldest != 0 && now - *oldest < DELAY_WITHIN;
    *oldest = now;
    return fast;
}

static enum MHD_Result refuse_in_time(struct serve_request *request) {
    struct serve *serve = request->connection->serve;
    if (request->refusal.status != 401 || !is_too_fast(serve))
        return refuse(request);
    request->state = REQUEST_DELAYED;
    request->delay.fire = on_delay;
    loop_arm(serve->loop, &request->delay, loop_after(serve->loop, DELAY));
    serve->mhd->suspend_connection(request->connection->mhd);
    return MHD_YES;
}

static enum MHD_Result arrive(struct serve_request *request) {
    struct serve *serve = request->connection->serve;
    request->state = REQUEST_ARRIVED;
    *serve->arrived_end = request;
    serve->arrived_end = &request->next;
    serve->mhd->suspend_connection(request->connection->mhd);
    return MHD_YES;
}

/* All of it has come, or it was resumed. */
static enum MHD_Result proceed(struct serve_request *request) {
    struct MHD_Response *response = request->response;
    switch (request->state) {
    case REQUEST_COMING:
        return request->refusal.status ? refuse_in_time(request) : arrive(request);
    case REQUEST_DELAYED:
        return refuse(request);
    case REQUEST_REPLIED:
        request->response = NULL;
        return queue(request, request->status, response) ? MHD_YES : MHD_NO;
    case REQUEST_ARRIVED:
    case REQUEST_SERVED:
        return MHD_YES;
    default:
        return MHD_NO; /* ends the connection */
    }
}

/* A body that is not taken is read all the same, up to a point: a connection that is closed on what
 * was not read loses the reply. */
static enum MHD_Result take(struct serve_request *request, const char *data, size_t size) {
    if (!request->refusal.status && !buf_append(&request->body, data, size))
        request->refusal = (struct refusal){413, false, "the body is too long"};
    if (request->refusal.status) {
        buf_free(&request->body);
        request->discarded += size;
    }
    return request->discarded > DISCARD_MAX + request->body.limit ? MHD_NO : MHD_YES;
}

enum MHD_Result request_handle(void *arg, struct MHD_Connection *mhd, const char *url,
                               const char *method, const char *version, const char *data,
                               size_t *size, void **context) {
    struct serve_request *request = *context;
    (void)arg, (void)mhd, (void)url;
    if (!request || !request->target)
        return MHD_NO;
    if (!request->begun) {
        request->begun = true;
        request->method = method;
        request->refusal = check_request(request, version);
        return request->refusal.at_once ? refuse(request) : MHD_YES;
    }
    if (*size == 0)
        return proceed(request);
    enum MHD_Result result = take(request, data, *size);
    *size = 0;
    return result;
}

static void forget_arrived(struct serve *serve, struct serve_request *request) {
    struct serve_request **at = &serve->arrived;
    while (*at && *at != request)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = request->next;
    if (!*at)
        serve->arrived_end = at;
}

void request_give_up(struct serve_request *request) {
    if (!request || request->state == REQUEST_COMING || request->state >= REQUEST_REPLIED)
        return;
    struct serve *serve = request->connection->serve;
    bool served = request->state == REQUEST_SERVED;
    request->state = REQUEST_GONE;
    loop_disarm(serve->loop, &request->delay);
    forget_arrived(serve, request);
    request_resume(request);
    if (served)
        serve->options.on_gone(serve->options.arg, request);
}

void request_completed(void *arg, struct MHD_Connection *mhd, void **context,
                       enum MHD_RequestTerminationCode code) {
    struct serve *serve = arg;
    struct serve_request *request = *context;
    (void)mhd, (void)code;
    if (!request)
        return;
    *context = NULL;
    struct connection *connection = request->connection;
    loop_disarm(serve->loop, &request->delay);
    if (request->response)
        serve->mhd->destroy_response(request->response);
    buf_free(&request->body);
    free(request->target);
    free(request);
    connection->request = NULL;
    connection->served = true;
    connection_waits(connection);
    if (serve->finishing)
        connection_drop(connection);
}
