/* Summaries and figures, from replies recorded of Docker 20.10 (spec/data/engine) and from texts
 * that other engines are known to send. */
#include "base/json.h"
#include "docker/shapes.h"
#include "unit.h"

#include <json-c/json_object.h>
#include <stdlib.h>

/* The value of a text, of a recorded file. The caller puts it. */
static struct json_object *parsed(const char *text) {
    struct json_object *value = NULL;
    UNIT_CHECK(json_parse(text, strlen(text), &json_engine, &value, NULL), "no JSON: %s", text);
    return value;
}

static struct json_object *recorded(const char *name) {
    char path[128];
    static char text[65536];
    snprintf(path, sizeof path, "spec/data/engine/%s.json", name);
    FILE *file = fopen(path, "rb");
    UNIT_CHECK(file, "cannot open %s", path);
    size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[length] = '\0';
    if (file) {
        fclose(file);
    }
    return parsed(length > 0 ? text : "null");
}

/* Checks an object against its JSON text, and puts it. */
static void check_is(struct json_object *got, const char *want) {
    CHECK_STR(got ? json_object_to_json_string_ext(got, JSON_C_TO_STRING_PLAIN |
                                                            JSON_C_TO_STRING_NOSLASHESCAPE)
                  : "NULL",
              want);
    json_object_put(got);
}

/* --- time ------------------------------------------------------------------------------------ */

static const struct {
    const char *text;
    int64_t ns; /* -1: no time */
} times[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1970-01-01T00:00:01.5Z", 1500000000},
    {"2026-11-22T21:48:50.204636804Z", 1795384130204636804},
    {"2026-11-22T22:48:50.204636804+01:00", 1795384130204636804},
    {"2026-11-22T19:18:50.204636804-02:30", 1795384130204636804},
    {"2024-02-29T12:00:00Z", 1709208000000000000},
    {"2000-03-01T00:00:00Z", 951868800000000000},
    {"2026-11-22T21:48:50.20463680499999Z", 1795384130204636804},
    {"0001-01-01T00:00:00Z", -1},
    {"2300-01-01T00:00:00Z", -1},
    {"2026-13-22T21:48:50Z", -1},
    {"2026-11-22T24:48:50Z", -1},
    {"2026-11-22T21:48:50", -1},
    {"2026-11-22T21:48:50.Z", -1},
    {"2026-11-22T21:48:50Zjunk", -1},
    {"2026-11-22T21:48:50+0100", -1},
    {"2026-11-22T21:48", -1},
    {"yesterday", -1},
    {"", -1},
};

TEST(docker_times_are_read) {
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        int64_t ns = -1;
        unit_case = times[i].text;
        bool ok = docker_time(times[i].text, &ns);
        CHECK_INT(ok ? ns : -1, times[i].ns);
    }
}

/* --- summaries ------------------------------------------------------------------------------- */

#define LABELS "\"labels\":{\"testbed\":\"7419efbc9fa1\"}"

