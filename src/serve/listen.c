#include "serve/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage storage;
};

static socklen_t parse(union address *address, const char *host, unsigned port) {
    memset(address, 0, sizeof *address);
    if (strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons((uint16_t)port);
        return sizeof address->v4;
    }
    if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons((uint16_t)port);
        return sizeof address->v6;
    }
    return 0;
}

/* Errors that a script's author can do something about say what. */
static void explain(struct err *err, const char *host, unsigned port, int error) {
    if (error == EADDRINUSE)
        err_set(err, ERR_CONFLICT,
                "cannot listen on %s port %u: another program listens there; end it (ss -ltnp "
                "tells which it is), or choose another port (0: any free one)",
                host, port);
    else if (error == EACCES)
        err_set(err, ERR_DENIED,
                "cannot listen on %s port %u: %s; ports below 1024 are the administrator's, "
                "choose a higher one",
                host, port, strerror(error));
    else if (error == EADDRNOTAVAIL)
        err_set(err, ERR_INVALID,
                "cannot listen on %s port %u: this machine has no such address; 127.0.0.1 is "
                "always there, 0.0.0.0 stands for all",
                host, port);
    else
        err_set(err, ERR_TRANSPORT, "cannot listen on %s port %u: %s", host, port, strerror(error));
}

int listen_open(const char *host, unsigned port, struct err *err) {
    union address address;
    int on = 1;
    socklen_t size = parse(&address, host, port);
    if (size == 0) {
        err_set(err, ERR_INVALID, "%s is no numeric address", host);
        return -1;
    }
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, &address.any, size) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    explain(err, host, port, errno);
    if (fd >= 0)
        close(fd);
    return -1;
}

static void write_text(char out[LISTEN_ADDRESS_SIZE], const union address *address, bool port) {
    char host[INET6_ADDRSTRLEN] = "";
    bool v6 = address->any.sa_family == AF_INET6;
    const void *bytes =
        v6 ? (const void *)&address->v6.sin6_addr : (const void *)&address->v4.sin_addr;
    inet_ntop(address->any.sa_family, bytes, host, sizeof host);
    int length = snprintf(out, LISTEN_ADDRESS_SIZE, v6 ? "[%s]" : "%s", host);
    if (port)
        snprintf(out + length, LISTEN_ADDRESS_SIZE - (size_t)length, ":%u",
                 ntohs(v6 ? address->v6.sin6_port : address->v4.sin_port));
}

void listen_local(char out[LISTEN_ADDRESS_SIZE], int fd, bool port) {
    union address address = {.storage = {0}};
    socklen_t size = sizeof address;
    *out = '\0';
    if (getsockname(fd, &address.any, &size) == 0)
        write_text(out, &address, port);
}

void listen_peer(char out[LISTEN_ADDRESS_SIZE], int fd) {
    union address address = {.storage = {0}};
    socklen_t size = sizeof address;
    *out = '\0';
    if (getpeername(fd, &address.any, &size) == 0)
        write_text(out, &address, true);
}
