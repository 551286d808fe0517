/* One HTTP call and its other side: the test itself, on a socket that does not block, between short
 * runs of the loop. Include it once. */
#ifndef MOONTIDE_SPEC_HTTP_PEER_H
#define MOONTIDE_SPEC_HTTP_PEER_H

#include "http/duplex.h"
#include "loop/loop.h"

#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TEXT 300000

static struct {
    char directory[32], path[64];
    int listener, peer;
    struct loop *loop;
    struct http *http;
    struct http_pool *pool;
    int descriptors;
} fixture;

/* What came of the one call of a test. */
static struct {
    struct http_call *call;
    int heads, ends, status, drained;
    size_t queued; /* when on_drained was called */
    enum http_failure failure;
    enum err_kind kind;
    char message[512], body[256];
    char *text; /* from on_data */
    size_t length;
    int takes, pauses; /* how often on_data is still to take bytes, then to pause */
    bool refuse;
} seen;

static char *heard; /* by the other side */
static size_t heard_length;
static bool heard_end;

/* --- the loop -------------------------------------------------------------------------------- */

static void stop_loop(struct deadline *deadline) {
    (void)deadline;
    loop_stop(fixture.loop);
}

static void run_for(int64_t ns) {
    struct deadline deadline = {.fire = stop_loop};
    loop_arm(fixture.loop, &deadline, loop_now(fixture.loop) + ns);
    loop_run(fixture.loop);
    loop_disarm(fixture.loop, &deadline);
}

/* Reads what there is, at most `most` bytes. */
static void hear(size_t most) {
    ssize_t got = 0;
    while (most > 0 && (got = recv(fixture.peer, heard + heard_length, most < 65536 ? most : 65536,
                                   MSG_DONTWAIT)) > 0) {
        heard_length += (size_t)got;
        most -= (size_t)got;
        heard[heard_length] = '\0';
    }
    heard_end = heard_end || got == 0;
}

/* Both sides go on until it is so, or for too long. */
#define UNTIL(condition)                                                                           \
    do {                                                                                           \
        int rounds_ = 0;                                                                           \
        while (!(condition) && rounds_++ < 10000)                                                  \
            run_for(LOOP_SECOND / 2000);                                                           \
        UNIT_CHECK(rounds_ <= 10000, "never: %s", #condition);                                     \
    } while (0)

/* --- the client ------------------------------------------------------------------------------ */

static void on_head(void *arg, int status, const struct buf *headers) {
    (void)arg;
    CHECK_INT(seen.length, 0);
    CHECK(headers->length > 0);
    seen.heads++;
    seen.status = status;
}

static enum http_take on_data(void *arg, const char *data, size_t length) {
    (void)arg;
    CHECK_INT(seen.heads, 1);
    CHECK(length > 0);
    if (seen.refuse)
        return HTTP_REFUSE;
    if (seen.takes > 0) {
        seen.takes--;
    } else if (seen.pauses > 0) {
        seen.pauses--;
        return HTTP_PAUSE;
    }
    memcpy(seen.text + seen.length, data, length);
    seen.text[seen.length += length] = '\0';
    return HTTP_TAKEN;
}

static void on_drained(void *arg) {
    CHECK(arg == &seen && seen.ends == 0);
    seen.drained++;
    seen.queued = http_queued(seen.call);
}

static void on_done(void *arg, struct http_reply *reply) {
    CHECK(arg == &seen);
    seen.ends++;
    seen.status = reply->status;
    seen.failure = reply->failure;
    seen.kind = reply->err.kind;
    CHECK(!http_write(seen.call, "late", 4));
    CHECK_INT(http_queued(seen.call), 0);
    http_resume(seen.call);
    http_cancel(seen.call);
    strcpy(seen.message, reply->err.message);
    snprintf(seen.body, sizeof seen.body, "%s", buf_text(&reply->body));
}

static int open_descriptors(void) {
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static void open_all(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    signal(SIGPIPE, SIG_IGN);
    loop_free(loop_new()); /* libuv's first loop makes a pipe for signals that stays */
    fixture.descriptors = open_descriptors();
    strcpy(fixture.directory, "/tmp/http_duplex.XXXXXX");
    CHECK(mkdtemp(fixture.directory));
    snprintf(fixture.path, sizeof fixture.path, "%s/socket", fixture.directory);
    strcpy(address.sun_path, fixture.path);
    fixture.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_INT(bind(fixture.listener, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_INT(listen(fixture.listener, 10), 0);
    fixture.peer = -1;
    fixture.loop = loop_new();
    fixture.http = http_new(fixture.loop);
    fixture.pool = http_pool_new(
        fixture.http, &(struct http_target){.unix_path = fixture.path, .base_url = "http://one"},
        4);
    char *text = seen.text;
    memset(&seen, 0, sizeof seen);
    seen.text = text ? text : malloc(TEXT + 1);
    heard = heard ? heard : malloc(TEXT + 65536 + 1);
    *heard = *seen.text = '\0';
    heard_length = 0;
    heard_end = false;
}

static void hang_up(void) {
    if (fixture.peer >= 0)
        close(fixture.peer);
    fixture.peer = -1;
}

static void close_all(void) {
    http_free(fixture.http);
    loop_free(fixture.loop);
    hang_up();
    close(fixture.listener);
    unlink(fixture.path);
    rmdir(fixture.directory);
    free(seen.text);
    free(heard);
    seen.text = heard = NULL;
    CHECK_INT(open_descriptors(), fixture.descriptors);
}

static void start(struct http_request request) {
    request.on_head = on_head;
    request.on_data = on_data;
    request.on_drained = on_drained;
    request.on_done = on_done;
    request.arg = &seen;
    seen.call = http_start(fixture.pool, &request);
    CHECK(seen.call && seen.ends == 0);
}

/* The other side has the request. */
static void accept_request(const char *request) {
    UNTIL((fixture.peer = accept4(fixture.listener, NULL, NULL, SOCK_NONBLOCK)) >= 0);
    UNTIL((hear(TEXT), strcmp(heard, request) == 0 || heard_end));
    CHECK_STR(heard, request);
    heard_length = 0;
    *heard = '\0';
}

static void say(const char *text, size_t length) {
    CHECK_INT(send(fixture.peer, text, length, MSG_NOSIGNAL), length);
}

static void say_text(const char *text) {
    say(text, strlen(text));
}

static void finish(void) {
    UNTIL(seen.ends > 0);
    run_for(LOOP_SECOND / 500);
    CHECK_INT(seen.ends, 1);
}

#endif