TEST(docker_summaries_of_a_recorded_list) {
    static const char *const ends[] = {
        "\"name\":\"burn-1\",\"status\":\"running\",\"ports\":{},\"image\":\"tb/burn\","
        "\"created\":1795384121," LABELS "}",
        "\"name\":\"restart-1\",\"status\":\"restarting\",\"ports\":{},\"image\":\"tb/crash\","
        "\"created\":1795384120," LABELS ",\"exit_code\":1}",
        "\"name\":\"crash-1\",\"status\":\"exited\",\"ports\":{},\"image\":\"tb/crash\","
        "\"created\":1795384120," LABELS ",\"exit_code\":1}",
        "\"name\":\"paused-1\",\"status\":\"paused\",\"ports\":{\"53/"
        "udp\":[{\"HostIp\":\"0.0.0.0\","
        "\"HostPort\":\"53\"},{\"HostIp\":\"::\",\"HostPort\":\"53\"}]},\"image\":\"tb/web\","
        "\"created\":1795384119," LABELS "}",
        "\"name\":\"linked-1\",\"status\":\"running\",\"ports\":{},\"image\":\"tb/web\","
        "\"created\":1795384119," LABELS "}",
        "\"name\":\"created-1\",\"status\":\"created\",\"ports\":{},\"image\":\"tb/web\","
        "\"created\":1795384118," LABELS "}",
        "\"name\":\"stubborn-1\",\"status\":\"exited\",\"ports\":{},\"image\":\"tb/stubborn\","
        "\"created\":1795384118," LABELS ",\"exit_code\":137}",
        "\"name\":\"health-1\",\"status\":\"running\",\"ports\":{},\"image\":\"tb/health\","
        "\"created\":1795384117," LABELS ",\"health\":\"healthy\"}",
        "\"name\":\"web-1\",\"status\":\"running\",\"ports\":{\"80/tcp\":[{\"HostIp\":\"0.0.0.0\","
        "\"HostPort\":\"32768\"},{\"HostIp\":\"::\",\"HostPort\":\"32768\"}]},\"image\":\"tb/web\","
        "\"created\":1795384092,\"labels\":{\"a\":\"b\",\"testbed\":\"7419efbc9fa1\"}}",
    };
    struct json_object *list = recorded("list");
    CHECK_INT(json_object_array_length(list), sizeof ends / sizeof *ends);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct json_object *summary = docker_summary_of_listed(json_object_array_get_idx(list, i));
        const char *id = json_object_get_string(json_object_object_get(summary, "container_id"));
        CHECK_INT(strlen(id), 64);
        json_object_object_del(summary, "container_id");
        char want[1024];
        snprintf(want, sizeof want, "{%s", ends[i]);
        check_is(summary, want);
    }
    json_object_put(list);
}

/* The same container gives the same summary either way. */
TEST(docker_summaries_of_recorded_inspects_equal_the_list) {
    static const char *const names[] = {"created-1", "stubborn-1", "health-1", "web-1"};
    static const size_t places[] = {5, 6, 7, 8};
    struct json_object *list = recorded("list");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char file[64];
        unit_case = names[i];
        snprintf(file, sizeof file, "inspect-%s", names[i]);
        struct json_object *inspected = recorded(file);
        struct json_object *listed =
            docker_summary_of_listed(json_object_array_get_idx(list, places[i]));
        check_is(docker_summary_of_inspected(inspected),
                 json_object_to_json_string_ext(listed, JSON_C_TO_STRING_PLAIN |
                                                            JSON_C_TO_STRING_NOSLASHESCAPE));
        json_object_put(inspected);
        json_object_put(listed);
    }
    json_object_put(list);
}

#define LISTED(fields)    false, "{" fields "}"
#define INSPECTED(fields) true, "{" fields "}"
#define EMPTY             "\"ports\":{},\"image\":\"\",\"labels\":{}"

