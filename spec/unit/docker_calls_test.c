/* Calls to a scripted engine: deadlines, cancelling, replies of every kind. */
#include "scripted_engine.h"

/* --- deadlines, cancelling, closing ---------------------------------------------------------- */

TEST(docker_deadline_covers_the_negotiation) {
    WITH({"GET /_ping ", NULL});
    struct docker_request info = request("info");
    info.timeout = LOOP_SECOND / 2;
    struct result result = run(info);
    CHECK_INT(result.err.kind, ERR_TIMEOUT);
    STARTS(result.err.message, "no reply from the Docker Engine at unix:///tmp/docker-calls-");
    CHECK(strstr(result.err.message, "within 0.5 s: it does not answer"));
    done();
}

TEST(docker_deadline_tells_whether_the_engine_may_have_done_it) {
    WITH({"GET /_ping ", PING("1.41")}, {"GET /v1.41/info ", OK("", "{}")},
         {"POST /v1.41/containers/w/start ", NULL}, {"GET /v1.41/containers/w/json ", NULL});
    struct docker_request what = request("start");
    what.object = "w";
    what.timeout = LOOP_SECOND / 4;
    run(request("info")); /* so that the time is the call's alone */
    struct result result = run(what);
    CHECK_INT(result.err.kind, ERR_TIMEOUT);
    CHECK_INT(result.err.next, NEXT_RELIST);
    STARTS(result.err.message, "container \"w\": no reply from");
    what.row = docker_row("inspect");
    CHECK_INT(run(what).err.next, NEXT_RETRY);
    done();
}

TEST(docker_cancelled_calls_are_never_answered) {
    WITH({"GET /_ping ", PING("1.41")}, {"GET /v1.41/", OK("", "{}")});
    struct result waiting, sent;
    docker_cancel(start(&waiting, request("info")));
    client.open--;
    CHECK_STR(run(request("info")).err.message, "");
    docker_cancel(start(&sent, request("version")));
    client.open--;
    for (int i = 0; i < 3; i++) { /* time for an answer that must not come */
        CHECK_STR(run(request("info")).err.message, "");
    }
    CHECK_INT(waiting.ends + sent.ends, 0);
    CHECK_INT(asked("/version "), 0);
    done();
}

TEST(docker_close_ends_everything_in_silence) {
    WITH({"GET /_ping ", NULL});
    struct result waiting, sent;
    start(&waiting, request("info"));
    start(&sent, request("ping"));
    done();
    CHECK_INT(waiting.ends + sent.ends, 0);
}

/* --- replies --------------------------------------------------------------------------------- */

static const struct {
    const char *row, *reply, *message; /* "": no error */
} bodies[] = {
    {"list", OK("", "[]"), ""},
    {"list", OK("", "null"), ""},
    {"list", OK("", "{}"), "it is no JSON array; check that a Docker Engine answers"},
    {"info", OK("", "{}"), ""},
    {"info", OK("", "[]"), "unexpected reply from the engine at unix:///tmp/docker-calls-"},
    {"info", OK("", "null"), "it is no JSON object"},
    {"info", OK("", ""), "It begins: (empty)"},
    {"info", OK("", "<html>\x1b[31m"), "It begins: <html>\\x1B[31m"},
    {"info", OK("", "{\"a\":"), "at line 1, column 6"},
    {"info", OK("Content-Length: 9\r\n", "{}"), "lost the reply of unix:///"},
    {"info", "HTTP/1.0 500 Oops\r\n\r\n{\"message\":\"no\"}", "the engine failed"},
};

TEST(docker_replies_are_what_the_row_expects) {
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        unit_case = bodies[i].reply;
        const struct script script[] = {
            {"GET /_ping ", PING("1.41")}, {"GET /v1.41/", bodies[i].reply}, {NULL, ""}};
        engine_place();
        engine_start(script);
        client_open();
        struct result result = run(request(bodies[i].row));
        bool right = *bodies[i].message ? strstr(result.err.message, bodies[i].message) != NULL
                                        : result.err.kind == ERR_NONE;
        UNIT_CHECK(right, "it is: %s", result.err.message);
        done();
    }
}

