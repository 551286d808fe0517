/* The Engine client's pure functions: hosts, versions, rows, errors. */
#include "docker/host.h"
#include "docker/shapes.h"
#include "docker/version.h"
#include "unit.h"

#define ID "be55acb7ccccd5f601729ae528722c7a45a0ed6ff0912a23688603b8a91a5e4a"

/* --- DOCKER_HOST ----------------------------------------------------------------------------- */

static const struct {
    const char *text;
    bool tls;
    const char *host, *base_url, *unix_path;
} hosts[] = {
    {"unix:///run/x.sock", false, "unix:///run/x.sock", "", "/run/x.sock"},
    {"unix://", false, "unix:///var/run/docker.sock", "", "/var/run/docker.sock"},
    {" unix:///run/x.sock\n", true, "unix:///run/x.sock", "", "/run/x.sock"},
    {"tcp://10.0.0.1:2376", true, "tcp://10.0.0.1:2376", "https://10.0.0.1:2376", ""},
    {"tcp://10.0.0.1", false, "tcp://10.0.0.1:2375", "http://10.0.0.1:2375", ""},
    {"tcp://", false, "tcp://localhost:2375", "http://localhost:2375", ""},
    {"tcp://:4243", false, "tcp://localhost:4243", "http://localhost:4243", ""},
    {"tcp://[::1]:4243", false, "tcp://[::1]:4243", "http://[::1]:4243", ""},
    {"tcp://[fe80::1]", false, "tcp://[fe80::1]:2375", "http://[fe80::1]:2375", ""},
    {"tcp://h:1/base/", false, "tcp://h:1/base", "http://h:1/base", ""},
    {"http://h", true, "http://h", "http://h", ""},
    {"https://h:2376", false, "https://h:2376", "https://h:2376", ""},
    {"build-1.example:2375", false, "tcp://build-1.example:2375", "http://build-1.example:2375",
     ""},
};

TEST(docker_hosts_are_understood) {
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct docker_target target;
        struct err err = {0};
        unit_case = hosts[i].text;
        CHECK(docker_target_parse(&target, "DOCKER_HOST", hosts[i].text, hosts[i].tls, &err));
        CHECK_STR(target.host, hosts[i].host);
        CHECK_STR(target.base_url, hosts[i].base_url);
        CHECK_STR(target.unix_path, hosts[i].unix_path);
        CHECK_STR(err.message, "");
    }
}

#define LONG_PATH                                                                                  \
    "/0123456789012345678901234567890123456789012345678901234567890123456789"                      \
    "0123456789012345678901234567890123456" /* 108 bytes */

static const struct {
    const char *text, *message; /* a part of it */
} bad_hosts[] = {
    {"garbage",
     "DOCKER_HOST \"garbage\": that is neither a URL nor host:port; write it as unix://"},
    {"a b\x1b[31m:1", "\"a b\\x1B[31m:1\": that is neither"},
    {"", "neither a URL nor host:port"},
    {"/run/docker.sock", "unix:// is missing before the path"},
    {"unix://run/docker.sock", "must be absolute"},
    {"unix://" LONG_PATH, "longer than the 107 bytes"},
    {"npipe:////./pipe/docker_engine",
     "unix://, tcp://, http://, https:// and ssh:// are understood"},
    {"tcp://h:0", "a port from 1 to 65535"},
    {"tcp://h:70000", "a port from 1 to 65535"},
    {"tcp://h:80x", "a port from 1 to 65535"},
    {"tcp://h:", "a port from 1 to 65535"},
    {"tcp://[::1", "a host name or an address"},
    {"tcp://a b", "a host name or an address"},
    {"tcp://h/a b", "a character that cannot be there"},
    {"tcp://h/a?b", "a character that cannot be there"},
    {"tcp://h:1/a>", "a character that cannot be there"}, /* found by make fuzz */
    {"http://me:secret@h", "DOCKER_HOST \"...\": a user name has no place there"},
};

