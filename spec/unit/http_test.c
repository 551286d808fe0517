/* The HTTP room against a server of a few lines: what a real engine cannot be made to answer. */
#include "http/http.h"
#include "loop/loop.h"

#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* --- the server: a thread for each connection, what it does is in the path ------------------- */

static const char ok_reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Test:  a b \r\n\r\nhello";

static const char chunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Test: a b\r\n\r\n"
                              "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: x\r\n\r\n";

static struct {
    char directory[32], path[64];
    int socket;
    pthread_t thread;
    atomic_int connections, requests, waiting, most;
    sem_t gate;
    const char *reply; /* of /scripted, after which the connection is closed */
    size_t length;
    bool bytewise; /* each byte only when the one before has been read */
} server;

static void send_bytewise(int fd, const char *data, size_t length) {
    for (size_t i = 0; i < length && send(fd, data + i, 1, MSG_NOSIGNAL) == 1; i++)
        for (int unread = 1; ioctl(fd, SIOCOUTQ, &unread) == 0 && unread > 0;)
            sched_yield();
}

/* Reads one request's head and body; false at the end of the connection. */
static bool read_request(int fd, char *head, size_t size) {
    size_t length = 0, body = 0;
    for (char *end = NULL; !end || length < body;) {
        ssize_t n = read(fd, head + length, size - 1 - length);
        if (n <= 0)
            return false;
        length += (size_t)n;
        head[length] = '\0';
        if (strncmp(head, "POST /early", 11) == 0)
            return true;
        if (!end && (end = strstr(head, "\r\n\r\n"))) {
            const char *field = strstr(head, "Content-Length: ");
            body = (size_t)(end + 4 - head) + (field ? strtoul(field + 16, NULL, 10) : 0);
        }
    }
    return true;
}

/* A whole reply, but the body of the request is never read: closing resets the connection. */
static bool send_early(int fd) {
    char reply[20100];
    int head = sprintf(reply, "HTTP/1.1 413 No\r\nContent-Length: 20000\r\n\r\n");
    memset(reply + head, 'x', 20000);
    send(fd, reply, (size_t)head + 20000, MSG_NOSIGNAL);
    return false;
}

/* Waits until the test lets one through, and counts how many wait at once. */
static void pass_gate(void) {
    int waiting = ++server.waiting, most = server.most;
    while (waiting > most && !atomic_compare_exchange_weak(&server.most, &most, waiting))
        ;
    while (sem_wait(&server.gate) != 0)
        ;
    server.waiting--;
}

/* False: the connection is to be closed. */
static bool respond(int fd, const char *head) {
    const char *path = strchr(head, ' ') + 1;
    server.requests++;
    if (strncmp(path, "/dead", 5) == 0)
        return false;
    if (strncmp(path, "/early", 6) == 0)
        return send_early(fd);
    if (strncmp(path, "/never", 6) == 0)
        return true; /* to wait for the client to go */
    if (strncmp(path, "/gate", 5) == 0)
        pass_gate();
    if (strncmp(path, "/scripted", 9) != 0)
        return send(fd, ok_reply, sizeof ok_reply - 1, MSG_NOSIGNAL) > 0;
    if (server.bytewise)
        send_bytewise(fd, server.reply, server.length);
    else
        send(fd, server.reply, server.length, MSG_NOSIGNAL);
    return false;
}

static void *serve(void *arg) {
    int fd = (int)(intptr_t)arg;
    char head[4096];
    while (read_request(fd, head, sizeof head) && respond(fd, head))
        ;
    close(fd);
    server.connections--;
    return NULL;
}

static void *accept_all(void *arg) {
    for (int fd; (fd = accept(server.socket, NULL, NULL)) >= 0;) {
        pthread_t thread;
        server.connections++;
        pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd);
        pthread_detach(thread);
    }
    return arg;
}