TEST(docker_objects_are_escaped_and_must_be_some) {
    static const char *const none[] = {NULL, "", ".", ".."};
    WITH({"GET /_ping ", PING("1.41")},
         {"GET /v1.41/containers/a%2Fb%3F..%20/json ", OK("", "{}")});
    struct docker_request inspect = request("inspect");
    inspect.object = "a/b?.. ";
    CHECK_STR(run(inspect).err.message, "");
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        inspect.object = none[i];
        struct result result = run(inspect);
        CHECK_INT(result.err.kind, ERR_INVALID);
        CHECK(strstr(result.err.message, "is no name and no id"));
    }
    CHECK_INT(asked("/json "), 1);
    done();
}

TEST(docker_request_passes_everything_on) {
    static const char *const headers[] = {"X-Mine: 1", "content-type: text/plain", NULL};
    WITH({"GET /_ping ", PING("1.41")}, {"PUT /v1.41/any?x=1 ", "HTTP/1.0 418 No\r\n\r\n{\"a\":1}"},
         {"GET /v1.30/other ", OK("", "text")});
    struct docker_request raw = request("request");
    raw.method = "PUT";
    raw.path = "/any";
    raw.query = "?x=1";
    raw.headers = headers;
    raw.body = "b";
    raw.body_length = 1;
    struct result result = run(raw);
    CHECK_INT(result.status, 418);
    CHECK_INT(result.err.kind, ERR_NONE);
    CHECK_STR(result.json, "{\"a\":1}");
    CHECK(asked("X-Mine: 1") == 1 && asked("application/json") == 0);
    result = run((struct docker_request){
        .row = docker_row("request"), .method = "GET", .path = "/v1.30/other"});
    CHECK_INT(result.status, 200);
    CHECK_STR(result.json, "null");
    result =
        run((struct docker_request){.row = docker_row("request"), .method = "GET", .path = "x"});
    CHECK_INT(result.err.kind, ERR_INVALID);
    done();
}

/* --- streams --------------------------------------------------------------------------------- */

static struct {
    int heads, pauses; /* pauses: how often on_data still has to */
    char type[64], text[128];
} stream;

static void on_head(void *arg, const struct buf *headers) {
    (void)arg;
    CHECK_STR(stream.text, "");
    stream.heads++;
    http_header(headers, "content-type", stream.type, sizeof stream.type);
}

static enum http_take on_data(void *arg, const char *data, size_t length) {
    (void)arg;
    CHECK_INT(stream.heads, 1);
    if (stream.pauses > 0) {
        stream.pauses--;
        return HTTP_PAUSE;
    }
    strncat(stream.text, data, length);
    return HTTP_TAKEN;
}

static struct docker_request streaming(const char *row) {
    memset(&stream, 0, sizeof stream);
    struct docker_request what = request(row);
    what.object = "w";
    what.on_head = on_head;
    what.on_data = on_data;
    return what;
}

TEST(docker_streams_a_body_as_it_is) {
    WITH({"GET /_ping ", PING("1.41")},
         {"GET /v1.41/containers/w/logs?follow=1 ", OK("Content-Type: a/b\r\n", "no {json")});
    struct docker_request logs = streaming("logs");
    logs.query = "?follow=1";
    struct result result = run(logs);
    CHECK_STR(result.err.message, "");
    CHECK_INT(result.status, 200);
    CHECK_STR(stream.text, "no {json");
    CHECK_STR(stream.type, "a/b");
    CHECK_STR(result.json, "null");
    done();
}

TEST(docker_streams_break_off_in_error) {
    WITH({"GET /_ping ", PING("1.41")},
         {"GET /v1.41/containers/w/logs ", OK("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n")});
    struct result result = run(streaming("logs"));
    CHECK_INT(result.err.kind, ERR_TRANSPORT);
    CHECK_INT(result.err.next, NEXT_RETRY);
    CHECK_STR(stream.text, "abc");
    CHECK_INT(stream.heads, 1);
    done();
}

TEST(docker_streams_that_are_refused_have_not_begun) {
    WITH({"GET /_ping ", PING("1.41")},
         {"GET /v1.41/containers/w/logs ",
          "HTTP/1.0 404 No\r\n\r\n{\"message\":\"No such container: w\"}"});
    struct result result = run(streaming("logs"));
    CHECK_INT(result.err.kind, ERR_NOT_FOUND);
    STARTS(result.err.message, "container \"w\"");
    CHECK_INT(stream.heads, 0);
    CHECK_STR(stream.text, "");
    done();
}