TEST(docker_hosts_that_mean_nothing_are_explained) {
    for (size_t i = 0; i < sizeof bad_hosts / sizeof *bad_hosts; i++) {
        struct docker_target target;
        struct err err = {0};
        unit_case = bad_hosts[i].text;
        CHECK(!docker_target_parse(&target, "DOCKER_HOST", bad_hosts[i].text, false, &err));
        CHECK_INT(err.kind, ERR_INVALID);
        UNIT_CHECK(strstr(err.message, bad_hosts[i].message), "message: %s", err.message);
        CHECK(!strstr(err.message, "secret"));
    }
}

/* --- versions -------------------------------------------------------------------------------- */

TEST(docker_versions_are_read_and_chosen) {
    char text[VERSION_SIZE];
    CHECK_INT(version_read("1.44"), 1044);
    CHECK_INT(version_read("v1.5, please"), 1005);
    CHECK_INT(version_read("1"), VERSION_NONE);
    CHECK_INT(version_read("1.x"), VERSION_NONE);
    CHECK_INT(version_read("99999999999.1"), VERSION_NONE);
    CHECK_INT(version_read(""), VERSION_NONE);
    CHECK_INT(version_choose(1041), 1041);
    CHECK_INT(version_choose(1052), 1044);
    CHECK_INT(version_choose(VERSION_NONE), 1044);
    version_write(text, 1044);
    CHECK_STR(text, "1.44");
    version_write(text, VERSION_NONE);
    CHECK_STR(text, "");
}

static const struct {
    int tried;
    const char *header, *text;
    int next;
} refusals[] = {
    {1044, "1.41", "client version 1.44 is too new. Maximum supported API version is 1.41", 1041},
    {1044, "", "client version 1.44 is too new. Maximum supported API version is 1.41", 1041},
    {1041, "1.52", "client version 1.41 is too old. Minimum supported API version is 1.44", 1044},
    {1041, "", "client version 1.41 is too old. Minimum supported API version is 1.44, p", 1044},
    {1044, "1.70", "client version 1.44 is too old. Minimum supported API version is 1.60", 0},
    {1044, "", "client version 1.44 is too old. Minimum supported API version is 1.60", 0},
    {1044, "1.18", "client version 1.44 is too new. Maximum supported API version is 1.18", 0},
    {1044, "", "client version unknown", 0},
};

TEST(docker_versions_after_a_refusal) {
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        unit_case = refusals[i].text;
        CHECK_INT(version_after_refusal(refusals[i].tried, refusals[i].header, refusals[i].text),
                  refusals[i].next);
    }
}

/* --- rows ------------------------------------------------------------------------------------ */

TEST(docker_rows_are_found_by_name) {
    CHECK_STR(docker_row("start")->path, "/containers/%s/start");
    CHECK(docker_row("ping")->unversioned);
    CHECK(docker_row("create")->fresh && docker_row("kill")->fresh);
    CHECK_INT(docker_row("stop")->class, HTTP_LONG);
    CHECK(!docker_row("request")->method);
    CHECK(!docker_row("nosuch"));
}

/* --- errors ---------------------------------------------------------------------------------- */

#define JSON(text)   "{\"message\":\"" text "\"}\n"
#define PODMAN(text) "{\"cause\":\"c\",\"message\":\"" text "\",\"response\":500}"
#define GONE         ERR_NONE, NEXT_DONE, ""