static void server_start(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(server.directory, "/tmp/http_test.XXXXXX");
    CHECK(mkdtemp(server.directory));
    snprintf(server.path, sizeof server.path, "%s/socket", server.directory);
    strcpy(address.sun_path, server.path);
    server.requests = server.waiting = server.most = 0;
    server.bytewise = false;
    sem_init(&server.gate, 0, 0);
    server.socket = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_INT(bind(server.socket, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_INT(listen(server.socket, 1000), 0);
    pthread_create(&server.thread, NULL, accept_all, NULL);
}

static void server_stop(void) {
    shutdown(server.socket, SHUT_RDWR);
    pthread_join(server.thread, NULL);
    while (server.connections > 0)
        sched_yield();
    close(server.socket);
    unlink(server.path);
    rmdir(server.directory);
}

/* --- the client ------------------------------------------------------------------------------ */

static struct loop *loop;
static struct http *http;
static struct http_pool *pool;
static int open_before, finished, wanted;

/* What a call's on_done saw. */
struct seen {
    int times, order, status, os_error;
    enum http_failure failure;
    enum err_kind kind;
    char message[512], body[64], header[16];
    struct http_call *cancel; /* on_done cancels this one */
};

static int open_descriptors(void) {
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static struct http_pool *pool_at(const char *path, const char *base, unsigned limit) {
    return http_pool_new(http, &(struct http_target){.unix_path = path, .base_url = base}, limit);
}

static void on_alarm(int signum) {
    (void)signum;
    printf("not ok %s: a call did not end\n", unit_name);
    exit(1);
}

static void open_all(unsigned limit) {
    signal(SIGALRM, on_alarm);
    alarm(60);
    loop_free(loop_new()); /* libuv's first loop makes a pipe for signals that stays */
    open_before = open_descriptors();
    server_start();
    loop = loop_new();
    http = http_new(loop);
    pool = pool_at(server.path, "http://one", limit);
    finished = 0;
}

static void close_all(void) {
    http_free(http);
    loop_free(loop);
    server_stop();
    CHECK_INT(open_descriptors(), open_before);
    alarm(0);
}

static void on_done(void *arg, struct http_reply *reply) {
    struct seen *seen = arg;
    seen->times++;
    seen->order = ++finished;
    seen->status = reply->status;
    seen->failure = reply->failure;
    seen->os_error = reply->os_error;
    seen->kind = reply->err.kind;
    strcpy(seen->message, reply->err.message);
    snprintf(seen->body, sizeof seen->body, "%s", buf_text(&reply->body));
    http_header(&reply->headers, "x-test", seen->header, sizeof seen->header);
    if (seen->cancel)
        http_cancel(seen->cancel);
    if (finished == wanted)
        loop_stop(loop);
}

/* Runs the loop until `count` calls have ended since the fixture was opened. */
static void run_until_finished(int count) {
    wanted = count;
    if (finished < count)
        loop_run(loop);
    CHECK_INT(finished, count);
}

static atomic_int *watched;
static int watched_for;

static void look(struct deadline *deadline) {
    if (*watched >= watched_for)
        loop_stop(loop);
    else
        loop_arm(loop, deadline, loop_now(loop) + LOOP_SECOND / 1000);
}

/* Runs the loop until one of the server's counts has reached `value`. */
static void run_until(atomic_int *count, int value) {
    struct deadline deadline = {.fire = look};
    watched = count;
    watched_for = value;
    wanted = -1;
    loop_arm(loop, &deadline, loop_now(loop));
    loop_run(loop);
    loop_disarm(loop, &deadline);
}

static struct http_request request_for(const char *path, struct seen *seen) {
    return (struct http_request){
        .method = "GET", .path = path, .max_body = 1000, .on_done = on_done, .arg = seen};
}

static struct http_call *start(const char *path, struct seen *seen) {
    struct http_request request = request_for(path, seen);
    return http_start(pool, &request);
}

/* One call to /scripted, alone. */
static struct seen scripted(const char *reply, size_t length) {
    struct seen seen = {0};
    server.reply = reply;
    server.length = length;
    start("/scripted", &seen);
    run_until_finished(finished + 1);
    return seen;
}

static void check_alive(void) {
    struct seen seen = {0};
    start("/ok", &seen);
    run_until_finished(finished + 1);
    CHECK_INT(seen.times, 1);
    CHECK_STR(seen.body, "hello");
}

/* --- replies --------------------------------------------------------------------------------- */

TEST(a_reply_may_come_byte_by_byte) {
    open_all(16);
    server.bytewise = true;
    struct seen whole = scripted(ok_reply, sizeof ok_reply - 1);
    struct seen pieces = scripted(chunked, sizeof chunked - 1);
    CHECK_INT(whole.status, 200);
    CHECK_STR(whole.body, "hello");
    CHECK_STR(whole.header, "a b");
    CHECK_INT(pieces.status, 200);
    CHECK_STR(pieces.body, "hello");
    CHECK_STR(pieces.header, "a b");
    close_all();
}

static void cut_short(const char *reply, size_t length) {
    while (length-- > 0) {
        struct seen seen = scripted(reply, length);
        CHECK_INT(seen.times, 1);
        CHECK_INT(seen.status, 0);
        CHECK_INT(seen.kind, ERR_TRANSPORT);
        CHECK(seen.failure == HTTP_FAIL_LOST || seen.failure == HTTP_FAIL_GARBAGE);
        CHECK(strstr(seen.message, server.path));
    }
}

TEST(a_reply_cut_short_is_an_error_at_every_byte) {
    open_all(16);
    cut_short(ok_reply, sizeof ok_reply - 1);
    cut_short(chunked, sizeof chunked - 2); /* libcurl does not wait for the very last "\n" */
    check_alive();
    close_all();
}

TEST(what_is_not_http_is_an_error) {
    static const char *const replies[] = {
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\x15\x03\x01",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "HTTP/7.7 200 OK\r\n\r\n",
        "<html>\r\n\r\n</html>",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
    };
    open_all(16);
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        unit_case = replies[i];
        struct seen seen = scripted(replies[i], strlen(replies[i]));
        CHECK_INT(seen.times, 1);
        CHECK_INT(seen.kind, ERR_TRANSPORT);
        CHECK_INT(seen.failure, HTTP_FAIL_GARBAGE);
    }
    unit_case = "";
    check_alive();
    close_all();
}

TEST(an_interim_reply_is_not_the_reply) {
    static const char reply[] = "HTTP/1.1 100 Continue\r\nX-Test: no\r\n\r\n"
                                "HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno";
    open_all(16);
    struct seen seen = scripted(reply, sizeof reply - 1);
    CHECK_INT(seen.status, 404);
    CHECK_INT(seen.kind, ERR_NONE);
    CHECK_STR(seen.body, "no");
    CHECK_STR(seen.header, "");
    close_all();
}

TEST(a_reply_counts_although_the_request_was_not_read) {
    static char body[8000]; /* sent at once, with the head */
    struct seen seen = {0};
    open_all(16);
    struct http_request request = request_for("/early", &seen);
    request.method = "POST";
    request.body = body;
    request.body_length = sizeof body;
    request.max_body = 20000;
    http_start(pool, &request);
    run_until_finished(1);
    CHECK_INT(seen.status, 413);
    CHECK_STR(seen.message, "");
    close_all();
}

TEST(a_reply_has_limits) {
    char large[200 * 1024], line[64];
    size_t length = (size_t)sprintf(large, "HTTP/1.1 200 OK\r\n");
    open_all(16);
    for (size_t limit = 0; limit < 7; limit++) {
        struct seen seen = {0};
        struct http_request request = request_for("/ok", &seen);
        request.max_body = limit;
        http_start(pool, &request);
        run_until_finished(finished + 1);
        CHECK_INT(seen.failure, limit < 5 ? HTTP_FAIL_LIMIT : HTTP_FAIL_NONE);
        CHECK_INT(seen.status, limit < 5 ? 0 : 200);
        snprintf(line, sizeof line, "more than the %zu bytes", limit);
        CHECK(limit >= 5 || strstr(seen.message, line));
    }
    while (length < 70 * 1024)
        length += (size_t)sprintf(large + length, "X-Filler: %050d\r\n", 0);
    struct seen many = scripted(large, length);
    CHECK_INT(many.failure, HTTP_FAIL_LIMIT);
    memset(large + 17, 'x', sizeof large - 17);
    struct seen one = scripted(large, sizeof large);
    CHECK_INT(one.failure, HTTP_FAIL_LIMIT);
    CHECK(strstr(one.message, "headers may be too long"));
    check_alive();
    close_all();
}

/* --- streams --------------------------------------------------------------------------------- */

static struct {
    char text[64];
    size_t length, accept;
} stream;

static enum http_take on_data(void *arg, const char *data, size_t length) {
    (void)arg;
    if (stream.length + length > stream.accept)
        return HTTP_REFUSE;
    memcpy(stream.text + stream.length, data, length);
    stream.length += length;
    return HTTP_TAKEN;
}

static struct seen streamed(const char *reply, size_t accept) {
    struct seen seen = {0};
    struct http_request request = request_for("/scripted", &seen);
    request.on_data = on_data;
    request.class = HTTP_LONG;
    server.reply = reply;
    server.length = strlen(reply);
    memset(&stream, 0, sizeof stream);
    stream.accept = accept;
    http_start(pool, &request);
    run_until_finished(finished + 1);
    return seen;
}

TEST(a_body_is_streamed_but_not_that_of_an_error) {
    open_all(16);
    server.bytewise = true;
    struct seen good = streamed(ok_reply, 63);
    CHECK_INT(good.status, 200);
    CHECK_STR(good.body, "");
    CHECK_STR(stream.text, "hello");
    struct seen bad = streamed("HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\ngone", 63);
    CHECK_INT(bad.status, 404);
    CHECK_STR(bad.body, "gone");
    CHECK_STR(stream.text, "");
    struct seen full = streamed(ok_reply, 3);
    CHECK_INT(full.failure, HTTP_FAIL_LIMIT);
    CHECK_STR(stream.text, "hel");
    close_all();
}

/* --- the queue ------------------------------------------------------------------------------- */

TEST(no_more_short_calls_than_the_limit_at_once) {
    enum { LIMIT = 4, ROUNDS = 10, COUNT = LIMIT * ROUNDS };
    static struct seen seen[COUNT], waits[3];
    open_all(LIMIT);
    for (int i = 0; i < COUNT; i++)
        start("/gate", &seen[i]);
    struct http_call *calls[3];
    for (int i = 0; i < 3; i++) {
        struct http_request request = request_for("/never", &waits[i]);
        request.class = HTTP_LONG;
        calls[i] = http_start(pool, &request);
    }
    run_until(&server.requests, LIMIT + 3);
    for (int round = 1; round <= ROUNDS; round++) {
        run_until(&server.waiting, LIMIT);
        for (int i = 0; i < LIMIT; i++)
            sem_post(&server.gate);
        run_until_finished(round * LIMIT);
    }
    CHECK_INT(server.most, LIMIT);
    for (int i = 0; i < COUNT; i++)
        CHECK_INT(seen[i].status, 200);
    for (int i = 0; i < 3; i++)
        http_cancel(calls[i]);
    CHECK_INT(waits[0].times + waits[1].times + waits[2].times, 0);
    close_all();
}

TEST(the_queue_is_first_in_first_out) {
    struct seen seen[9] = {{0}};
    open_all(1);
    for (int i = 0; i < 9; i++)
        start("/ok", &seen[i]);
    run_until_finished(9);
    for (int i = 0; i < 9; i++)
        CHECK_INT(seen[i].order, i + 1);
    close_all();
}

TEST(deadlines_run_in_the_queue_and_in_flight) {
    struct seen seen[3] = {{0}};
    open_all(1);
    struct http_request slow = request_for("/never", &seen[0]);
    slow.timeout = LOOP_SECOND;
    http_start(pool, &slow);
    slow.arg = &seen[1];
    slow.timeout = LOOP_SECOND / 50;
    http_start(pool, &slow);
    start("/ok", &seen[2]);
    run_until_finished(3);
    CHECK_INT(seen[1].order, 1);
    CHECK_INT(seen[1].kind, ERR_TIMEOUT);
    CHECK_INT(seen[1].failure, HTTP_FAIL_QUEUED);
    CHECK(strstr(seen[1].message, "within 0.02 s"));
    CHECK_INT(seen[0].order, 2);
    CHECK_INT(seen[0].kind, ERR_TIMEOUT);
    CHECK_INT(seen[0].failure, HTTP_FAIL_TIMEOUT);
    CHECK(strstr(seen[0].message, "within 1 s"));
    CHECK_STR(seen[2].body, "hello");
    close_all();
}

TEST(a_reply_that_has_arrived_beats_its_deadline) {
    struct seen seen = {0};
    open_all(16);
    struct http_request request = request_for("/gate", &seen);
    request.timeout = LOOP_SECOND / 2;
    http_start(pool, &request);
    run_until(&server.waiting, 1);
    sem_post(&server.gate);
    /* A script that keeps the loop busy: the reply comes in time and is read too late. */
    for (int64_t end = loop_now(loop) + LOOP_SECOND * 3 / 5; loop_now(loop) < end;)
        sched_yield();
    run_until_finished(1);
    CHECK_INT(seen.status, 200);
    close_all();
}

/* --- cancelling ------------------------------------------------------------------------------ */

TEST(a_cancelled_call_is_not_delivered) {
    struct seen queued = {0}, in_flight = {0}, at_once = {0}, kept = {0};
    open_all(1);
    struct http_call *first = start("/never", &in_flight);
    http_cancel(start("/ok", &at_once));
    run_until(&server.requests, 1);
    struct http_call *second = start("/ok", &queued);
    start("/ok", &kept);
    http_cancel(second);
    http_cancel(first);
    run_until_finished(1);
    CHECK_INT(kept.status, 200);
    CHECK_INT(queued.times + in_flight.times + at_once.times, 0);
    close_all();
}

TEST(a_call_may_be_cancelled_inside_on_done) {
    struct seen seen[4] = {{0}};
    open_all(2);
    seen[0].cancel = start("/never", &seen[1]);
    start("/ok", &seen[0]);
    run_until_finished(1);
    CHECK_INT(seen[1].times, 0);
    seen[2].cancel = start("/ok", &seen[2]); /* itself: it has ended already */
    run_until_finished(2);
    CHECK_INT(seen[2].times, 1);
    check_alive();
    close_all();
}

/* Both replies are there before the loop looks: whichever comes first cancels the other. */
TEST(of_two_that_end_together_one_may_cancel_the_other) {
    struct seen one = {0}, other = {0};
    open_all(2);
    one.cancel = start("/gate", &other);
    other.cancel = start("/gate", &one);
    run_until(&server.waiting, 2);
    sem_post(&server.gate);
    sem_post(&server.gate);
    while (server.waiting > 0)
        sched_yield();
    run_until_finished(1);
    check_alive();
    CHECK_INT(one.times + other.times, 1);
    close_all();
}

static void free_pool(void *arg, struct http_reply *reply) {
    CHECK_INT(reply->status, 200);
    http_pool_free(arg);
    loop_stop(loop);
}

TEST(a_pool_may_be_freed_inside_on_done) {
    struct seen seen[3] = {{0}};
    open_all(2);
    struct http_request request = request_for("/ok", NULL);
    request.on_done = free_pool;
    request.arg = pool;
    start("/never", &seen[0]);
    http_start(pool, &request);
    start("/ok", &seen[1]);
    loop_run(loop);
    CHECK_INT(seen[0].times + seen[1].times, 0);
    close_all();
}

TEST(freeing_the_client_cancels_all) {
    struct seen seen[4] = {{0}};
    open_all(2);
    for (int i = 0; i < 4; i++)
        start("/never", &seen[i]);
    run_until(&server.requests, 2);
    close_all();
    CHECK_INT(seen[0].times + seen[1].times + seen[2].times + seen[3].times, 0);
}

/* --- requests -------------------------------------------------------------------------------- */

TEST(a_fresh_request_is_sent_once) {
    struct seen fresh = {0}, other = {0};
    open_all(2);
    check_alive(); /* leaves an idle connection */
    struct http_request request = request_for("/dead", &fresh);
    request.method = "POST";
    request.fresh = true;
    server.requests = 0;
    http_start(pool, &request);
    run_until_finished(2);
    CHECK_INT(server.requests, 1);
    CHECK_INT(fresh.times, 1);
    CHECK_INT(fresh.failure, HTTP_FAIL_LOST);
    pool = pool_at(server.path, "http://two", 2);
    start("/ok", &other);
    run_until_finished(3);
    CHECK_INT(other.status, 200);
    close_all();
}

TEST(a_request_that_cannot_be_sent_ends_later_too) {
    static const char *const split[] = {"X: a\r\nY: b", NULL};
    struct seen seen[3] = {{0}};
    open_all(1);
    struct http_request request = request_for("/ok", &seen[0]);
    request.method = "GET /evil HTTP/1.1";
    http_start(pool, &request);
    request = request_for("/ok", &seen[1]);
    request.headers = split;
    http_start(pool, &request);
    start("/a b", &seen[2]);
    CHECK_INT(finished, 0);
    run_until_finished(3);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(seen[i].kind, ERR_INVALID);
        CHECK_INT(seen[i].failure, HTTP_FAIL_REQUEST);
    }
    CHECK_INT(server.requests, 0);
    check_alive();
    close_all();
}

TEST(a_connection_may_be_all_that_is_asked_for) {
    struct seen seen[2] = {{0}};
    open_all(1);
    struct http_request request = request_for("/", &seen[0]);
    request.connect_only = request.fresh = true;
    http_start(pool, &request);
    pool = pool_at("/nonexistent/socket", "http://none", 1);
    request.arg = &seen[1];
    http_start(pool, &request);
    run_until_finished(2);
    CHECK_INT(seen[0].kind, ERR_NONE);
    CHECK_INT(seen[0].status, 0);
    CHECK_INT(seen[1].failure, HTTP_FAIL_CONNECT);
    CHECK_INT(server.requests, 0);
    close_all();
}

/* --- servers that are not there -------------------------------------------------------------- */

static struct seen call_at(const char *path, const char *base) {
    struct seen seen = {0};
    pool = pool_at(path, base, 1);
    start("/", &seen);
    CHECK_INT(seen.times, 0);
    run_until_finished(finished + 1);
    CHECK_INT(seen.times, 1);
    http_pool_free(pool);
    return seen;
}

TEST(a_missing_server_is_named_with_the_cause) {
    char too_long[120];
    memset(too_long, 'x', sizeof too_long);
    too_long[0] = '/';
    too_long[sizeof too_long - 1] = '\0';
    static const struct {
        const char *path, *base, *text;
        int kind, os_error;
    } rows[] = {
        {"/nonexistent/socket", "http://e", "/nonexistent/socket: No such file", ERR_TRANSPORT,
         ENOENT},
        {"/dev/null", "http://e", "is not a socket", ERR_TRANSPORT, ECONNREFUSED},
        {NULL, "http://127.0.0.1:1", "is the server running?", ERR_TRANSPORT, ECONNREFUSED},
        {NULL, "http://u:secret@127.0.0.1:1", "to http://127.0.0.1:1: ", ERR_TRANSPORT,
         ECONNREFUSED},
        {NULL, "ftp://127.0.0.1", "use http:// or https://", ERR_INVALID, 0},
        {NULL, "http://", "check the URL", ERR_INVALID, 0},
    };
    open_all(1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seen seen = call_at(rows[i].path, rows[i].base);
        unit_case = rows[i].text;
        CHECK_INT(seen.kind, rows[i].kind);
        CHECK_INT(seen.os_error, rows[i].os_error);
        CHECK(strstr(seen.message, rows[i].text));
    }
    unit_case = "";
    CHECK_INT(call_at(too_long, "http://e").kind, ERR_INVALID);
    close_all();
}

TEST(a_closed_socket_names_the_group_to_join) {
    open_all(1);
    chmod(server.directory, 0711);
    chmod(server.path, 0060);
    bool root = geteuid() == 0;
    CHECK_INT(root ? setegid(65534) + seteuid(65534) : 0, 0);
    struct seen seen = call_at(server.path, "http://e");
    CHECK_INT(root ? seteuid(0) + setegid(0) : 0, 0);
    CHECK_INT(seen.kind, ERR_DENIED);
    CHECK_INT(seen.os_error, EACCES);
    CHECK(strstr(seen.message, "join the group 'root'") || !root);
    CHECK(strstr(seen.message, "join the group"));
    close_all();
}
