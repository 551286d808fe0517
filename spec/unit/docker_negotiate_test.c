/* Which version calls are sent with, and what is no engine. */
#include "scripted_engine.h"

TEST(docker_negotiates_once_for_all_that_wait) {
    WITH({"GET /_ping ", PING("1.41")}, {"GET /v1.41/info ", OK("", "{\"a\":1}")});
    struct result results[5];
    for (size_t i = 0; i < 5; i++) {
        start(&results[i], request("info"));
    }
    CHECK_STR(docker_version(client.docker), "");
    loop_run(client.loop);
    for (size_t i = 0; i < 5; i++) {
        CHECK_STR(results[i].err.message, "");
        CHECK_STR(results[i].json, "{\"a\":1}");
    }
    CHECK_INT(asked("GET /_ping "), 1);
    CHECK_STR(docker_version(client.docker), "1.41");
    done();
}

TEST(docker_does_not_go_beyond_its_own_version) {
    WITH({"GET /_ping ", PING("1.52")}, {"GET /v1.44/info ", OK("", "{}")});
    CHECK_STR(run(request("info")).err.message, "");
    CHECK_STR(docker_version(client.docker), "1.44");
    done();
}

TEST(docker_ping_needs_no_version) {
    WITH({"GET /_ping ", PING("1.52")});
    struct result result = run(request("ping"));
    CHECK_INT(result.status, 200);
    CHECK_INT(asked("GET /_ping "), 1);
    CHECK_STR(docker_version(client.docker), "");
    done();
}

TEST(docker_renegotiates_from_the_text_when_no_header_says) {
    WITH(
        {"GET /_ping ", OK("", "OK")},
        {"GET /v1.44/info ", REFUSED("", "1.44 is too new. Maximum supported API version is 1.40")},
        {"GET /v1.40/info ", OK("", "{}")});
    CHECK_STR(run(request("info")).err.message, "");
    CHECK_STR(docker_version(client.docker), "1.40");
    CHECK_STR(run(request("info")).err.message, "");
    CHECK_INT(asked("GET /v1.44/info "), 1);
    done();
}

TEST(docker_renegotiates_with_an_upgraded_engine_and_sends_the_body_again) {
    WITH({"GET /_ping ", PING("1.41")}, {"GET /v1.41/info ", OK("", "{}")},
         {"POST /v1.41/containers/create?name=w ",
          REFUSED("Api-Version: 1.52\r\n",
                  "1.41 is too old. Minimum supported API version is 1.44")},
         {"POST /v1.44/containers/create?name=w ", OK("", "{\"Id\":\"x\"}")});
    run(request("info"));
    struct docker_request create = request("create");
    create.query = "?name=w";
    create.body = "{\"Image\":\"i\"}";
    create.body_length = strlen(create.body);
    CHECK_STR(run(create).json, "{\"Id\":\"x\"}");
    CHECK_INT(asked("{\"Image\":\"i\"}"), 2);
    CHECK_INT(asked("Content-Type: application/json"), 2);
    done();
}

TEST(docker_gives_up_after_a_second_refusal) {
    WITH({"GET /_ping ", PING("1.41")},
         {"GET /v1.41/info ", REFUSED("Api-Version: 1.52\r\n",
                                      "1.41 is too old. Minimum supported API version is 1.44")},
         {"GET /v1.44/info ", REFUSED("Api-Version: 1.41\r\n",
                                      "1.44 is too new. Maximum supported API version is 1.41")});
    struct result result = run(request("info"));
    CHECK_INT(result.err.kind, ERR_ENGINE);
    CHECK(strstr(result.err.message, "1.24 to 1.44"));
    CHECK(strstr(result.err.message, "Maximum supported API version is 1.41"));
    CHECK_INT(asked("/info "), 2);
    done();
}