/* Bodies of Docker 20.10 were recorded; those of Podman and 29 are from their sources. */
static const struct {
    const char *row, *object;
    int status;
    const char *body;
    enum err_kind kind;
    enum err_next next;
    const char *message; /* how it begins */
} replies[] = {
    {"start", "web-1", 304, "", GONE},
    {"stop", "web-1", 304, "", GONE},
    {"kill", "web-1", 409, JSON("Cannot kill container: web-1: Container " ID " is not running"),
     GONE},
    {"kill", "web-1", 500, PODMAN("can only kill running containers. x is in state exited"), GONE},
    {"pause", "web-1", 409, JSON("Container " ID " is already paused"), GONE},
    {"unpause", "web-1", 500, JSON("Container " ID " is not paused"), GONE},
    {"remove", "web-1", 404, JSON("No such container: web-1"), GONE},
    {"remove", "web-1", 404, PODMAN("no container with name or ID \\\"web-1\\\" found"), GONE},
    {"remove", "web-1", 404, "<html><h1>404</h1></html>", ERR_NOT_FOUND, NEXT_GIVE_UP,
     "container \"web-1\": the engine does not know it; check the name and that this engine has "
     "such "
     "a call (engine: 404)"},
    {"kill", "web-1", 404, JSON("Cannot kill container: web-1: No such container: web-1"),
     ERR_NOT_FOUND, NEXT_RELIST,
     "container \"web-1\": there is no such container (any more); list"},
    {"create", "web-1", 404, JSON("No such image: nosuch:1"), ERR_NOT_FOUND, NEXT_GIVE_UP,
     "container \"web-1\": image \"nosuch:1\" is not on the engine; pull it first: docker pull "
     "nosuch:1 (engine: No such image: nosuch:1)"},
    {"create", NULL, 404, PODMAN("No such image: nosuch:1: image not known"), ERR_NOT_FOUND,
     NEXT_GIVE_UP, "image \"nosuch:1\" is not on the engine"},
    {"create", "web-1", 409,
     JSON("Conflict. The container name \\\"/web-1\\\" is already in use by container \\\"" ID
          "\\\". You have to remove (or rename) that container to be able to reuse that name."),
     ERR_CONFLICT, NEXT_RELIST,
     "container \"web-1\": the name is already in use by container be55acb7cccc; remove or rename "
     "that one, or choose another name (engine: Conflict. The"},
    {"create", "web-1", 500,
     PODMAN("creating container storage: the container name \\\"web-1\\\" is already in use by "
            "\\\"" ID
            "\\\". You have to remove that container to be able to reuse that name.: that "
            "name is already in use"),
     ERR_CONFLICT, NEXT_RELIST,
     "container \"web-1\": the name is already in use by container be55a"},
    {"create", "w", 400, JSON("Minimum memory limit allowed is 6MB"), ERR_INVALID, NEXT_GIVE_UP,
     "container \"w\": the memory limit is below this engine's minimum, 6MB; raise "
     "resources.memory"},
    {"create", "w", 400,
     JSON("Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"), ERR_INVALID,
     NEXT_GIVE_UP, "container \"w\": the engine's host can give from 0.01 to 2.00 CPUs; change"},
    {"create", "w", 500, JSON("json: cannot unmarshal object into Go struct field"), ERR_INVALID,
     NEXT_GIVE_UP, "container \"w\": the engine cannot read a field of the request"},
    {"create", "w", 400, JSON("Invalid container name (w), only"), ERR_INVALID, NEXT_GIVE_UP,
     "container \"w\": that is no name for a container; use at least two"},
    {"create", "w", 400, JSON("invalid port specification: \\\"x\\\""), ERR_INVALID, NEXT_GIVE_UP,
     "container \"w\": the engine cannot read the port \"x\"; write"},
    {"start", "w", 500,
     JSON("driver failed programming external connectivity on endpoint w (092c): Bind for "
          "0.0.0.0:32768 failed: port is already allocated"),
     ERR_CONFLICT, NEXT_RETRY,
     "container \"w\": port 0.0.0.0:32768 is already taken by another con"},
    {"start", "w", 500,
     JSON("driver failed programming external connectivity on endpoint w (dea8): Error starting "
          "userland proxy: listen tcp4 0.0.0.0:9999: bind: address already in use"),
     ERR_CONFLICT, NEXT_RETRY,
     "container \"w\": port 0.0.0.0:9999 is already taken on the engine's"},
    {"start", "w", 500, JSON("listen tcp4 0.0.0.0:80: bind: permission denied"), ERR_DENIED,
     NEXT_GIVE_UP, "container \"w\": the engine may not use a port that low"},
    {"start", "w", 500, PODMAN("cannot listen on the TCP port: address already in use"),
     ERR_CONFLICT, NEXT_RETRY, "container \"w\": a port is already taken on the engine's host"},
    {"start", "w", 404, JSON("network nonet not found"), ERR_NOT_FOUND, NEXT_GIVE_UP,
     "container \"w\": its network nonet does not exist; create that network"},
    {"start", "w", 400,
     JSON("OCI runtime create failed: exec: \\\"/nosuch\\\": stat /nosuch: no such file: unknown"),
     ERR_INVALID, NEXT_GIVE_UP,
     "container \"w\": the image has no program \"/nosuch\" that can be"},
    {"start", "w", 409, JSON("cannot start a paused container, try unpause instead"), ERR_CONFLICT,
     NEXT_GIVE_UP, "container \"w\": it is paused; unpause it first"},
    {"start", "w", 409, JSON("container is marked for removal and cannot be started"), ERR_CONFLICT,
     NEXT_RELIST, "container \"w\": it is being removed; create another one"},
    {"remove", "w", 409, JSON("removal of container w is already in progress"), ERR_CONFLICT,
     NEXT_WAIT, "container \"w\": its removal is already in progress; wait"},
    {"remove", "w", 409, JSON("You cannot remove a running container " ID ". Stop the container"),
     ERR_CONFLICT, NEXT_GIVE_UP, "container \"w\": it is running; stop it first or remove it with"},
    {"remove", "w", 409, JSON("cannot remove container \\\"w\\\": container is running: stop the"),
     ERR_CONFLICT, NEXT_GIVE_UP, "container \"w\": it is running; stop it first or remove it with"},
    {"kill", "w", 400, JSON("Invalid signal: XXX"), ERR_INVALID, NEXT_GIVE_UP,
     "container \"w\": XXX is no signal; write one such as \"SIGTERM\" or 15"},
    {"list", NULL, 500, JSON("invalid character 'g' looking for beginning of value"), ERR_INVALID,
     NEXT_GIVE_UP, "the engine refuses the request as invalid"},
    {"info", NULL, 400,
     "client version 1.44 is too old. Minimum supported API version is 1.60, please upgrade\n",
     ERR_ENGINE, NEXT_GIVE_UP,
     "the engine refuses the API versions that moontide speaks, 1.24 to 1.44; update the "
     "older of the two (engine: client version 1.44 is too old. Minimum supported API version is "
     "1.60, please upgrade)"},
    {"info", NULL, 400, "Client sent an HTTP request to an HTTPS server.\n", ERR_TRANSPORT,
     NEXT_GIVE_UP, "the engine speaks TLS only; set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH"},
    {"info", NULL, 403, "<html><body><h1>403 Forbidden</h1>\nRules say no.\n</body></html>\n",
     ERR_DENIED, NEXT_GIVE_UP,
     "forbidden; if a proxy such as docker-socket-proxy stands before the engine, allow this "
     "call there (engine: 403 Forbidden Rules say no.)"},
    {"info", NULL, 502, "", ERR_TRANSPORT, NEXT_RETRY,
     "a proxy answers, but not the engine behind it; check that the engine runs (engine: "
     "status 502)"},
    {"info", NULL, 503, JSON("This node is not a swarm manager. Use"), ERR_ENGINE, NEXT_GIVE_UP,
     "the engine is no Swarm manager; run \"docker swarm init\""},
    {"info", NULL, 500, JSON("context canceled \\u001b[31m"), ERR_ENGINE, NEXT_RETRY,
     "the engine failed; its log may say more (engine: context canceled \\x1B[31m)"},
    {"pause", "w", 500,
     PODMAN("\\\"exited\\\" is not running, can't pause: container state improper"), ERR_CONFLICT,
     NEXT_GIVE_UP, "container \"w\": it is not running; start it first (engine: "},
    {"create", "w", 500, PODMAN("the container name w is already in use by " ID ". You have to"),
     ERR_CONFLICT, NEXT_RELIST,
     "container \"w\": the name is already in use by container be55acb7cccc; remove"},
    {"create", NULL, 500, PODMAN("unable to find network with name or ID nonet: network not found"),
     ERR_NOT_FOUND, NEXT_GIVE_UP, "its network nonet does not exist; create that network"},
    {"stats", "w", 404, "", ERR_NOT_FOUND, NEXT_RELIST,
     "container \"w\": there is no such container"},
    {"update", "w", 404, "Not Found\n", ERR_ENGINE, NEXT_GIVE_UP,
     "container \"w\": this engine cannot change a container's limits; create another one"},
    {"update", "w", 404, JSON("No such container: w"), ERR_NOT_FOUND, NEXT_RELIST,
     "container \"w\": there is no such container"},
    {"pull", "r:5000/w", 500,
     JSON("Head \\\"http://r:5000/v2/w/manifests/1\\\": no basic auth credentials"), ERR_DENIED,
     NEXT_GIVE_UP, "image \"r:5000/w\": the registry wants to know who pulls; log in there with"},
    {"pull", "r:5000/w", 500, JSON("unauthorized: authentication required"), ERR_DENIED,
     NEXT_GIVE_UP, "image \"r:5000/w\": the registry refuses who pulls; log in there again with"},
    {"pull", "w", 404,
     JSON("pull access denied for w, repository does not exist or may require 'docker login': "
          "denied: requested access to the resource is denied"),
     ERR_DENIED, NEXT_GIVE_UP, "image \"w\": the registry does not have it, or not for everybody"},
    {"pull", "w", 404, JSON("manifest for w:9 not found: manifest unknown: manifest unknown"),
     ERR_NOT_FOUND, NEXT_GIVE_UP, "image \"w\": the registry does not have it; check the name and"},
    {"pull", "w", 500,
     JSON("Get \\\"https://r/v2/\\\": dial tcp 10.0.0.1:443: connect: network is unreachable"),
     ERR_ENGINE, NEXT_RETRY, "image \"w\": the engine does not reach the registry; check the name"},
    {"pull", "w", 500, JSON("http: server gave HTTP response to HTTPS client"), ERR_ENGINE,
     NEXT_GIVE_UP, "image \"w\": the registry speaks no TLS; name it in the engine's insecure-reg"},
    {"info", NULL, 404, JSON("network nonet not found"), ERR_NOT_FOUND, NEXT_GIVE_UP,
     "the engine does not know it"}, /* that rule is of start alone */
    {"info", NULL, 301, "", ERR_ENGINE, NEXT_GIVE_UP, "the engine gave an unexpected reply"},
    {"info", NULL, 500, "{\"message\":7}", ERR_ENGINE, NEXT_RETRY,
     "the engine failed; its log may say more (engine: {\"message\":7})"},
};