TEST(docker_streams_are_renegotiated_before_they_begin) {
    WITH({"GET /_ping ", PING("1.41")}, {"GET /v1.41/info ", OK("", "{}")},
         {"GET /v1.41/events ", REFUSED("Api-Version: 1.52\r\n",
                                        "1.41 is too old. Minimum supported API version is 1.44")},
         {"GET /v1.44/events ", OK("", "{}\n")});
    run(request("info"));
    CHECK_STR(run(streaming("events")).err.message, "");
    CHECK_STR(stream.text, "{}\n");
    CHECK_INT(stream.heads, 1);
    done();
}

TEST(docker_streams_must_begin_in_time) {
    WITH({"GET /_ping ", PING("1.41")}, {"GET /v1.41/events ", NULL});
    struct docker_request events = streaming("events");
    run(request("ping"));
    events.timeout = LOOP_SECOND / 2;
    struct result result = run(events);
    CHECK_INT(result.err.kind, ERR_TIMEOUT);
    CHECK(strstr(result.err.message, "within 0.5 s: see what keeps it busy"));
    done();
}

static void stop_loop(struct deadline *deadline) {
    (void)deadline;
    loop_stop(client.loop);
}

/* Runs the loop that long, or until it is stopped. */
static void run_for(int64_t ns) {
    struct deadline deadline = {.fire = stop_loop};
    loop_arm(client.loop, &deadline, loop_now(client.loop) + ns);
    loop_run(client.loop);
    loop_disarm(client.loop, &deadline);
}

static void run_until_begun(const struct result *result) {
    while (stream.heads == 0 && result->ends == 0) {
        run_for(LOOP_SECOND / 1000);
    }
    CHECK_INT(stream.heads, 1);
}

#define BEGUN "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"

TEST(docker_streams_that_have_begun_have_all_the_time) {
    WITH({"GET /_ping ", PING("1.41")}, {"GET /v1.41/", BEGUN});
    struct docker_request logs = streaming("logs"), list = streaming("list");
    struct result result;
    logs.timeout = list.timeout = LOOP_SECOND * 3 / 2;
    struct docker_call *call = start(&result, logs);
    run_until_begun(&result);
    run_for(LOOP_SECOND * 8 / 5);
    CHECK_STR(stream.text, "a");
    CHECK_INT(result.ends, 0);
    docker_cancel(call);
    client.open--;
    memset(&stream, 0, sizeof stream);
    result = run(list); /* but of what has an end the end must come, too */
    CHECK_INT(stream.heads, 1);
    CHECK_INT(result.err.kind, ERR_TIMEOUT);
    done();
}

TEST(docker_wait_has_no_deadline_and_tells_that_it_has_begun) {
    WITH({"GET /_ping ", PING("1.41")}, {"POST /v1.41/containers/w/wait ", BEGUN});
    struct docker_request wait = streaming("wait");
    struct result result;
    wait.on_data = NULL;
    struct docker_call *call = start(&result, wait);
    run_until_begun(&result);
    run_for(LOOP_SECOND / 20);
    CHECK_INT(result.ends, 0);
    docker_cancel(call);
    client.open--;
    wait.timeout = LOOP_SECOND / 10;
    CHECK_INT(run(wait).err.kind, ERR_TIMEOUT);
    done();
}

TEST(docker_streams_pause_and_go_on) {
    WITH({"GET /_ping ", PING("1.41")}, {"GET /v1.41/", OK("", "some words")});
    struct docker_request logs = streaming("logs");
    struct result result;
    stream.pauses = 2;
    struct docker_call *call = start(&result, logs);
    docker_resume(call); /* not sent yet */
    while (stream.pauses == 2 && result.ends == 0) {
        run_for(LOOP_SECOND / 1000);
    }
    run_for(LOOP_SECOND / 50);
    CHECK_INT(stream.heads, 1);
    CHECK_INT(stream.pauses, 1);
    CHECK_STR(stream.text, "");
    CHECK_INT(result.ends, 0);
    docker_resume(call); /* and is paused again */
    CHECK_INT(stream.pauses, 0);
    docker_resume(call);
    CHECK_STR(stream.text, "some words");
    CHECK_INT(result.ends, 0);
    loop_run(client.loop);
    CHECK_INT(result.ends, 1);
    CHECK_STR(result.err.message, "");
    done();
}

