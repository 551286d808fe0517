/* Contexts in directories, and who chooses among them. */
#include "base/digest.h"
#include "docker/config.h"
#include "docker/docker.h"
#include "docker/host.h"
#include "unit.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];
static struct docker_target target;
static struct err err;

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk) {
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

static void begin(void) {
    static const char *const names[] = {"DOCKER_HOST",      "DOCKER_TLS",     "DOCKER_TLS_VERIFY",
                                        "DOCKER_CERT_PATH", "DOCKER_CONTEXT", "HOME"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unsetenv(names[i]);
    }
    snprintf(directory, sizeof directory, "/tmp/docker-context-XXXXXX");
    CHECK(mkdtemp(directory));
    setenv("DOCKER_CONFIG", directory, 1);
}

static void end(void) {
    CHECK(nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

/* A file below the directory, which may be some directories deep. */
static void put(const char *name, const char *text) {
    char path[400];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    for (char *slash = path + strlen(directory) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void put_of(const char *kind, const char *context, const char *file, const char *text) {
    char digest[SHA256_HEX_SIZE], path[300];
    sha256_hex(digest, context, strlen(context));
    snprintf(path, sizeof path, "contexts/%s/%s/%s", kind, digest, file);
    put(path, text);
}

static void put_context(const char *name, const char *host, const char *more) {
    char text[400];
    snprintf(text, sizeof text, "{\"Name\":\"%s\",\"Endpoints\":{\"docker\":{\"Host\":\"%s\"%s}}}",
             name, host, more);
    put_of("meta", name, "meta.json", text);
}

static bool find(struct docker_options options) {
    err = (struct err){0};
    return docker_target_find(&target, &options, &err);
}

/* --- who chooses ----------------------------------------------------------------------------- */

static const struct {
    const char *context, *host, *env_host, *env_context, *current, *expected;
} choices[] = {
    {"option", "tcp://host", "tcp://env", "env", "current", "tcp://option:2375"},
    {NULL, "tcp://host", "tcp://env", "env", "current", "tcp://host:2375"},
    {NULL, NULL, "tcp://env", "env", "current", "tcp://env:2375"},
    {NULL, NULL, "", "env", "current", "tcp://context:2375"},
    {NULL, NULL, NULL, "env", NULL, "tcp://context:2375"},
    {NULL, NULL, NULL, "", "current", "tcp://current:2375"},
    {NULL, NULL, NULL, NULL, "current", "tcp://current:2375"},
    {NULL, NULL, NULL, "default", "current", "unix://"},
    {"default", NULL, "tcp://env", "env", "current", "tcp://env:2375"},
    {"default", NULL, NULL, "env", "current", "unix://"},
    {NULL, NULL, NULL, NULL, "default", "unix://"},
    {NULL, NULL, NULL, NULL, NULL, "unix://"},
    {"option", NULL, NULL, "missing", "missing", "tcp://option:2375"},
    {NULL, NULL, NULL, "env", "missing", "tcp://context:2375"},
};

TEST(docker_context_is_chosen_as_the_docker_command_does) {
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        char text[64], row[16];
        snprintf(row, sizeof row, "row %zu", i);
        unit_case = row;
        begin();
        put_context("option", "tcp://option", "");
        put_context("env", "tcp://context", "");
        put_context("current", "tcp://current", "");
        if (choices[i].env_host) {
            setenv("DOCKER_HOST", choices[i].env_host, 1);
        }
        if (choices[i].env_context) {
            setenv("DOCKER_CONTEXT", choices[i].env_context, 1);
        }
        if (choices[i].current) {
            snprintf(text, sizeof text, "{\"currentContext\":\"%s\"}", choices[i].current);
            put("config.json", text);
        }
        CHECK(
            find((struct docker_options){.context = choices[i].context, .host = choices[i].host}));
        CHECK_STR(err.message, "");
        UNIT_CHECK(strncmp(target.host, choices[i].expected, strlen(choices[i].expected)) == 0,
                   "host: %s", target.host);
        end();
    }
}

TEST(docker_context_may_lead_by_ssh_or_socket) {
    begin();
    put_context("far", "ssh://me@far/run/x.sock", "");
    put_context("near", "unix:///run/x.sock", ",\"SkipTLSVerify\":true");
    CHECK(find((struct docker_options){.context = "far"}));
    CHECK_STR(target.ssh_host, "far");
    CHECK_STR(target.ssh_socket, "/run/x.sock");
    CHECK(find((struct docker_options){.context = "near"}));
    CHECK_STR(target.unix_path, "/run/x.sock");
    CHECK(!target.tls);
    end();
}

/* --- what is wrong --------------------------------------------------------------------------- */

static bool says(const char *text) {
    return strstr(err.message, text) || (printf("message: %s\n", err.message), false);
}

TEST(docker_context_that_is_unknown_is_an_error) {
    begin();
    CHECK(!find((struct docker_options){.context = "remote"}));
    CHECK_INT(err.kind, ERR_INVALID);
    CHECK_STR(err.message, "there is no context \"remote\"; there are \"default\"; make one with "
                           "docker context create");
    put_context("staging", "tcp://a", "");
    put_context("Remote-1", "tcp://a", "");
    put_of("meta", "broken", "meta.json", "{");
    setenv("DOCKER_CONTEXT", "remote1", 1);
    CHECK(!find((struct docker_options){0}));
    CHECK(
        says("DOCKER_CONTEXT: there is no context \"remote1\" (did you mean \"Remote-1\"?); there "
             "are \"default\", \"Remote-1\", \"staging\"; make"));
    unsetenv("DOCKER_CONTEXT");
    put("config.json", "{\"currentContext\":\"../../x\"}");
    CHECK(!find((struct docker_options){0}));
    CHECK(says("\"currentContext\" of /tmp/docker-context-"));
    CHECK(says("/config.json: there is no context \"../../x\"; there are"));
    CHECK(!find((struct docker_options){.context = "stag-ign"}));
    CHECK(says("(did you mean \"staging\"?)"));
    put_context("near", "tcp://a", ""); /* of four letters one may differ, and a swap is one */
    CHECK(!find((struct docker_options){.context = "naer"}));
    CHECK(says("(did you mean \"near\"?)"));
    CHECK(!find((struct docker_options){.context = "production"}));
    CHECK(!strstr(err.message, "did you mean"));
    end();
}

TEST(docker_context_lists_only_some_of_many) {
    begin();
    for (int i = 0; i < 12; i++) {
        char name[32];
        snprintf(name, sizeof name, "a-rather-long-name-%02d", i);
        put_context(name, "tcp://a", "");
    }
    CHECK(!find((struct docker_options){.context = "x"}));
    CHECK(says("\"default\", \"a-rather-long-name-00\", \"a-rather-long-name-01\""));
    CHECK(says("\"a-rather-long-name-07\" and 4 more; make"));
    end();
}

TEST(docker_context_with_long_names) {
    char name[301];
    begin();
    put_context("0123456789012345678901234567890123456789012345678901234567890123456789", "tcp://a",
                "");
    memset(name, 'x', 300);
    name[300] = '\0';
    CHECK(!find((struct docker_options){.context = name}));
    CHECK(says("\": no name is longer than 255 bytes"));
    name[255] = '\0';
    CHECK(!find((struct docker_options){.context = name}));
    CHECK(says("there is no context \"xxx"));
    CHECK(says("\"012345678901234567890123456789\"; make"));
    end();
}

TEST(docker_context_file_that_is_wrong_is_an_error) {
    begin();
    put_of("meta", "a", "meta.json", "{\n\n}}");
    CHECK(!find((struct docker_options){.context = "a"}));
    CHECK(says("context \"a\": line 3, column 2 of its meta.json: "));
    put_context("b", "npipe:////./pipe/docker_engine", "");
    CHECK(!find((struct docker_options){.context = "b"}));
    CHECK(says("the host of context \"b\", \"npipe:////./pipe/docker_engine\": unix://, tcp://"));
    put_of("meta", "c", "meta.json/x", "");
    CHECK(!find((struct docker_options){.context = "c"}));
    CHECK(says("/meta.json: it is no regular file"));
    unsetenv("DOCKER_CONFIG");
    CHECK(!find((struct docker_options){.context = "a"}));
    CHECK(says("there is no HOME; set HOME or DOCKER_CONFIG"));
    setenv("DOCKER_CONFIG", directory, 1);
    end();
}

/* --- config.json as a file ------------------------------------------------------------------- */

TEST(docker_config_file_may_be_missing_but_not_wrong) {
    char path[128], other[128];
    begin();
    snprintf(path, sizeof path, "%s/config.json", directory);
    snprintf(other, sizeof other, "%s/other.json", directory);
    CHECK(find((struct docker_options){0}));
    put("config.json", "{\n\"auths\": {,}}");
    CHECK(!find((struct docker_options){0}));
    CHECK(says("/config.json:2:11: "));
    CHECK(find((struct docker_options){.host = "tcp://h"})); /* it is not read */
    CHECK(unlink(path) == 0 && symlink(other, path) == 0);
    CHECK(!find((struct docker_options){0}));
    CHECK(says("/config.json: it is a link to a file that does not exist; mend the link"));
    put("other.json", "{\"currentContext\":\"default\"}");
    CHECK(find((struct docker_options){0}));
    CHECK(unlink(path) == 0 && symlink("config.json", path) == 0);
    CHECK(!find((struct docker_options){0}));
    CHECK(says("/config.json: Too many levels of symbolic links"));
    CHECK(unlink(path) == 0 && mkfifo(path, 0600) == 0);
    CHECK(!find((struct docker_options){0}));
    CHECK(says("/config.json: it is no regular file"));
    CHECK(unlink(path) == 0);
    setenv("DOCKER_CONFIG", other, 1);
    CHECK(!find((struct docker_options){0}));
    CHECK(says("/other.json/config.json: Not a directory"));
    end();
}

TEST(docker_config_file_that_may_not_be_read) {
    begin();
    put("config.json", "{}");
    put_context("x", "tcp://h", "");
    put_of("tls", "x", "docker/ca.pem", "");
    bool root = getuid() == 0; /* who may read everything */
    CHECK(root ? setresuid(65534, 65534, 0) == 0 : chmod(directory, 0) == 0);
    CHECK(!find((struct docker_options){0}));
    CHECK(says("/config.json: Permission denied; make it readable for this user"));
    CHECK(!find((struct docker_options){.context = "x"}));
    CHECK(says("/meta.json: Permission denied; make it readable for this user"));
    CHECK(
        !find((struct docker_options){.host = "tcp://h", .cert_path = directory, .tls_verify = 1}));
    CHECK(says("/ca.pem: Permission denied; correct its permissions"));
    CHECK(root ? setresuid(0, 0, 0) == 0 : chmod(directory, 0700) == 0);
    prctl(PR_SET_DUMPABLE, 1); /* for leak checkers: the change of user took it away */
    end();
}

TEST(docker_config_file_has_a_limit) {
    static char text[(4 << 20) + 2];
    begin();
    memset(text, ' ', sizeof text - 1);
    put("config.json", text);
    CHECK(!find((struct docker_options){0}));
    CHECK(says("/config.json: it is longer than 4096 KiB"));
    put("config.json", text + 1);
    CHECK(find((struct docker_options){0}));
    end();
}

/* --- TLS ------------------------------------------------------------------------------------- */

static const struct {
    bool files, skip;
    int option;
    const char *base_url;
    bool verify;
} modes[] = {
    {false, false, 0, "http://h:2376", true},  {true, false, 0, "https://h:2376", true},
    {true, true, 0, "https://h:2376", false},  {false, true, 0, "https://h:2376", false},
    {true, true, 1, "https://h:2376", true},   {true, false, -1, "https://h:2376", false},
    {false, false, 1, "https://h:2376", true},
};

TEST(docker_context_has_its_own_tls) {
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        char row[16];
        snprintf(row, sizeof row, "row %zu", i);
        unit_case = row;
        begin();
        setenv("DOCKER_TLS_VERIFY", "1", 1); /* about DOCKER_HOST only */
        setenv("DOCKER_CERT_PATH", "/nowhere", 1);
        put_context("x", "tcp://h:2376", modes[i].skip ? ",\"SkipTLSVerify\":true" : "");
        if (modes[i].files) {
            put_of("tls", "x", "docker/ca.pem", "");
            put_of("tls", "x", "docker/cert.pem", "");
            put_of("tls", "x", "docker/key.pem", "");
        }
        CHECK(find((struct docker_options){.context = "x", .tls_verify = modes[i].option}));
        CHECK_STR(err.message, "");
        CHECK_STR(target.base_url, modes[i].base_url);
        CHECK_INT(target.verify, modes[i].verify);
        CHECK_INT(*target.ca && *target.cert && *target.key, modes[i].files);
        end();
    }
}

TEST(docker_context_with_half_of_a_certificate) {
    char expected[200], path[100];
    begin();
    put_context("x", "tcp://h", "");
    put_of("tls", "x", "docker/cert.pem", "");
    CHECK(!find((struct docker_options){.context = "x"}));
    CHECK(says("/docker has no key.pem; a client certificate needs cert.pem and key.pem"));
    put("mine/ca.pem", "");
    snprintf(path, sizeof path, "%s/mine", directory);
    CHECK(find((struct docker_options){.context = "x", .cert_path = path}));
    snprintf(expected, sizeof expected, "%s/mine/ca.pem", directory);
    CHECK_STR(target.ca, expected);
    CHECK_STR(target.cert, "");
    end();
}

/* --- usual sockets --------------------------------------------------------------------------- */

static int listen_at(const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    put(name, ""); /* makes the directories */
    snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", directory, name);
    unlink(address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0);
    return fd;
}

TEST(docker_context_default_is_a_socket_that_accepts) {
    static const char *const names[] = {
        ".lima/default/sock/docker.sock",
        ".orbstack/run/docker.sock",
        ".rd/docker.sock",
        ".colima/default/docker.sock",
        ".local/share/containers/podman/machine/podman.sock",
        ".docker/desktop/docker.sock",
        ".docker/run/docker.sock",
    };
    int fds[sizeof names / sizeof *names];
    size_t count = sizeof names / sizeof *names;
    bool other =
        access("/var/run/docker.sock", F_OK) == 0 || access("/run/podman/podman.sock", F_OK) == 0;
    begin();
    setenv("HOME", directory, 1);
    setenv("XDG_RUNTIME_DIR", "/nowhere", 1);
    /* From the last of them to the first: each new one comes before those that are there. */
    for (size_t i = 0; i < count && !other; i++) {
        char expected[200];
        unit_case = names[i];
        fds[i] = listen_at(names[i]);
        CHECK(find((struct docker_options){0}));
        snprintf(expected, sizeof expected, "unix://%s/%s", directory, names[i]);
        CHECK_STR(target.host, expected);
    }
    for (size_t i = 0; i < count && !other; i++) {
        close(fds[i]);
    }
    unsetenv("XDG_RUNTIME_DIR");
    end();
}
