/* Which engine is meant: options, environment, the sockets and certificates of this machine. */
#include "docker/docker.h"
#include "docker/host.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static char directory[64];

static void put(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    CHECK(file && fclose(file) == 0);
}

static void begin(void) {
    static const char *const names[] = {
        "DOCKER_HOST",    "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONFIG",
        "DOCKER_CONTEXT", "HOME",       "XDG_RUNTIME_DIR"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unsetenv(names[i]);
    }
    snprintf(directory, sizeof directory, "/tmp/docker-find-XXXXXX");
    CHECK(mkdtemp(directory));
}

static void end(void) {
    static const char *const names[] = {"ca.pem", "cert.pem", "key.pem", "docker.sock"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    CHECK(rmdir(directory) == 0);
}

static struct docker_target target;
static struct err err;

static bool find(struct docker_options options) {
    err = (struct err){0};
    return docker_target_find(&target, &options, &err);
}

TEST(docker_find_prefers_the_option_to_the_environment) {
    begin();
    setenv("DOCKER_HOST", "tcp://env:1", 1);
    CHECK(find((struct docker_options){.host = "tcp://option:1"}));
    CHECK_STR(target.host, "tcp://option:1");
    CHECK(find((struct docker_options){0}));
    CHECK_STR(target.host, "tcp://env:1");
    CHECK(!find((struct docker_options){.host = "nonsense"}));
    CHECK(strncmp(err.message, "host \"nonsense\": ", 17) == 0);
    setenv("DOCKER_HOST", "nonsense", 1);
    CHECK(!find((struct docker_options){0}));
    CHECK(strncmp(err.message, "DOCKER_HOST \"nonsense\": ", 24) == 0);
    end();
}

/* Where a Docker Engine of the machine's own answers, that one comes first. */
TEST(docker_find_takes_the_first_socket_that_accepts) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char expected[128];
    begin();
    setenv("DOCKER_HOST", "", 1); /* empty is unset */
    setenv("XDG_RUNTIME_DIR", directory, 1);
    CHECK(find((struct docker_options){0}));
    bool own = access("/run/podman/podman.sock", F_OK) == 0;
    CHECK(own || strcmp(target.host, "unix:///var/run/docker.sock") == 0);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/docker.sock", directory);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(find((struct docker_options){0})); /* bound is not yet listening */
    CHECK(!strstr(target.host, directory));
    CHECK(listen(fd, 1) == 0);
    CHECK(find((struct docker_options){0}));
    snprintf(expected, sizeof expected, "unix://%s", address.sun_path);
    own = access("/var/run/docker.sock", F_OK) == 0;
    CHECK(own || strcmp(target.host, expected) == 0);
    close(fd);
    end();
}

static const struct {
    const char *host, *tls, *tls_verify;
    int option;
    const char *base_url;
    bool tls_on, verify;
} modes[] = {
    {"tcp://h:1", NULL, NULL, 0, "http://h:1", false, true},
    {"tcp://h:1", NULL, "1", 0, "https://h:1", true, true},
    {"tcp://h:1", NULL, "0", 0, "https://h:1", true, true}, /* any text switches it on */
    {"tcp://h:1", "1", NULL, 0, "https://h:1", true, false},
    {"tcp://h:1", NULL, NULL, 1, "https://h:1", true, true},
    {"tcp://h:1", NULL, "1", -1, "https://h:1", true, false},
    {"https://h:1", NULL, NULL, 0, "https://h:1", true, true},
    {"http://h:1", NULL, "1", 0, "http://h:1", false, true},
    {"unix:///x", NULL, "1", 0, "", false, true},
};

TEST(docker_find_decides_on_tls) {
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        unit_case = modes[i].host;
        begin();
        setenv("DOCKER_TLS", modes[i].tls ? modes[i].tls : "", 1);
        setenv("DOCKER_TLS_VERIFY", modes[i].tls_verify ? modes[i].tls_verify : "", 1);
        CHECK(find((struct docker_options){.host = modes[i].host, .tls_verify = modes[i].option}));
        CHECK_STR(target.base_url, modes[i].base_url);
        CHECK_INT(target.tls, modes[i].tls_on);
        CHECK_INT(target.verify, modes[i].verify);
        end();
    }
}

TEST(docker_find_takes_the_certificates_that_are_there) {
    const struct docker_options options = {.host = "tcp://h:1", .tls_verify = 1};
    char expected[128];
    begin();
    setenv("DOCKER_CERT_PATH", directory, 1);
    CHECK(!find(options));
    CHECK(strstr(err.message, "there is no ca.pem and no cert.pem in /tmp/docker-find-"));
    put("ca.pem");
    CHECK(find(options));
    snprintf(expected, sizeof expected, "%s/ca.pem", directory);
    CHECK_STR(target.ca, expected);
    CHECK_STR(target.cert, "");
    put("cert.pem");
    CHECK(!find(options));
    CHECK(strstr(err.message, "has no key.pem"));
    put("key.pem");
    unsetenv("DOCKER_CERT_PATH");
    setenv("DOCKER_CONFIG", directory, 1);
    CHECK(find(options));
    CHECK(*target.ca && *target.cert && *target.key);
    unsetenv("DOCKER_CONFIG");
    setenv("HOME", directory, 1); /* which has no .docker: the system's CAs */
    CHECK(find(options));
    CHECK(!*target.ca && !*target.cert && !*target.key);
    CHECK(!find(
        (struct docker_options){.host = "tcp://h:1", .tls_verify = 1, .cert_path = "/dev/null"}));
    CHECK(strstr(err.message, "cannot read /dev/null/ca.pem: Not a directory"));
    end();
}