static const struct {
    bool inspect;
    const char *json, *want;
} odd[] = {
    {LISTED(""), "{\"container_id\":\"\",\"name\":\"\",\"status\":\"unknown\"," EMPTY "}"},
    {INSPECTED(""), "{\"container_id\":\"\",\"name\":\"\",\"status\":\"unknown\"," EMPTY "}"},
    {LISTED("\"Id\":1,\"Names\":null,\"State\":{},\"Ports\":null,\"Labels\":null,\"Created\":"
            "\"y\""),
     "{\"container_id\":\"\",\"name\":\"\",\"status\":\"unknown\"," EMPTY "}"},
    {LISTED("\"Names\":[7,\"/a/b\"],\"State\":\"Stopped\",\"Status\":\"Exited (0) now\""), /* Podman
                                                                                            */
     "{\"container_id\":\"\",\"name\":\"a/b\",\"status\":\"exited\"," EMPTY ",\"exit_code\":0}"},
    {LISTED("\"State\":\"configured\""),
     "{\"container_id\":\"\",\"name\":\"\",\"status\":\"created\"," EMPTY "}"},
    {LISTED("\"State\":\"initialized\""),
     "{\"container_id\":\"\",\"name\":\"\",\"status\":\"created\"," EMPTY "}"},
    {LISTED("\"State\":\"stopping\",\"Status\":\"Up 2 s (unhealthy)\""),
     "{\"container_id\":\"\",\"name\":\"\",\"status\":\"running\"," EMPTY
     ",\"health\":\"unhealthy\"}"},
    {LISTED("\"State\":\"running\",\"Status\":\"Up 2 s (health: starting)\""),
     "{\"container_id\":\"\",\"name\":\"\",\"status\":\"running\"," EMPTY
     ",\"health\":\"starting\"}"},
    {LISTED("\"State\":\"running\",\"Status\":\"Up "
            "(healthy)\",\"Health\":{\"Status\":\"none\"}"), /* 29 */
     "{\"container_id\":\"\",\"name\":\"\",\"status\":\"running\"," EMPTY "}"},
    {LISTED("\"State\":\"running\",\"Health\":{\"Status\":\"healthy\",\"FailingStreak\":0}"),
     "{\"container_id\":\"\",\"name\":\"\",\"status\":\"running\"," EMPTY
     ",\"health\":\"healthy\"}"},
    {LISTED("\"State\":\"exited\",\"Status\":\"Exited (x) now\""),
     "{\"container_id\":\"\",\"name\":\"\",\"status\":\"exited\"," EMPTY "}"},
    {LISTED("\"Ports\":[null,7,{\"PrivatePort\":80},{\"PrivatePort\":-1,\"PublicPort\":1},"
            "{\"PrivatePort\":80,\"PublicPort\":8080,\"Type\":\"tcp\"}]"), /* Podman: no IP */
     "{\"container_id\":\"\",\"name\":\"\",\"status\":\"unknown\",\"ports\":{\"80/"
     "tcp\":[{\"HostIp\":"
     "\"\",\"HostPort\":\"8080\"}]},\"image\":\"\",\"labels\":{}}"},
    {INSPECTED("\"Name\":\"web\",\"State\":{\"Status\":\"running\",\"ExitCode\":0,\"Health\":"
               "{\"Status\":\"\"}},\"Config\":{\"Labels\":null},\"NetworkSettings\":{\"Ports\":"
               "{\"1/tcp\":[],\"2/tcp\":null,\"3/tcp\":7,\"4/tcp\":[null,{\"HostPort\":\"\"}]}}"),
     "{\"container_id\":\"\",\"name\":\"web\",\"status\":\"running\"," EMPTY "}"},
    {INSPECTED("\"State\":{\"Status\":\"exited\",\"ExitCode\":3,\"Health\":{\"Status\":"
               "\"unhealthy\"}}"),
     "{\"container_id\":\"\",\"name\":\"\",\"status\":\"exited\"," EMPTY ",\"exit_code\":3}"},
};

TEST(docker_summaries_tolerate_whatever_comes) {
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        unit_case = odd[i].json;
        struct json_object *value = parsed(odd[i].json);
        check_is(odd[i].inspect ? docker_summary_of_inspected(value)
                                : docker_summary_of_listed(value),
                 odd[i].want);
        json_object_put(value);
    }
    struct json_object *array = json_object_new_array();
    CHECK(!docker_summary_of_listed(NULL) && !docker_summary_of_listed(array));
    CHECK(!docker_summary_of_inspected(NULL) && !docker_summary_of_inspected(array));
    json_object_put(array);
}

/* --- figures --------------------------------------------------------------------------------- */

