/* Which credentials a registry gets. Secrets have "hidden" in them: no message may. */
#include "base/digest.h"
#include "docker/auth.h"
#include "docker/config.h"
#include "unit.h"

#include <json-c/json_object.h>

static struct err err;
static struct docker_auth auth;

static const struct {
    const char *image, *registry;
} images[] = {
    {"nginx", "docker.io"},
    {"nginx:1.2", "docker.io"},
    {"me/nginx", "docker.io"},
    {"docker.io/me/nginx", "docker.io"},
    {"index.docker.io/me/nginx", "docker.io"},
    {"nginx@sha256:0000", "docker.io"},
    {"localhost/web", "localhost"},
    {"localhosts/web", "docker.io"},
    {"localhost:5000/web", "localhost:5000"},
    {"registry:5000/team/web:1.2", "registry:5000"},
    {"ghcr.io/me/web@sha256:0000", "ghcr.io"},
    {"Registry/web", "Registry"},
    {"[::1]:5000/web", "[::1]:5000"},
    {"", "docker.io"},
    {"/", "docker.io"},
};

TEST(docker_auth_registry_of_an_image) {
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        char registry[256];
        unit_case = images[i].image;
        docker_registry_of(registry, images[i].image);
        CHECK_STR(registry, images[i].registry);
    }
}

static bool find(const char *text, const char *registry) {
    struct json_object *config;
    err = (struct err){0};
    CHECK(docker_config_parse(text, strlen(text), "c.json", &config, &err));
    bool ok = docker_auth_find(&auth, config, registry, &err);
    json_object_put(config);
    return ok;
}

/* What the header says, in JSON. */
static const char *header(void) {
    static char json[1000];
    struct buf text, decoded;
    buf_init(&text, 10000);
    buf_init(&decoded, sizeof json - 1);
    CHECK(docker_auth_header(&text, &auth));
    CHECK(!strpbrk(buf_text(&text), "+/") && text.length % 4 == 0);
    CHECK(base64_decode(&decoded, buf_text(&text), text.length));
    snprintf(json, sizeof json, "%s", buf_text(&decoded));
    buf_free(&text);
    buf_free(&decoded);
    return json;
}

#define HUB "https://index.docker.io/v1/"
#define WHO(user, password, server)                                                                \
    "{\"username\":\"" user "\",\"password\":\"" password "\",\"serveraddress\":\"" server "\"}"
/* bWU6aGlkZGVu is me:hidden */
#define AUTHS(key) "{\"auths\":{\"" key "\":{\"auth\":\"bWU6aGlkZGVu\"}}}"

static const struct {
    const char *config, *registry, *helper, *header;
} found[] = {
    {"", "r", "", ""},
    {"{}", "r", "", ""},
    {AUTHS("r:5000"), "r:5000", "", WHO("me", "hidden", "r:5000")},
    {AUTHS("r:5000"), "r", "", ""},
    {AUTHS("r"), "r:5000", "", ""},
    {AUTHS(HUB), "docker.io", "", WHO("me", "hidden", HUB)},
    {AUTHS("docker.io"), "docker.io", "", WHO("me", "hidden", HUB)},
    {AUTHS("index.docker.io/v1/"), "docker.io", "", WHO("me", "hidden", HUB)},
    {AUTHS(HUB), "index.docker.io.example", "", ""},
    {AUTHS("https://r/v1/"), "r", "", WHO("me", "hidden", "r")},
    {AUTHS("http://r"), "r", "", WHO("me", "hidden", "r")},
    {AUTHS("r/team"), "r", "", WHO("me", "hidden", "r")},
    {AUTHS("https://r:5000/v2/"), "r:5000", "", WHO("me", "hidden", "r:5000")},
    {AUTHS("ftp://r/"), "r", "", ""},
    {"{\"auths\":{\"https://r/v1/"
     "\":{\"auth\":\"b2xkOm9sZA==\"},\"r\":{\"auth\":\"bWU6aGlkZGVu\"}}}",
     "r", "", WHO("me", "hidden", "r")}, /* the exact key wins */
    {"{\"auths\":{\"r\":{}}}", "r", "", ""},
    {"{\"auths\":{\"r\":null}}", "r", "", ""},
    {"{\"auths\":{\"r\":{\"auth\":\"\",\"email\":\"x\"}}}", "r", "", ""},
    {"{\"auths\":{\"r\":{\"username\":\"me\",\"password\":\"hidden\"}}}", "r", "",
     WHO("me", "hidden", "r")},
    {"{\"auths\":{\"r\":{\"username\":\"old\",\"password\":\"old\",\"auth\":\"bWU6aGlkZGVu\"}}}",
     "r", "", WHO("me", "hidden", "r")},
    {"{\"auths\":{\"r\":{\"auth\":\"bWU6YTpiOg==\"}}}", "r", "", WHO("me", "a:b:", "r")},
    {"{\"auths\":{\"r\":{\"auth\":\"bWU6cD9+Pg==\"}}}", "r", "", WHO("me", "p?~>", "r")},
    {"{\"auths\":{\"r\":{\"auth\":\"bWU6cAAA\"}}}", "r", "", WHO("me", "p", "r")},
    {"{\"auths\":{\"r\":{\"auth\":\"bWU6Ig==\"}}}", "r", "", WHO("me", "\\\"", "r")},
    {"{\"auths\":{\"r\":{\"identitytoken\":\"hidden\"}}}", "r", "",
     "{\"identitytoken\":\"hidden\",\"serveraddress\":\"r\"}"},
    {"{\"auths\":{\"r\":{\"registrytoken\":\"hidden\"}}}", "r", "",
     "{\"registrytoken\":\"hidden\",\"serveraddress\":\"r\"}"},
    {"{\"credsStore\":\"pass\"}", "r", "pass", ""},
    {"{\"credsStore\":\"pass\",\"auths\":{\"r\":{\"auth\":\"bWU6aGlkZGVu\"}}}", "r", "pass", ""},
    {"{\"credsStore\":\"pass\",\"credHelpers\":{\"r\":\"ecr-login\"}}", "r", "ecr-login", ""},
    {"{\"credsStore\":\"pass\",\"credHelpers\":{\"q\":\"ecr-login\"}}", "r", "pass", ""},
    {"{\"credsStore\":\"\",\"auths\":{\"r\":{\"auth\":\"bWU6aGlkZGVu\"}}}", "r", "",
     WHO("me", "hidden", "r")},
    /* An empty helper: this registry's are in the file. */
    {"{\"credsStore\":\"pass\",\"credHelpers\":{\"r\":\"\"},\"auths\":{\"r\":{\"auth\":"
     "\"bWU6aGlkZGVu\"}}}",
     "r", "", WHO("me", "hidden", "r")},
    {"{\"credHelpers\":{\"" HUB "\":\"a\"}}", "docker.io", "a", ""},
};

