/* A scripted engine, a client of it, and calls between them: for tests of what a real engine cannot
 * be made to do. Include it once. */
#ifndef MOONTIDE_SPEC_SCRIPTED_ENGINE_H
#define MOONTIDE_SPEC_SCRIPTED_ENGINE_H

#include "docker/docker.h"
#include "docker/rows.h"
#include "loop/loop.h"
#include "unit.h"

#include <json-c/json_object.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- the scripted engine: a process for each connection, whole replies by request line ----------
 */

struct script {
    const char *request; /* how its first line begins */
    const char *reply;   /* NULL: none; "": the connection is closed, as after one of HTTP/1.0 */
};

static struct {
    char directory[64], path[80], host[96];
    pid_t pid;
    char *log; /* the requests that came, shared with the processes; in order while one at a time */
} engine;

#define LOG_SIZE 65536

/* Reads one request; requests of these tests are small. */
static bool read_request(int fd, char *out, size_t size) {
    size_t used = 0;
    for (;;) {
        ssize_t got = read(fd, out + used, size - 1 - used);
        if (got <= 0) {
            return false;
        }
        out[used += (size_t)got] = '\0';
        char *body = strstr(out, "\r\n\r\n"), *length = strstr(out, "Content-Length: ");
        if (body &&
            used >= (size_t)(body + 4 - out) + (length ? strtoul(length + 16, NULL, 10) : 0)) {
            return true;
        }
    }
}

static void serve(int fd, const struct script *script) {
    char request[8192];
    while (read_request(fd, request, sizeof request)) {
        const struct script *line = script;
        strcat(engine.log, request);
        strcat(engine.log, "\n");
        while (line->request && strncmp(request, line->request, strlen(line->request)) != 0) {
            line++;
        }
        if (!line->reply) {
            continue; /* until the client hangs up */
        }
        if (write(fd, line->reply, strlen(line->reply)) < 0 ||
            strncmp(line->reply, "HTTP/1.1", 8) != 0) {
            return; /* which is how such a reply ends */
        }
    }
}

static void engine_place(void) {
    strcpy(engine.directory, "/tmp/docker-calls-XXXXXX");
    CHECK(mkdtemp(engine.directory));
    snprintf(engine.path, sizeof engine.path, "%s/socket", engine.directory);
    snprintf(engine.host, sizeof engine.host, "unix://%s", engine.path);
    engine.log = mmap(NULL, LOG_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void engine_start(const struct script *script) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    strcpy(address.sun_path, engine.path);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(listener, 64) == 0);
    fflush(stdout);
    engine.pid = fork();
    if (engine.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setpgid(0, 0);
        signal(SIGCHLD, SIG_IGN);
        for (int fd; (fd = accept(listener, NULL, NULL)) >= 0; close(fd)) {
            if (fork() == 0) {
                serve(fd, script);
                _exit(0);
            }
        }
        _exit(0);
    }
    setpgid(engine.pid, engine.pid);
    close(listener);
}

/* As a power cut: every connection breaks and the socket is gone. */
static void engine_kill(void) {
    if (engine.pid > 0) {
        kill(-engine.pid, SIGKILL);
        waitpid(engine.pid, NULL, 0);
    }
    engine.pid = 0;
    unlink(engine.path);
}

static void engine_stop(void) {
    engine_kill();
    rmdir(engine.directory);
    munmap(engine.log, LOG_SIZE);
}

static int asked(const char *what) {
    int count = 0;
    for (const char *at = engine.log; (at = strstr(at, what)); at++) {
        count++;
    }
    return count;
}

/* --- the client ------------------------------------------------------------------------------ */

static struct {
    struct loop *loop;
    struct http *http;
    struct docker *docker;
    int open; /* calls that have not ended */
} client;

struct result {
    int ends, status;
    struct err err;
    char json[256];
};

static void client_open(void) {
    struct err err = {0};
    client.loop = loop_new();
    client.http = http_new(client.loop);
    client.docker =
        docker_open(client.loop, client.http, &(struct docker_options){.host = engine.host}, &err);
    UNIT_CHECK(client.docker, "docker_open: %s", err.message);
    client.open = 0;
}

static void client_close(void) {
    docker_close(client.docker);
    http_free(client.http);
    loop_free(client.loop);
}

static void on_done(void *arg, struct docker_reply *reply) {
    struct result *result = arg;
    result->ends++;
    result->status = reply->status;
    result->err = reply->err;
    snprintf(result->json, sizeof result->json, "%s",
             json_object_to_json_string_ext(reply->json, 0));
    if (--client.open == 0) {
        loop_stop(client.loop);
    }
}

static struct docker_call *start(struct result *result, struct docker_request request) {
    request.on_done = on_done;
    request.arg = result;
    client.open++;
    *result = (struct result){0};
    struct docker_call *call = docker_start(client.docker, &request);
    CHECK(call);
    CHECK_INT(result->ends, 0);
    return call;
}

static struct docker_request request(const char *row) {
    return (struct docker_request){.row = docker_row(row)};
}

/* Runs one call to its end. */
static struct result run(struct docker_request what) {
    struct result result;
    start(&result, what);
    loop_run(client.loop);
    CHECK_INT(result.ends, 1);
    return result;
}

#define STARTS(text, with) UNIT_CHECK(strncmp(text, with, strlen(with)) == 0, "it is: %s", text)

#define OK(headers, body) "HTTP/1.0 200 OK\r\n" headers "\r\n" body
#define PING(version)     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nApi-Version: " version "\r\n\r\nOK"
#define REFUSED(headers, text)                                                                     \
    "HTTP/1.0 400 Bad Request\r\n" headers "\r\n{\"message\":\"client version " text "\"}"

/* One engine, one client, some calls, all cleaned up. */
#define WITH(...)                                                                                  \
    static const struct script script[] = {__VA_ARGS__, {NULL, ""}};                               \
    engine_place();                                                                                \
    engine_start(script);                                                                          \
    client_open()

static void done(void) {
    client_close();
    engine_stop();
}

#endif
