/* Calls to a scripted engine: deadlines, cancelling, replies of every kind. */
#include "scripted_engine.h"

/* --- deadlines, cancelling, closing ---------------------------------------------------------- */

TEST(docker_deadline_covers_the_negotiation) {
    WITH({"GET /_ping ", NULL});
    struct docker_request info = request("info");
    info.timeout = LOOP_SECOND / 20;
    struct result result = run(info);
    CHECK_INT(result.err.kind, ERR_TIMEOUT);
    STARTS(result.err.message, "no reply from the Docker Engine at unix:///tmp/docker-calls-");
    CHECK(strstr(result.err.message, "within 0.05 s: it does not answer"));
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