static const struct {
    const char *ping;
    enum err_kind kind;
    const char *message;
} pings[] = {
    {PING("1.18"), ERR_ENGINE, "it is too old: its newest API version is 1.18"},
    {OK("", "<html>hello"), ERR_ENGINE, "GET /_ping is not answered with OK; check that a Docker"},
    {"HTTP/1.0 404 Not Found\r\n\r\nno", ERR_ENGINE, "GET /_ping has the status 404"},
    {"HTTP/1.0 403 Forbidden\r\n\r\n<h1>no</h1>", ERR_DENIED, "forbidden; if a proxy such as"},
    {"HTTP/1.0 503 Service Unavailable\r\n\r\n", ERR_TRANSPORT, "check that the engine runs"},
    {"SSH-2.0-OpenSSH_9.2\r\n", ERR_TRANSPORT, "got no valid HTTP from unix:///"},
    {"", ERR_TRANSPORT, "lost the reply of unix:///"},
};

TEST(docker_explains_what_is_no_engine) {
    for (size_t i = 0; i < sizeof pings / sizeof *pings; i++) {
        unit_case = pings[i].ping;
        const struct script script[] = {{"GET /_ping ", pings[i].ping}, {NULL, ""}};
        engine_place();
        engine_start(script);
        client_open();
        struct result result = run(request("info"));
        CHECK_STR(err_kind_name(result.err.kind), err_kind_name(pings[i].kind));
        UNIT_CHECK(strstr(result.err.message, pings[i].message), "it is: %s", result.err.message);
        done();
    }
}

TEST(docker_tries_anew_after_a_failed_negotiation) {
    static const struct script script[] = {
        {"GET /_ping ", PING("1.41")}, {"GET /v1.41/info ", OK("", "{}")}, {NULL, ""}};
    engine_place();
    client_open();
    struct result result = run(request("info"));
    CHECK_INT(result.err.kind, ERR_TRANSPORT);
    CHECK_INT(result.err.next, NEXT_RETRY);
    STARTS(result.err.message, "cannot connect to unix:///tmp/docker-calls-");
    CHECK(strstr(result.err.message, "is the Docker Engine running?"));
    CHECK(strstr(result.err.message, "says where it listens"));
    engine_start(script);
    CHECK_STR(run(request("info")).err.message, "");
    done();
}

TEST(docker_negotiates_again_with_an_engine_that_was_away) {
    static const struct script later[] = {
        {"GET /_ping ", PING("1.40")}, {"GET /v1.40/info ", OK("", "{}")}, {NULL, ""}};
    WITH({"GET /_ping ", PING("1.41")}, {"GET /v1.41/info ", OK("", "{}")});
    CHECK_STR(run(request("info")).err.message, "");
    engine_kill();
    CHECK_INT(run(request("info")).err.kind, ERR_TRANSPORT);
    CHECK_STR(docker_version(client.docker), "");
    engine_start(later);
    CHECK_STR(run(request("info")).err.message, "");
    CHECK_STR(docker_version(client.docker), "1.40");
    done();
}

static int pings_at_the_end;

static void count_pings(void *arg, struct docker_reply *reply) {
    pings_at_the_end = asked("GET /_ping ");
    on_done(arg, reply);
}

static void start_another(void *arg, struct docker_reply *reply) {
    static struct result another;
    struct docker_request info = request("info");
    info.on_done = count_pings;
    info.arg = &another;
    client.open++;
    CHECK(docker_start(client.docker, &info));
    on_done(arg, reply);
}

TEST(docker_fails_with_a_negotiation_only_what_waited_for_it) {
    WITH({"GET /_ping ", "HTTP/1.0 404 Not Found\r\n\r\n"});
    struct result first = {0};
    struct docker_request info = request("info");
    info.on_done = start_another;
    info.arg = &first;
    client.open++;
    CHECK(docker_start(client.docker, &info));
    loop_run(client.loop);
    CHECK_INT(first.err.kind, ERR_ENGINE);
    CHECK_INT(pings_at_the_end, 2);
    done();
}