#define READ   "\"read\":\"2026-11-22T00:00:02Z\",\"preread\":\"2026-11-22T00:00:00Z\","
#define CPU(n) "{\"cpu_usage\":{\"total_usage\":" #n "}}"
#define FIRST  "\"read\":\"2026-11-22T00:00:02Z\",\"preread\":\"0001-01-01T00:00:00Z\","
#define SOURCE "\"source\":\"engine\"}"

static const struct {
    const char *json, *want;
} figures[] = {
    {"{" READ "\"cpu_stats\":" CPU(3000000000) ",\"precpu_stats\":" CPU(1000000000) "}",
     "{\"cpu_percent\":100.0," SOURCE},
    {"{" READ "\"cpu_stats\":" CPU(3000000000) ",\"precpu_stats\":" CPU(0) "}",
     "{\"cpu_percent\":150.0," SOURCE},
    {"{" READ "\"cpu_stats\":" CPU(1) ",\"precpu_stats\":" CPU(2) "}", "{" SOURCE},
    {"{" READ "\"cpu_stats\":" CPU(1) ",\"precpu_stats\":{}}", "{" SOURCE},
    {"{\"read\":\"2026-11-22T00:00:00Z\",\"preread\":\"2026-11-22T00:00:00Z\",\"cpu_stats\":" CPU(
         3) ",\"precpu_stats\":" CPU(0) "}",
     "{" SOURCE},
    {"{" FIRST "\"cpu_stats\":" CPU(3000000000) ",\"precpu_stats\":" CPU(0) "}", "{" SOURCE},
    {"{" READ "\"memory_stats\":{\"usage\":100,\"limit\":400,\"stats\":{\"total_inactive_file\":50,"
     "\"inactive_file\":20}}}", /* cgroup v1 */
     "{\"mem_usage\":50,\"mem_limit\":400,\"mem_percent\":12.5," SOURCE},
    {"{" READ
     "\"memory_stats\":{\"usage\":100,\"limit\":0,\"stats\":{\"inactive_file\":20}}}", /* v2 */
     "{\"mem_usage\":80," SOURCE},
    {"{" READ "\"memory_stats\":{\"usage\":100,\"stats\":{\"total_inactive_file\":101,\"inactive_"
     "file\":20}}}",
     "{\"mem_usage\":80," SOURCE},
    {"{" READ "\"memory_stats\":{\"usage\":100,\"stats\":{\"inactive_file\":101}}}",
     "{\"mem_usage\":100," SOURCE},
    {"{" READ "\"memory_stats\":{\"usage\":100,\"limit\":18446744073709551615,\"stats\":null}}",
     "{\"mem_usage\":100,\"mem_limit\":9223372036854775807,\"mem_percent\":1.0842021724855044e-"
     "15," SOURCE},
    {"{" READ "\"networks\":{\"eth0\":{\"rx_bytes\":1,\"tx_bytes\":2},\"eth1\":{\"rx_bytes\":10,"
     "\"tx_bytes\":18446744073709551615},\"x\":null}}",
     "{\"net_rx\":11,\"net_tx\":9223372036854775807," SOURCE},
    {"{" READ "\"blkio_stats\":{\"io_service_bytes_recursive\":[{\"op\":\"Read\",\"value\":1},"
     "{\"op\":\"Write\",\"value\":2},{\"op\":\"Sync\",\"value\":4},{\"op\":\"read\",\"value\":8},"
     "{\"op\":\"write\",\"value\":16},{\"op\":7},null]},\"pids_stats\":{\"current\":3}}",
     "{\"block_read\":9,\"block_write\":18,\"pids\":3," SOURCE},
    {"{" READ "\"blkio_stats\":{\"io_service_bytes_recursive\":null}}",
     "{\"block_read\":0,\"block_write\":0," SOURCE},
    {"{\"read\":7,\"memory_stats\":{\"usage\":1}}", "{" SOURCE},
    {"{}", "{" SOURCE},
};