TEST(docker_auth_finds_what_the_docker_command_finds) {
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        unit_case = found[i].config;
        CHECK(find(found[i].config, found[i].registry));
        CHECK_STR(err.message, "");
        CHECK_STR(auth.helper, found[i].helper);
        CHECK_STR(header(), found[i].header);
        docker_auth_free(&auth);
    }
    CHECK(docker_auth_find(&auth, NULL, "docker.io", &err));
    CHECK_STR(auth.key, HUB);
    CHECK_STR(header(), "");
    docker_auth_free(&auth);
}

#define ENTRY(json) "{\"auths\":{\"r:1\":" json "}}"

static const struct {
    const char *config, *message;
} bad[] = {
    {ENTRY("{\"auth\":\"hidden!\"}"),
     "the credentials for \"r:1\" in the docker config: \"auth\" is no base64; log in again with "
     "docker login"},
    {ENTRY("{\"auth\":\"aGlkZGVu\"}"), "\"auth\" is not made of user:password"},
    {ENTRY("{\"auth\":7}"), "its members must be texts"},
    {ENTRY("{\"username\":\"me\",\"password\":[\"hidden\"]}"), "its members must be texts"},
    {ENTRY("\"hidden\""), "they must be an object"},
    {"{\"credsStore\":\"../../x\"}", "the credential helper \"../../x\" in"},
    {"{\"credsStore\":\"a b\"}", "the credential helper \"a b\" in the docker config: its name may "
                                 "hold letters, digits, _ and -; correct \"credsStore\""},
    {"{\"credsStore\":\"a;b\"}", "its name may hold"},
    {"{\"credsStore\":\"a\\u0000b\"}", "its name may hold"},
    {"{\"credHelpers\":{\"r:1\":7}}", "the name of the credential helper must be a string"},
};

TEST(docker_auth_explains_without_secrets) {
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        unit_case = bad[i].config;
        CHECK(!find(bad[i].config, "r:1"));
        CHECK_INT(err.kind, ERR_INVALID);
        UNIT_CHECK(strstr(err.message, bad[i].message), "message: %s", err.message);
        CHECK(!strstr(err.message, "hidden") && !strstr(err.message, "aGlkZGVu"));
    }
}

static const struct {
    const char *text, *header; /* NULL: refused */
} answers[] = {
    {"{\"ServerURL\":\"r\",\"Username\":\"me\",\"Secret\":\"hidden\"}\n", WHO("me", "hidden", "r")},
    {"{\"Username\":\"<token>\",\"Secret\":\"hidden\"}",
     "{\"identitytoken\":\"hidden\",\"serveraddress\":\"r\"}"},
    {"{\"username\":\"me\",\"secret\":\"hidden\"}", WHO("me", "hidden", "r")},
    {"{\"Username\":\"\",\"Secret\":\"\"}", ""},
    {"{}", ""},
    {"{\"Secret\":\"hidden\"}", NULL},
    {"", NULL},
    {"hidden", NULL},
    {"[\"hidden\"]", NULL},
    {"{\"Username\":7,\"Secret\":\"hidden\"}", NULL},
    {"{\"Username\":\"me\",\"Secret\":[\"hidden\"]}", NULL},
    {"{\"Username\":\"me\",\"Secret\":\"hidden\"", NULL},
};

TEST(docker_auth_reads_what_a_helper_prints) {
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        unit_case = answers[i].text;
        err = (struct err){0};
        docker_auth_begin(&auth, "r", "pass");
        bool ok = docker_auth_read_helper(&auth, answers[i].text, strlen(answers[i].text), &err);
        CHECK_INT(ok, answers[i].header != NULL);
        if (answers[i].header) {
            CHECK_STR(header(), answers[i].header);
            docker_auth_free(&auth);
        } else {
            UNIT_CHECK(strstr(err.message, "docker-credential-pass, asked for \"r\", printed "),
                       "message: %s", err.message);
            CHECK(!strstr(err.message, "hidden"));
        }
    }
}
