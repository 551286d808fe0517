/* One server and the queue in front of it. libcurl's own limits are not used: on 7.88 a transfer
 * that they hold back does not time out, and they cannot tell a ping from a stream of events. */
#include "http/command.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static bool copy(const char **field) {
    return !*field || (*field = strdup(*field));
}

static void free_target(struct http_target *target) {
    free((char *)target->name);
    free((char *)target->unix_path);
    free((char *)target->base_url);
    for (size_t i = 0; target->command && target->command[i]; i++)
        free((char *)target->command[i]);
    free((void *)target->command);
    free((char *)target->address);
    free((char *)target->ca_file);
    free((char *)target->cert_file);
    free((char *)target->key_file);
}

static bool copy_list(const char *const **field) {
    size_t count = 0;
    while (*field && (*field)[count])
        count++;
    const char **list = *field ? calloc(count + 1, sizeof *list) : NULL;
    bool ok = list || !*field;
    for (size_t i = 0; list && i < count && ok; i++)
        ok = (list[i] = strdup((*field)[i])) != NULL;
    *field = list;
    return ok;
}

/* Every field is either its own copy or NULL afterwards, also when memory ran out. */
static bool copy_target(struct http_target *target) {
    bool ok = true;
    if (!target->name)
        target->name = "the server";
    ok &= copy(&target->name);
    ok &= copy(&target->unix_path);
    ok &= copy(&target->base_url);
    ok &= copy_list(&target->command);
    ok &= copy(&target->address);
    ok &= copy(&target->ca_file);
    ok &= copy(&target->cert_file);
    ok &= copy(&target->key_file);
    return ok;
}

struct http_pool *http_pool_new(struct http *http, const struct http_target *target,
                                unsigned short_limit) {
    struct http_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->target = *target;
    if (!copy_target(&pool->target)) {
        free_target(&pool->target);
        free(pool);
        return NULL;
    }
    pool->http = http;
    pool->short_limit = short_limit;
    DL_APPEND(http->pools, pool);
    return pool;
}

void http_pool_free(struct http_pool *pool) {
    if (!pool)
        return;
    while (pool->queue) /* first: the end of a call under way would launch one of these */
        http_cancel(pool->queue);
    while (pool->under_way)
        http_cancel(pool->under_way);
    command_close_pool(pool);
    DL_DELETE(pool->http->pools, pool);
    free_target(&pool->target);
    free(pool);
}

static void launch(struct http_call *call) {
    struct http_pool *pool = call->pool;
    if (call->request.class == HTTP_SHORT)
        pool->short_under_way++;
    call->stage = CALL_UNDER_WAY;
    DL_APPEND(pool->under_way, call);
    call_launch(call);
}

void pool_enter(struct http_call *call) {
    struct http_pool *pool = call->pool;
    if (call->request.class != HTTP_SHORT || pool->short_under_way < pool->short_limit)
        launch(call);
    else
        DL_APPEND(pool->queue, call);
}

void pool_leave(struct http_call *call) {
    struct http_pool *pool = call->pool;
    if (call->stage == CALL_QUEUED) {
        DL_DELETE(pool->queue, call);
    } else {
        DL_DELETE(pool->under_way, call);
        if (call->request.class == HTTP_SHORT)
            pool->short_under_way--;
    }
    call->stage = CALL_OVER;
    while (pool->queue && pool->short_under_way < pool->short_limit) {
        struct http_call *next = pool->queue;
        DL_DELETE(pool->queue, next);
        launch(next);
    }
}