TEST(docker_figures_are_counted) {
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        unit_case = figures[i].json;
        struct json_object *value = parsed(figures[i].json);
        check_is(docker_stats(value, &(struct docker_sample){0}), figures[i].want);
        json_object_put(value);
    }
    CHECK(!docker_stats(NULL, &(struct docker_sample){0}));
}

TEST(docker_figures_of_recorded_replies) {
    static const char *const files[][2] = {
        {"stats-running",
         "{\"cpu_percent\":50.300008983969981,\"mem_usage\":339968,\"mem_limit\":25276026880,"
         "\"mem_percent\":0.0013450215162929911,\"net_rx\":586,\"net_tx\":0,\"block_read\":0,"
         "\"block_write\":0,"
         "\"pids\":1," SOURCE},
        {"stats-one-shot", "{\"mem_usage\":339968,\"mem_limit\":25276026880,\"mem_percent\":0."
                           "0013450215162929911,\"net_rx\":586,"
                           "\"net_tx\":0,\"block_read\":0,\"block_write\":0,\"pids\":1," SOURCE},
        {"stats-stopped", "{" SOURCE},
        /* Written after the fact sheets: no such engine ran. */
        {"stats-cgroup-v2",
         "{\"cpu_percent\":150.0,\"mem_usage\":6000000,\"mem_limit\":9223372036854775807,"
         "\"mem_percent\":6.5052130349130266e-11,\"net_rx\":1500,\"net_tx\":700,\"block_read\":"
         "4096,\"block_write\":8192,\"pids\":3," SOURCE},
        {"stats-podman", "{\"mem_usage\":409600,\"mem_limit\":25276026880,\"mem_percent\":"
                         "0.0016205078509554107,\"net_rx\":430,\"net_tx\":110,\"block_read\":0,"
                         "\"block_write\":0,\"pids\":1," SOURCE},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        unit_case = files[i][0];
        struct json_object *value = recorded(files[i][0]);
        check_is(docker_stats(value, &(struct docker_sample){0}), files[i][1]);
        json_object_put(value);
    }
}

#define AT(second, used)                                                                           \
    "{\"read\":\"2026-11-22T00:00:0" #second "Z\",\"preread\":\"0001-01-01T00:00:00Z\","           \
    "\"cpu_stats\":" CPU(used) ",\"precpu_stats\":" CPU(0) "}"

/* Podman's replies, one after another: the counters of the one before are kept here. */
TEST(docker_figures_since_an_earlier_reply) {
    static const char *const replies[][2] = {
        {AT(1, 5000000000), "{" SOURCE},
        {AT(2, 5500000000), "{\"cpu_percent\":50.0," SOURCE},
        {AT(4, 8500000000), "{\"cpu_percent\":150.0," SOURCE},
        {AT(4, 8600000000), "{" SOURCE},                     /* at the same time */
        {"{\"read\":\"0001-01-01T00:00:00Z\"}", "{" SOURCE}, /* it does not run */
        {AT(5, 8600000000), "{\"cpu_percent\":0.0," SOURCE},
        {AT(6, 1000000), "{" SOURCE}, /* it was started again */
        {AT(7, 501000000), "{\"cpu_percent\":50.0," SOURCE},
        /* A reading of its own is nearer than the one before. */
        {"{\"read\":\"2026-11-22T00:00:09Z\",\"preread\":\"2026-11-22T00:00:08Z\",\"cpu_"
         "stats\":" CPU(1001000000) ",\"precpu_stats\":" CPU(901000000) "}",
         "{\"cpu_percent\":10.0," SOURCE},
        {AT(8, 2000000000), "{" SOURCE}, /* the clock was set back */
    };
    struct docker_sample sample = {0};
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        unit_case = replies[i][0];
        struct json_object *value = parsed(replies[i][0]);
        check_is(docker_stats(value, &sample), replies[i][1]);
        json_object_put(value);
    }
    CHECK_INT(sample.cpu, 2000000000);
    CHECK(!docker_stats(NULL, &sample));
}
