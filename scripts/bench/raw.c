/* raw.c: API calls over plain sockets with no client's work, the yardstick of bench.sh.
 *
 *   raw [-w] SOCKET CONNECTIONS JOBS STEP...
 *
 * Carries out JOBS jobs on so many connections, one blocking socket in one thread each. A job is
 * its STEPs in order, "METHOD PATH [BODY]"; a "%s" in a PATH is the job's container: the "Id" in
 * the reply to its first step, or else a line of standard input. -w: the first step of the first
 * job is carried out once before. Prints the seconds that the jobs took. */
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MAX_JOBS = 1000, MAX_STEPS = 4, ID_SIZE = 80, REQUEST_SIZE = 16384, REPLY_SIZE = 65536 };

struct connection {
    int fd;
    char data[REPLY_SIZE]; /* what was read, from `at` on not yet used */
    size_t at, length;
};

static const char *socket_path;
static char *const *steps;
static int step_count, job_count;
static char ids[MAX_JOBS][ID_SIZE];
static atomic_int next_job;

static _Noreturn void die(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("raw: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void connect_to(struct connection *connection) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    connection->at = connection->length = 0;
    connection->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(connection->fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("cannot connect to %s", socket_path);
}

static void send_all(int fd, const char *data, size_t length) {
    while (length > 0) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);
        if (sent <= 0)
            die("the connection broke off");
        data += sent;
        length -= (size_t)sent;
    }
}

static void fill(struct connection *connection) {
    if (connection->at == connection->length)
        connection->at = connection->length = 0;
    if (connection->length == REPLY_SIZE)
        die("a line of a reply is too long");
    ssize_t got = read(connection->fd, connection->data + connection->length,
                       REPLY_SIZE - connection->length);
    if (got <= 0)
        die("the connection broke off");
    connection->length += (size_t)got;
}

/* A line without its end; valid until the next read. */
static char *read_line(struct connection *connection) {
    size_t left = connection->length - connection->at;
    if (connection->at > 0 && connection->length == REPLY_SIZE) {
        memmove(connection->data, connection->data + connection->at, left);
        connection->at = 0;
        connection->length = left;
    }
    char *line = connection->data + connection->at;
    char *end = memchr(line, '\n', left);
    if (!end) {
        fill(connection);
        return read_line(connection);
    }
    *(end > line && end[-1] == '\r' ? end - 1 : end) = '\0';
    connection->at += (size_t)(end - line) + 1;
    return line;
}

/* Reads `length` bytes; the first ones of the body are kept. */
static void read_data(struct connection *connection, size_t length, char *body, size_t *kept) {
    while (length > 0) {
        if (connection->at == connection->length)
            fill(connection);
        size_t part = connection->length - connection->at;
        part = part < length ? part : length;
        size_t keep = REQUEST_SIZE - 1 - *kept;
        keep = keep < part ? keep : part;
        memcpy(body + *kept, connection->data + connection->at, keep);
        *kept += keep;
        connection->at += part;
        length -= part;
    }
}

/* Returns the status. */
static int read_reply(struct connection *connection, char *body) {
    size_t length = 0, kept = 0;
    bool chunked = false;
    int status = (int)strtol(read_line(connection) + 9, NULL, 10);
    for (char *line; *(line = read_line(connection));) {
        if (strncasecmp(line, "Content-Length:", 15) == 0)
            length = strtoul(line + 15, NULL, 10);
        chunked |= strcasecmp(line, "Transfer-Encoding: chunked") == 0;
    }
    if (!chunked)
        read_data(connection, length, body, &kept);
    while (chunked && (length = strtoul(read_line(connection), NULL, 16)) > 0) {
        read_data(connection, length, body, &kept);
        read_line(connection);
    }
    if (chunked)
        read_line(connection);
    body[kept] = '\0';
    return status;
}

static void carry_out(struct connection *connection, const char *step, char *id) {
    char request[REQUEST_SIZE], body[REQUEST_SIZE];
    size_t method = strcspn(step, " ");
    const char *path = step + method + 1, *rest = path + strcspn(path, " ");
    const char *hole = strstr(path, "%s"), *data = *rest ? rest + 1 : rest;
    if (!hole || hole > rest)
        hole = rest;
    int length = snprintf(request, sizeof request, "%.*s %.*s%s%.*s HTTP/1.1\r\nHost: docker\r\n",
                          (int)method, step, (int)(hole - path), path, hole < rest ? id : "",
                          hole < rest ? (int)(rest - hole - 2) : 0, hole < rest ? hole + 2 : "");
    if (*step == 'P')
        length +=
            snprintf(request + length, sizeof request - (size_t)length,
                     "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(data));
    length += snprintf(request + length, sizeof request - (size_t)length, "\r\n%s", data);
    send_all(connection->fd, request, (size_t)length);
    int status = read_reply(connection, body);
    if (status < 200 || status >= 300)
        die("%.*s: %d %s", (int)(rest - step), step, status, body);
    const char *created = strstr(body, "\"Id\":\"");
    if (created && !*id)
        snprintf(id, ID_SIZE, "%.*s", (int)strcspn(created + 6, "\""), created + 6);
}

static void *work(void *arg) {
    struct connection *connection = malloc(sizeof *connection);
    (void)arg;
    if (!connection)
        die("out of memory");
    connect_to(connection);
    for (int job; (job = atomic_fetch_add(&next_job, 1)) < job_count;)
        for (int i = 0; i < step_count; i++)
            carry_out(connection, steps[i], ids[job]);
    close(connection->fd);
    free(connection);
    return NULL;
}

static void warm_up(void) {
    static struct connection connection;
    connect_to(&connection);
    carry_out(&connection, steps[0], ids[0]);
    close(connection.fd);
}

static void read_ids(void) {
    for (int i = 0; i < job_count; i++) {
        if (!fgets(ids[i], sizeof ids[i], stdin))
            die("standard input has %d containers, not %d", i, job_count);
        ids[i][strcspn(ids[i], "\n")] = '\0';
    }
}

int main(int argc, char **argv) {
    bool warm = argc > 1 && strcmp(argv[1], "-w") == 0;
    char **args = argv + 1 + warm;
    if (argc < 5 + warm)
        die("usage: raw [-w] SOCKET CONNECTIONS JOBS STEP...");
    socket_path = args[0];
    int count = (int)strtol(args[1], NULL, 10);
    job_count = (int)strtol(args[2], NULL, 10);
    steps = args + 3;
    step_count = argc - 4 - warm;
    if (count < 1 || count > job_count || job_count > MAX_JOBS || step_count > MAX_STEPS)
        die("these numbers make no sense");
    if (strstr(steps[0], "%s"))
        read_ids();
    if (warm)
        warm_up();
    pthread_t threads[MAX_JOBS];
    double begin = now();
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            die("cannot start a thread");
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    printf("%.6f\n", now() - begin);
    return 0;
}
