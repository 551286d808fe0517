/* The HTTP server without Lua: who is told what, and that nothing of it stays. */
#include "loop/loop.h"
#include "serve/serve.h"

#include "unit.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct loop *loop;
static struct serve *serve;

static struct {
    int requests, gone, over;
    struct serve_request *request;
    char method[16], path[64], query[64], body[64], header[64], peer[64];
} got;

static const struct serve_header none[] = {{NULL, NULL}};

static void on_header(void *arg, const struct serve_header *header) {
    (void)arg;
    if (strcmp(header->name, "X-Test") == 0)
        snprintf(got.header, sizeof got.header, "%s", header->value);
}

static void keep(void *arg, struct serve_request *request) {
    (void)arg;
    got.requests++;
    got.request = request;
    snprintf(got.method, sizeof got.method, "%s", serve_method(request));
    snprintf(got.path, sizeof got.path, "%s", serve_path(request));
    snprintf(got.query, sizeof got.query, "%s", serve_query(request));
    snprintf(got.body, sizeof got.body, "%s", buf_text(serve_body(request)));
    snprintf(got.peer, sizeof got.peer, "%s", serve_peer(request));
    serve_headers(request, on_header, NULL);
    serve_set_arg(request, &got);
}

static void reply_at_once(void *arg, struct serve_request *request) {
    keep(arg, request);
    CHECK(serve_reply(request, 200, none, "hello", 5));
}

static void on_gone(void *arg, struct serve_request *request) {
    (void)arg;
    CHECK(request == got.request && serve_arg(request) == &got);
    got.gone++;
}

static void on_over(void *arg) {
    (void)arg;
    got.over++;
}

static int descriptors(void) {
    int n = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (directory && readdir(directory))
        n++;
    closedir(directory);
    return n;
}

static struct serve_options options(void) {
    return (struct serve_options){
        .host = "127.0.0.1",
        .max_body = 100,
        .max_connections = 4,
        .timeout = 10 * LOOP_SECOND,
        .on_request = keep,
        .on_gone = on_gone,
        .on_over = on_over,
    };
}

static void begin(const struct serve_options *given) {
    struct err err = {.kind = ERR_NONE};
    signal(SIGPIPE, SIG_IGN);
    memset(&got, 0, sizeof got);
    loop = loop_new();
    serve = serve_start(loop, given, &err);
    UNIT_CHECK(serve != NULL, "%s", err.message);
}

static void finish(void) {
    if (serve)
        serve_close(serve);
    loop_free(loop);
}

static void stop(struct deadline *deadline) {
    (void)deadline;
    loop_stop(loop);
}

/* Lets the loop run so long. */
static void run(double seconds) {
    struct deadline end = {.fire = stop};
    loop_arm(loop, &end, loop_after(loop, (int64_t)(seconds * (double)LOOP_SECOND)));
    loop_run(loop);
}