TEST(docker_streams_are_no_web_pages) {
    static const char *const replies[] = {
        OK("Content-Type: text/html; charset=utf-8\r\n", "<html>\x1b[31m log in</html>"),
        OK("Content-Type: TEXT/HTML\r\nContent-Length: 0\r\n", "")};
    for (size_t i = 0; i < 2; i++) {
        const struct script script[] = {
            {"GET /_ping ", PING("1.41")}, {"GET /v1.41/", replies[i]}, {NULL, ""}};
        engine_place();
        engine_start(script);
        client_open();
        struct result result = run(streaming("logs"));
        CHECK_INT(result.err.kind, ERR_ENGINE);
        CHECK(strstr(result.err.message, "it is a web page; check that a Docker Engine answers"));
        CHECK(strstr(result.err.message, i == 0 ? "<html>\\x1B[31m log in" : "(empty)"));
        CHECK_INT(stream.heads, 0);
        CHECK_STR(stream.text, "");
        done();
    }
}

/* --- duplex ---------------------------------------------------------------------------------- */

#define GO "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"

TEST(docker_duplex_calls_send_bytes_both_ways) {
    WITH({"GET /_ping ", PING("1.41")}, {"POST /v1.41/exec/w/start ", GO "prompt"},
         {"question", "answer"});
    struct docker_request exec = streaming("exec_start");
    struct result result;
    exec.body = "{}";
    exec.body_length = 2;
    struct docker_call *call = start(&result, exec);
    CHECK(!docker_write(call, "too early", 9));
    docker_end(call);
    CHECK_INT(docker_queued(call), 0);
    run_until_begun(&result);
    CHECK_STR(stream.text, "prompt");
    CHECK(docker_write(call, "question\r\n\r\n", 12));
    CHECK_INT(docker_queued(call), 12);
    loop_run(client.loop);
    CHECK_INT(result.ends, 1);
    CHECK_STR(result.err.message, "");
    CHECK_STR(stream.text, "promptanswer");
    CHECK(asked("Upgrade: tcp") == 1 && asked("application/json") == 1);
    done();
}

TEST(docker_duplex_calls_end_what_they_write) {
    WITH({"GET /_ping ", PING("1.41")}, {"POST /v1.41/exec/w/start ", GO});
    struct result result;
    struct docker_call *call = start(&result, streaming("exec_start"));
    run_until_begun(&result);
    docker_end(call); /* of which the scripted engine thinks that the client has hung up */
    loop_run(client.loop);
    CHECK_STR(result.err.message, "");
    CHECK_INT(result.status, 101);
    done();
}

TEST(docker_duplex_calls_can_be_refused) {
    static const struct {
        const char *reply;
        enum err_kind kind;
        const char *message;
    } rows[] = {
        {"HTTP/1.1 404 No\r\nContent-Length: 35\r\n\r\n{\"message\":\"No such exec instance\"}\r\n",
         ERR_NOT_FOUND, "No such exec instance"},
        {"HTTP/1.0 409 No\r\n\r\n{\"message\":\"container w is paused\"}", ERR_CONFLICT, "paused"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", ERR_ENGINE,
         "it does not hand the connection over"},
        {"SSH-2.0-x\r\n", ERR_TRANSPORT, "its reply does not begin with a status of HTTP/1"},
        {"", ERR_TRANSPORT, "lost the reply of unix:///tmp/"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct script script[] = {
            {"GET /_ping ", PING("1.41")}, {"POST /v1.41/", rows[i].reply}, {NULL, ""}};
        engine_place();
        engine_start(script);
        client_open();
        struct result result = run(streaming("exec_start"));
        CHECK_INT(result.err.kind, rows[i].kind);
        UNIT_CHECK(strstr(result.err.message, rows[i].message), "it is: %s", result.err.message);
        CHECK_INT(stream.heads, 0);
        done();
    }
}
