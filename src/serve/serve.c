/* Starting, running and ending a server. Nobody but the library's own callbacks is called from
 * within it, and those call nobody: what arrives is told when it has returned. */
#include "loop/watch.h"
#include "serve/parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    ROUNDS = 8,          /* runs of the library in one turn of the loop */
    POOL_SIZE = 64 << 10 /* bytes of each connection: headers of both directions, part of a body */
};

#define TICK_MIN (LOOP_SECOND / 50)

static void tell_arrived(struct serve *serve) {
    struct serve_request *request;
    while ((request = serve->arrived)) {
        serve->arrived = request->next;
        if (!serve->arrived)
            serve->arrived_end = &serve->arrived;
        request->state = REQUEST_SERVED;
        serve->options.on_request(serve->options.arg, request);
    }
}

/* It has told epoll once of what it has not done yet. */
static bool is_pending(struct serve *serve) {
    MHD_UNSIGNED_LONG_LONG timeout;
    return serve->mhd->get_timeout(serve->daemon, &timeout) == MHD_YES && timeout == 0;
}

static void run(void *arg) {
    struct serve *serve = arg;
    int rounds = 0;
    do
        serve->mhd->run(serve->daemon);
    while (is_pending(serve) && ++rounds < ROUNDS);
    if (rounds == ROUNDS)
        serve_run_soon(serve);
    if (serve->connections > 0 && !serve->tick.armed)
        loop_arm(serve->loop, &serve->tick, loop_after(serve->loop, serve->tick_every));
    tell_arrived(serve);
    if (serve->finishing && serve->connections == 0 && serve->options.on_over) {
        void (*on_over)(void *) = serve->options.on_over;
        serve->options.on_over = NULL;
        on_over(serve->options.arg);
    }
}

static void on_soon(struct deadline *deadline) {
    run((char *)deadline - offsetof(struct serve, soon));
}

void serve_run_soon(struct serve *serve) {
    if (!serve->soon.armed)
        loop_arm(serve->loop, &serve->soon, loop_now(serve->loop));
}

static void on_tick(struct deadline *deadline) {
    struct serve *serve = (struct serve *)((char *)deadline - offsetof(struct serve, tick));
    connection_check_all(serve);
    run(serve);
}

/* As they are: a request's target is read as it was sent. */
static size_t leave_escaped(void *arg, struct MHD_Connection *connection, char *text) {
    (void)arg, (void)connection;
    return strlen(text);
}

static bool start_daemon(struct serve *serve, int listener) {
    unsigned seconds = (unsigned)(serve->options.timeout / LOOP_SECOND) + 1;
    serve->daemon = serve->mhd->start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, connection_accept, serve, request_handle,
        serve, MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)POOL_SIZE, MHD_OPTION_CONNECTION_LIMIT, 2 * serve->options.max_connections + 16,
        MHD_OPTION_CONNECTION_TIMEOUT, seconds, MHD_OPTION_URI_LOG_CALLBACK, request_line, serve,
        MHD_OPTION_NOTIFY_COMPLETED, request_completed, serve, MHD_OPTION_NOTIFY_CONNECTION,
        connection_notify, serve, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
        MHD_OPTION_END);
    return serve->daemon != NULL;
}

static bool start_watching(struct serve *serve) {
    const union MHD_DaemonInfo *info =
        serve->mhd->get_daemon_info(serve->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    serve->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!info || serve->epoll < 0)
        return false;
    serve->traffic = watch_start(serve->loop, info->epoll_fd, run, serve);
    serve->hang_ups = watch_start(serve->loop, serve->epoll, connection_hang_ups, serve);
    return serve->traffic && serve->hang_ups;
}

/* The library asks for its first descriptor to be watched in its first run. */
static bool start(struct serve *serve, struct err *err) {
    int listener = listen_open(serve->options.host, serve->options.port, err);
    if (listener < 0)
        return false;
    listen_local(serve->address, listener, true);
    listen_local(serve->local_name, listener, false);
    if (!start_daemon(serve, listener))
        close(listener);
    else if (start_watching(serve)) {
        serve->mhd->run(serve->daemon);
        return true;
    }
    err_set(err, ERR_TRANSPORT,
            "cannot listen on %s: the system has no memory or no descriptors left",
            serve->options.host);
    return false;
}

static const char *keep(char **at, const char *text) {
    const char *kept = *at;
    *at = stpcpy(*at, text) + 1;
    return kept;
}

/* All texts in one block, after the list of the hosts. */
static bool copy_options(struct serve *serve, const struct serve_options *options) {
    size_t count = 0, size = strlen(options->host) + 1;
    size += options->token ? strlen(options->token) + 1 : 0;
    for (; options->hosts && options->hosts[count]; count++)
        size += strlen(options->hosts[count]) + 1;
    serve->hosts = calloc(1, (count + 1) * sizeof *serve->hosts + size);
    if (!serve->hosts)
        return false;
    char *at = (char *)(serve->hosts + count + 1);
    serve->options = *options;
    serve->options.host = keep(&at, options->host);
    serve->options.token = options->token ? keep(&at, options->token) : NULL;
    for (size_t i = 0; i < count; i++)
        serve->hosts[i] = keep(&at, options->hosts[i]);
    serve->options.hosts = serve->hosts;
    return true;
}

struct serve *serve_start(struct loop *loop, const struct serve_options *options, struct err *err) {
    struct serve *serve = calloc(1, sizeof *serve);
    if (!serve || !copy_options(serve, options)) {
        free(serve);
        err_set(err, ERR_TRANSPORT, "cannot listen on %s: out of memory", options->host);
        return NULL;
    }
    serve->loop = loop;
    serve->epoll = -1;
    serve->arrived_end = &serve->arrived;
    serve->tick.fire = on_tick;
    serve->soon.fire = on_soon;
    serve->tick_every = options->timeout / 8;
    if (serve->tick_every < TICK_MIN || serve->tick_every > LOOP_SECOND)
        serve->tick_every = serve->tick_every < TICK_MIN ? TICK_MIN : LOOP_SECOND;
    serve->mhd = library_load(err);
    if (serve->mhd && start(serve, err))
        return serve;
    serve_close(serve);
    return NULL;
}

static void stop_listening(struct serve *serve) {
    if (serve->finishing)
        return;
    serve->finishing = true;
    close(serve->mhd->quiesce_daemon(serve->daemon));
}

void serve_finish(struct serve *serve) {
    if (serve->finishing)
        return;
    stop_listening(serve);
    serve->finished_at = loop_after(serve->loop, serve->options.timeout);
    connection_drop_waiting(serve);
    serve_run_soon(serve);
}

void serve_close(struct serve *serve) {
    if (serve->traffic)
        watch_stop(serve->traffic);
    if (serve->hang_ups)
        watch_stop(serve->hang_ups);
    for (struct connection *c = serve->first; c; c = c->next)
        request_give_up(c->request); /* the library refuses to stop with what is suspended */
    if (serve->daemon)
        serve->mhd->stop_daemon(serve->daemon);
    loop_disarm(serve->loop, &serve->soon);
    loop_disarm(serve->loop, &serve->tick);
    if (serve->epoll >= 0)
        close(serve->epoll);
    free(serve->hosts);
    free(serve);
}

const char *serve_address(const struct serve *serve) {
    return serve->address;
}