static bool is_there(int client) {
    char byte;
    return recv(client, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

static int connect_and_send(const char *text) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    address.sin_port = htons((uint16_t)strtoul(strrchr(serve_address(serve), ':') + 1, NULL, 10));
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_INT(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_INT(send(client, text, strlen(text), 0), (long)strlen(text));
    return client;
}

/* Until a reply, or the end, is there to be read. */
static const char *reply(int client) {
    static char text[4096];
    for (int i = 0; i < 200 && !is_there(client); i++)
        run(0.05);
    ssize_t length = recv(client, text, sizeof text - 1, MSG_DONTWAIT);
    text[length > 0 ? length : 0] = '\0';
    return text;
}

static void wait_for(const int *count) {
    for (int i = 0; i < 200 && *count == 0; i++)
        run(0.05);
}

#define GET "GET /a%20b?c=d HTTP/1.1\r\nHost: localhost\r\nX-Test: 1\r\n\r\n"

TEST(says_what_came) {
    struct serve_options given = options();
    begin(&given);
    int client = connect_and_send("PUT /a%20b?c=d HTTP/1.1\r\nHost: localhost\r\nX-Test: 1\r\n"
                                  "Content-Length: 4\r\n\r\nbody");
    wait_for(&got.requests);
    CHECK_STR(got.method, "PUT");
    CHECK_STR(got.path, "/a%20b");
    CHECK_STR(got.query, "c=d");
    CHECK_STR(got.header, "1");
    CHECK_STR(got.body, "body");
    CHECK(strncmp(got.peer, "127.0.0.1:", 10) == 0);
    const struct serve_header headers[] = {{"X-Reply", "yes"}, {NULL, NULL}};
    CHECK(serve_reply(got.request, 201, headers, "made", 4));
    const char *text = reply(client);
    CHECK(strncmp(text, "HTTP/1.1 201 ", 13) == 0 && strstr(text, "\r\nX-Reply: yes\r\n"));
    close(client);
    finish();
    CHECK_INT(got.gone, 0);
}

TEST(replies_from_inside) {
    struct serve_options given = options();
    given.on_request = reply_at_once;
    begin(&given);
    int client = connect_and_send(GET GET);
    for (int i = 0; i < 200 && got.requests < 2; i++)
        run(0.05);
    CHECK_INT(got.requests, 2);
    CHECK(strstr(reply(client), "\r\n\r\nhello"));
    close(client);
    finish();
}

TEST(refuses_a_header_with_a_line_break) {
    struct serve_options given = options();
    begin(&given);
    int client = connect_and_send(GET);
    wait_for(&got.requests);
    const struct serve_header headers[] = {{"X-Reply", "a\r\nSet-Cookie: b"}, {NULL, NULL}};
    CHECK(!serve_reply(got.request, 200, headers, "", 0));
    const char *text = reply(client);
    CHECK(strncmp(text, "HTTP/1.1 500 ", 13) == 0 && !strstr(text, "Set-Cookie"));
    close(client);
    finish();
}

TEST(tells_that_a_client_has_gone) {
    struct serve_options given = options();
    begin(&given);
    int client = connect_and_send(GET);
    wait_for(&got.requests);
    CHECK_INT(got.gone, 0);
    close(client);
    wait_for(&got.gone);
    CHECK_INT(got.gone, 1);
    finish();
    CHECK_INT(got.gone, 1);
}

TEST(is_closed_while_it_serves_and_gives_all_back) {
    loop_free(loop_new()); /* libuv keeps descriptors of its own from its first loop on */
    int before = descriptors();
    struct serve_options given = options();
    begin(&given);
    int clients[] = {connect_and_send(GET), connect_and_send(""), connect_and_send("GET / HT")};
    wait_for(&got.requests);
    finish();
    CHECK_INT(got.gone, 1);
    for (size_t i = 0; i < 3; i++)
        close(clients[i]);
    CHECK_INT(descriptors(), before);
}

TEST(finishes_what_it_has_begun) {
    struct serve_options given = options();
    begin(&given);
    int client = connect_and_send(GET);
    wait_for(&got.requests);
    serve_finish(serve);
    serve_finish(serve);
    run(0.05);
    CHECK_INT(got.over, 0);
    CHECK(serve_reply(got.request, 200, none, "last", 4));
    CHECK(strstr(reply(client), "\r\n\r\nlast"));
    wait_for(&got.over);
    CHECK_INT(got.over, 1);
    close(client);
    finish();
    CHECK_INT(got.gone, 0);
}

TEST(does_not_start_where_it_cannot) {
    struct serve_options given = options();
    struct err err;
    begin(&given);
    given.port = (unsigned)strtoul(strrchr(serve_address(serve), ':') + 1, NULL, 10);
    CHECK(!serve_start(loop, &given, &err));
    CHECK_INT(err.kind, ERR_CONFLICT);
    given.host = "example.org";
    CHECK(!serve_start(loop, &given, &err));
    CHECK_INT(err.kind, ERR_INVALID);
    given.host = "192.0.2.1"; /* RFC 5737: nobody's */
    CHECK(!serve_start(loop, &given, &err));
    CHECK_INT(err.kind, ERR_INVALID);
    finish();
}
