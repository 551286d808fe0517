/* Connections: how many, for how long, and whether somebody is still at the other end. */
#include "serve/parts.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* A client that has sent the end of its stream may still read (`nc -N`), or be gone: so long it
 * gets its reply all the same. */
#define HALF_CLOSED (LOOP_SECOND / 2)

struct connection *connection_of(const struct mhd *mhd, struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        mhd->get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void take_out(struct connection *c) {
    *(c->prev ? &c->prev->next : &c->serve->first) = c->next;
    *(c->next ? &c->next->prev : &c->serve->last) = c->prev;
    c->next = c->prev = NULL;
}

static void put_last(struct connection *c) {
    c->prev = c->serve->last;
    *(c->prev ? &c->prev->next : &c->serve->first) = c;
    c->serve->last = c;
}

void connection_waits(struct connection *connection) {
    take_out(connection);
    put_last(connection);
    connection->since = loop_now(connection->serve->loop);
}

static bool is_served(const struct connection *c) {
    return c->request &&
           (c->request->state == REQUEST_ARRIVED || c->request->state == REQUEST_SERVED);
}

void connection_drop(struct connection *connection) {
    if (connection->dropped)
        return;
    connection->dropped = true;
    connection->serve->dropped++;
    shutdown(connection->fd, SHUT_RDWR);
    request_give_up(connection->request);
}

void connection_drop_waiting(struct serve *serve) {
    for (struct connection *c = serve->first; c; c = c->next)
        if (!is_served(c) && !(c->request && c->request->state == REQUEST_REPLIED))
            connection_drop(c);
}

/* One more, in the place of the one that has waited longest when there are too many. */
enum MHD_Result connection_accept(void *arg, const struct sockaddr *address, socklen_t size) {
    struct serve *serve = arg;
    (void)address, (void)size;
    if (serve->finishing)
        return MHD_NO;
    if (serve->connections - serve->dropped < serve->options.max_connections)
        return MHD_YES;
    for (struct connection *c = serve->first; c; c = c->next)
        if (!c->dropped && !is_served(c)) {
            connection_drop(c);
            return MHD_YES;
        }
    return MHD_NO;
}

static void begin(struct serve *serve, struct MHD_Connection *mhd, void **socket_context) {
    struct connection *c = calloc(1, sizeof *c);
    const union MHD_ConnectionInfo *info =
        serve->mhd->get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    *socket_context = c;
    if (!c)
        return; /* its first request is refused for want of it */
    c->serve = serve;
    c->mhd = mhd;
    c->fd = info->connect_fd;
    c->since = loop_now(serve->loop);
    listen_peer(c->peer, c->fd);
    put_last(c);
    serve->connections++;
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLET, .data.ptr = c};
    epoll_ctl(serve->epoll, EPOLL_CTL_ADD, c->fd, &event);
}

void connection_notify(void *arg, struct MHD_Connection *mhd, void **socket_context,
                       enum MHD_ConnectionNotificationCode code) {
    struct serve *serve = arg;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        begin(serve, mhd, socket_context);
        return;
    }
    struct connection *c = *socket_context;
    if (!c)
        return;
    epoll_ctl(serve->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    take_out(c);
    serve->connections--;
    serve->dropped -= c->dropped;
    free(c);
}

/* It is not known how far the request has come: what its client gets may be what it waits for. */
static void time_out(struct connection *c) {
    static const char text[] = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n"
                               "Connection: close\r\n\r\n";
    if (c->request || !c->served)
        send(c->fd, text, sizeof text - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    connection_drop(c);
}

static void check(struct connection *c, int64_t now) {
    const struct serve *serve = c->serve;
    bool coming = !c->request || c->request->state == REQUEST_COMING;
    bool gone = c->hung_up && now - c->hung_up >= HALF_CLOSED;
    if (is_served(c) && (gone || (serve->finishing && now >= serve->finished_at)))
        request_give_up(c->request);
    else if (coming && !c->dropped && now - c->since >= serve->options.timeout)
        time_out(c);
}

void connection_check_all(struct serve *serve) {
    int64_t now = loop_now(serve->loop);
    for (struct connection *c = serve->first; c; c = c->next)
        check(c, now);
}

void connection_hang_ups(void *arg) {
    struct serve *serve = arg;
    struct epoll_event events[16];
    int count = epoll_wait(serve->epoll, events, 16, 0);
    for (int i = 0; i < count; i++) {
        struct connection *c = events[i].data.ptr;
        if (events[i].events & (EPOLLHUP | EPOLLERR))
            request_give_up(c->request);
        else if (!c->hung_up) {
            c->hung_up = loop_now(serve->loop);
            loop_arm(serve->loop, &serve->tick, c->hung_up + HALF_CLOSED);
        }
    }
}