TEST(docker_errors_are_mapped_by_status_and_text) {
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        char label[128];
        struct err err;
        snprintf(label, sizeof label, "%s %d %.80s", replies[i].row, replies[i].status,
                 replies[i].body);
        unit_case = label;
        docker_classify(&err, docker_row(replies[i].row), replies[i].object, replies[i].status,
                        replies[i].body, strlen(replies[i].body));
        CHECK_STR(err_kind_name(err.kind), err_kind_name(replies[i].kind));
        CHECK_STR(err_next_name(err.next), err_next_name(replies[i].next));
        CHECK_INT(err.status, replies[i].status);
        size_t length = strlen(replies[i].message);
        UNIT_CHECK(strncmp(err.message, replies[i].message, length) == 0, "message: %s",
                   err.message);
    }
}

TEST(docker_errors_of_hostile_bodies_stay_bounded) {
    static char deep[100000], wide[100000];
    memset(deep, '[', sizeof deep);
    memset(wide, 'x', sizeof wide);
    struct err err;
    docker_classify(&err, docker_row("info"), NULL, 500, deep, sizeof deep);
    CHECK_INT(err.kind, ERR_ENGINE);
    docker_classify(&err, docker_row("info"), NULL, 500, wide, sizeof wide);
    CHECK(strlen(err.message) < sizeof err.message);
    CHECK(strstr(err.message, "..."));
    docker_classify(&err, docker_row("start"), wide, 500, "\xff\xfe\0<", 4);
    CHECK(strstr(err.message, "\\xFF"));
}
