/* Events, from lines of Docker 20.10 and 29 and of Podman 4.3. */
#include "base/json.h"
#include "docker/event.h"
#include "unit.h"

#include <json-c/json_object.h>

/* "type action|detail id time_nano" of the event in that text, "none" when it is none. */
static const char *read(const char *text) {
    static char out[256];
    struct docker_event event;
    struct json_object *json = NULL;
    UNIT_CHECK(json_parse(text, strlen(text), &json_engine, &json, NULL), "no JSON: %s", text);
    if (docker_event_read(&event, json)) {
        snprintf(out, sizeof out, "%s %.*s|%s %s %lld%s", event.type, (int)event.action_length,
                 event.action, event.detail ? event.detail : "-", event.id,
                 (long long)event.time_nano, event.attributes ? " +" : "");
    } else {
        snprintf(out, sizeof out, "none");
    }
    json_object_put(json);
    return out;
}

#define AT    "\"time\":7,\"timeNano\":7000000001"
#define ACTOR "\"Actor\":{\"ID\":\"c1\",\"Attributes\":{\"name\":\"web\"}}"

TEST(events_of_all_engines_read_alike) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"{\"status\":\"die\",\"id\":\"c1\",\"from\":\"web\",\"Type\":\"container\",\"Action\":"
         "\"die\"," ACTOR "," AT "}",
         "container die|- c1 7000000001 +"},
        {"{\"Type\":\"container\",\"Action\":\"die\"," ACTOR ",\"scope\":\"local\"," AT "}",
         "container die|- c1 7000000001 +"},
        {"{\"status\":\"start\",\"id\":\"c1\",\"from\":\"web\",\"time\":7}",
         "container start|- c1 7000000000"},
        {"{\"Type\":\"network\",\"Action\":\"connect\",\"Actor\":{\"ID\":\"n\",\"Attributes\":"
         "null}," AT "}",
         "network connect|- n 7000000001"},
        {"{\"Type\":\"daemon\",\"Action\":\"reload\"," AT "}", "daemon reload|-  7000000001"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unit_case = cases[i].text;
        CHECK_STR(read(cases[i].text), cases[i].want);
    }
}

TEST(what_follows_the_colon_is_the_detail) {
    static const struct {
        const char *action, *want;
    } cases[] = {
        {"exec_create: sh -c echo a: b", "container exec_create|sh -c echo a: b c1 7000000001 +"},
        {"exec_start:x", "container exec_start|x c1 7000000001 +"},
        {"health_status: healthy", "container health_status|healthy c1 7000000001 +"},
        {"health_status", "container health_status|- c1 7000000001 +"},
        {"exec_die", "container exec_die|- c1 7000000001 +"},
        {"top:", "container top| c1 7000000001 +"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text, "{\"Type\":\"container\",\"Action\":\"%s\"," ACTOR "," AT "}",
                 cases[i].action);
        unit_case = cases[i].action;
        CHECK_STR(read(text), cases[i].want);
    }
    CHECK_STR(read("{\"Type\":\"container\",\"Action\":\"health_status\",\"HealthStatus\":"
                   "\"unhealthy\"," ACTOR "," AT "}"),
              "container health_status|unhealthy c1 7000000001 +");
}

TEST(words_of_podman_become_those_of_docker) {
    static const struct {
        const char *type, *action, *want;
    } cases[] = {
        {"container", "remove", "container destroy|- c1 7000000001 +"},
        {"container", "died", "container die|- c1 7000000001 +"},
        {"container", "cleanup", "container cleanup|- c1 7000000001 +"},
        {"volume", "remove", "volume destroy|- c1 7000000001 +"},
        {"image", "remove", "image delete|- c1 7000000001 +"},
        {"network", "remove", "network remove|- c1 7000000001 +"}, /* Docker's own, of a swarm */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text, "{\"Type\":\"%s\",\"Action\":\"%s\"," ACTOR "," AT "}",
                 cases[i].type, cases[i].action);
        unit_case = text;
        CHECK_STR(read(text), cases[i].want);
    }
}

TEST(what_is_no_event) {
    static const char *const texts[] = {
        "null",
        "[]",
        "7",
        "\"start\"",
        "{}",
        "{\"Type\":\"container\"," AT "}",
        "{\"Type\":\"container\",\"Action\":\"\"," AT "}",
        "{\"Type\":\"\",\"Action\":\"die\"," AT "}",
        "{\"Type\":\"container\",\"Action\":\"die\"}", /* no time */
        "{\"Type\":\"container\",\"Action\":\"die\",\"time\":\"7\"}",
        "{\"Type\":\"container\",\"Action\":\"die\",\"time\":9223372036854775807}",
        "{\"Type\":\"container\",\"Action\":\"die\",\"time\":-7,\"timeNano\":-1}",
        "{\"message\":\"client version 1.99 is too new\"}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        unit_case = texts[i];
        CHECK_STR(read(texts[i]), "none");
    }
}
