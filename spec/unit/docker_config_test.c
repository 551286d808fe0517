/* The docker CLI's config.json and contexts, as texts. */
#include "docker/config.h"
#include "unit.h"

#include <json-c/json_object.h>

static struct err err;

/* --- config.json ----------------------------------------------------------------------------- */

static const struct {
    const char *text, *context; /* NULL: none */
} configs[] = {
    {"", NULL},
    {" \n\t", NULL},
    {"{}", NULL},
    {"{\"currentContext\":\"far\"}", "far"},
    {"{\"auths\":{\"r\":{\"auth\":\"eA==\"}},\"unknown\":[1],\"currentContext\":\"far\"}", "far"},
    {"{\"currentContext\":\"\"}", NULL},
    {"{\"currentContext\":null}", NULL},
    {"{\"currentContext\":\"default\"}", NULL},
    {"{\"CURRENTCONTEXT\":\"far\"}", "far"},
    {"{\"CurrentContext\":\"near\",\"currentContext\":\"far\"}", "far"},
    {"{\"auths\":null,\"credsStore\":null,\"credHelpers\":null}", NULL},
};

TEST(docker_config_tells_the_current_context) {
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        struct json_object *config;
        err = (struct err){0};
        unit_case = configs[i].text;
        CHECK(
            docker_config_parse(configs[i].text, strlen(configs[i].text), "c.json", &config, &err));
        const char *name = docker_config_context(config);
        CHECK_STR(name ? name : "(none)", configs[i].context ? configs[i].context : "(none)");
        json_object_put(config);
    }
}

static const struct {
    const char *text, *message;
} bad_configs[] = {
    {"{", "/etc/c.json:1:2: "},
    {"{\n  \"a\": 1,\n}", "/etc/c.json:3:1: "},
    {"\xef\xbb\xbf{}", "/etc/c.json:1:1: "},
    {"{} {}", "/etc/c.json:1:4: "},
    {"[]", "/etc/c.json: it must hold an object"},
    {"null", "/etc/c.json: it must hold an object"},
    {"{\"currentContext\":1}",
     "/etc/c.json: \"currentContext\" must be a string; correct the file"},
    {"{\"credsStore\":{}}", "\"credsStore\" must be a string"},
    {"{\"auths\":[]}", "\"auths\" must be an object"},
    {"{\"credHelpers\":\"x\"}", "\"credHelpers\" must be an object"},
};

TEST(docker_config_explains_what_is_wrong) {
    for (size_t i = 0; i < sizeof bad_configs / sizeof *bad_configs; i++) {
        struct json_object *config;
        err = (struct err){0};
        unit_case = bad_configs[i].text;
        CHECK(!docker_config_parse(bad_configs[i].text, strlen(bad_configs[i].text), "/etc/c.json",
                                   &config, &err));
        CHECK(!config);
        CHECK_INT(err.kind, ERR_INVALID);
        UNIT_CHECK(strstr(err.message, bad_configs[i].message), "message: %s", err.message);
    }
}

/* --- contexts -------------------------------------------------------------------------------- */

static const struct {
    const char *text, *host;
    bool skip;
} contexts[] = {
    {"{\"Name\":\"x\",\"Metadata\":{},\"Endpoints\":{\"docker\":{\"Host\":\"unix:///x.sock\","
     "\"SkipTLSVerify\":false}}}",
     "unix:///x.sock", false},
    {"{\"Endpoints\":{\"docker\":{\"Host\":\"tcp://h:2376\",\"SkipTLSVerify\":true},\"kubernetes\":"
     "{}}}",
     "tcp://h:2376", true},
    {"{\"Endpoints\":{\"docker\":{\"Host\":\"ssh://me@h\"}}}", "ssh://me@h", false},
    {"{\"endpoints\":{\"docker\":{\"host\":\"tcp://h\",\"skiptlsverify\":null}}}", "tcp://h",
     false},
};

static struct docker_context context;

static bool parse(const char *text) {
    err = (struct err){0};
    return docker_context_parse(&context, text, strlen(text), "x", &err);
}

TEST(docker_context_tells_where_its_engine_is) {
    for (size_t i = 0; i < sizeof contexts / sizeof *contexts; i++) {
        unit_case = contexts[i].text;
        CHECK(parse(contexts[i].text));
        CHECK_STR(context.host, contexts[i].host);
        CHECK_INT(context.skip_verify, contexts[i].skip);
        CHECK_STR(context.tls_directory, "");
    }
}

static const struct {
    const char *text, *message;
} bad_contexts[] = {
    {"", "context \"x\": line 1, column 1 of its meta.json: "},
    {"{\n\"Endpoints\":", "line 2, column 13 of its meta.json: "},
    {"[]", "context \"x\": it has no docker endpoint; correct it with docker context update"},
    {"{}", "it has no docker endpoint"},
    {"{\"Endpoints\":{\"kubernetes\":{}}}", "it has no docker endpoint"},
    {"{\"Endpoints\":[]}", "it has no docker endpoint"},
    {"{\"Endpoints\":{\"docker\":\"unix:///x\"}}", "it has no docker endpoint"},
    {"{\"Endpoints\":{\"docker\":{}}}", "its docker endpoint has no \"Host\""},
    {"{\"Endpoints\":{\"docker\":{\"Host\":\"\"}}}", "its docker endpoint has no \"Host\""},
    {"{\"Endpoints\":{\"docker\":{\"Host\":7}}}", "its docker endpoint has no \"Host\""},
    {"{\"Endpoints\":{\"docker\":{\"Host\":\"a\\u0000b\"}}}", "too long, or holds a NUL"},
    {"{\"Endpoints\":{\"docker\":{\"Host\":\"h\",\"SkipTLSVerify\":\"no\"}}}",
     "\"SkipTLSVerify\" must be true or false"},
};

TEST(docker_context_explains_what_is_wrong) {
    for (size_t i = 0; i < sizeof bad_contexts / sizeof *bad_contexts; i++) {
        unit_case = bad_contexts[i].text;
        CHECK(!parse(bad_contexts[i].text));
        CHECK_INT(err.kind, ERR_INVALID);
        UNIT_CHECK(strstr(err.message, bad_contexts[i].message), "message: %s", err.message);
    }
}

TEST(docker_context_with_the_longest_host) {
    char text[400];
    snprintf(text, sizeof text, "{\"Endpoints\":{\"docker\":{\"Host\":\"%0255d\"}}}", 0);
    CHECK(parse(text));
    CHECK_INT(strlen(context.host), 255);
    snprintf(text, sizeof text, "{\"Endpoints\":{\"docker\":{\"Host\":\"%0256d\"}}}", 0);
    CHECK(!parse(text));
    CHECK(strstr(err.message, "too long"));
}
