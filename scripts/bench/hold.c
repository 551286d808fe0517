/* hold.c: an engine that never finishes. Answers /_ping, and everything else with the head and the
 * first part of a reply whose rest never comes; so a transfer stays in flight.
 *
 *   hold SOCKET      until it is killed; prints a line once it listens */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 4096 };

static const char ping[] = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK";
static const char held[] =
    "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\n"
    "Transfer-Encoding: chunked\r\n\r\n10\r\n{\"read\": \"2026-0\r\n";

static int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1024) != 0)
        return -1;
    return fd;
}

/* Answers one request. Returns 0 when the connection has ended. */
static int answer(int fd) {
    char request[8192];
    ssize_t length = recv(fd, request, sizeof request, 0);
    if (length <= 0)
        return 0;
    int is_ping = length > 10 && memcmp(request, "GET /_ping", 10) == 0;
    const char *reply = is_ping ? ping : held;
    return send(fd, reply, strlen(reply), MSG_NOSIGNAL) > 0;
}

int main(int argc, char **argv) {
    static struct pollfd fds[MAX_CONNECTIONS];
    nfds_t count = 1;
    fds[0] = (struct pollfd){.fd = argc == 2 ? listen_at(argv[1]) : -1, .events = POLLIN};
    if (fds[0].fd < 0) {
        fputs("hold: cannot listen; usage: hold SOCKET\n", stderr);
        return 1;
    }
    puts("ready");
    fflush(stdout);
    while (poll(fds, count, -1) > 0) {
        for (nfds_t i = 1; i < count; i++) {
            if (fds[i].revents && !answer(fds[i].fd)) {
                close(fds[i].fd);
                fds[i--] = fds[--count];
            }
        }
        if (fds[0].revents && count < MAX_CONNECTIONS)
            fds[count++] = (struct pollfd){.fd = accept(fds[0].fd, NULL, NULL), .events = POLLIN};
    }
    return 1;
}
