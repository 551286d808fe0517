/* Engines that are reached by ssh: what of the text goes to ssh, and what never may. */
#include "docker/host.h"
#include "unit.h"

static struct docker_target target;
static struct err err;

static bool parse(const char *text) {
    err = (struct err){0};
    return docker_target_parse(&target, "DOCKER_HOST", text, true, &err);
}

static const struct {
    const char *text, *host, *user, *name, *port, *socket;
} hosts[] = {
    {"ssh://far", "ssh://far", "", "far", "", ""},
    {"ssh://far/", "ssh://far", "", "far", "", ""},
    {" ssh://me@far:2222\n", "ssh://me@far:2222", "me", "far", "2222", ""},
    {"ssh://me.b_c+d-e@build-1.example", "ssh://me.b_c+d-e@build-1.example", "me.b_c+d-e",
     "build-1.example", "", ""},
    {"ssh://me@far/run/user/1000/docker.sock", "ssh://me@far/run/user/1000/docker.sock", "me",
     "far", "", "/run/user/1000/docker.sock"},
    {"ssh://[::1]:22/x.sock", "ssh://[::1]:22/x.sock", "", "::1", "22", "/x.sock"},
    {"ssh://me@[fe80::1]", "ssh://me@[fe80::1]", "me", "fe80::1", "", ""},
};

TEST(docker_host_takes_ssh_apart) {
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        unit_case = hosts[i].text;
        CHECK(parse(hosts[i].text));
        CHECK_STR(err.message, "");
        CHECK_STR(target.host, hosts[i].host);
        CHECK_STR(target.ssh_user, hosts[i].user);
        CHECK_STR(target.ssh_host, hosts[i].name);
        CHECK_STR(target.ssh_port, hosts[i].port);
        CHECK_STR(target.ssh_socket, hosts[i].socket);
        CHECK_STR(target.unix_path, "");
        CHECK(!target.tls);
    }
}

/* Connections are kept by URL: one that leads to another user's engine must not be taken. */
TEST(docker_host_gives_each_ssh_engine_a_url_of_its_own) {
    static const char *const others[] = {"ssh://you@far", "ssh://far", "ssh://me@far:22",
                                         "ssh://me@far/x.sock"};
    char first[sizeof target.base_url];
    CHECK(parse("ssh://me@far"));
    snprintf(first, sizeof first, "%s", target.base_url);
    CHECK(strncmp(first, "http://", 7) == 0 && strlen(first) > 7);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        unit_case = others[i];
        CHECK(parse(others[i]));
        CHECK(strcmp(target.base_url, first) != 0);
    }
    CHECK(parse("tcp://far"));
    CHECK_STR(target.ssh_host, "");
}

#define TEN "0123456789"

static const struct {
    const char *text, *message;
} bad[] = {
    {"ssh://", "it needs a host name or an address"},
    {"ssh:///run/x.sock", "it needs a host name or an address"},
    {"ssh://me@", "it needs a host name or an address"},
    {"ssh://@far", "the user name may hold"},
    {"ssh://me@-oProxyCommand=x", "it needs a host name or an address"},
    {"ssh://-oProxyCommand", "\"ssh://-oProxyCommand\": it needs a host name or an address"},
    {"ssh://-lroot@far", "the user name may hold"},
    {"ssh://me;reboot@far", "the user name may hold"},
    {"ssh://$(reboot)@far", "the user name may hold"},
    {"ssh://a@b@far", "the user name may hold"},
    {"ssh://" TEN TEN TEN TEN TEN TEN "0123@far", "the user name may hold"},
    {"ssh://far`x`", "it needs a host name or an address"},
    {"ssh://fa r", "it needs a host name or an address"},
    {"ssh://far\t", NULL}, /* trimmed */
    {"ssh://fa\tr", "it needs a host name or an address"},
    {"ssh://%h", "it needs a host name or an address"},
    {"ssh://far:0", "a port from 1 to 65535"},
    {"ssh://far:22x", "a port from 1 to 65535"},
    {"ssh://far:", "a port from 1 to 65535"},
    {"ssh://[::1", "it needs a host name or an address"},
    {"ssh://far/x;reboot", "the path of the socket may hold"},
    {"ssh://far/$HOME/x", "the path of the socket may hold"},
    {"ssh://far/a b", "the path of the socket may hold"},
    {"ssh://far/x?y", "the path of the socket may hold"},
    {"ssh://far/x\x1b[31m", "the path of the socket may hold"},
    {"ssh://me:secret@far", "DOCKER_HOST \"...\": a password has no place there"},
    {"ssh://me:secret@far:x", "DOCKER_HOST \"...\": a password has no place there"},
    {"ssh://me:secret@@far", "DOCKER_HOST \"...\": a password has no place there"},
    {"ssh://me:sec/ret@far", "DOCKER_HOST \"...\": it needs a host name"},
    {"ssh://far/" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN,
     "longer than the 200 characters"},
    {"SSH://far", "unix://, tcp://, http://, https:// and ssh:// are understood"},
};

TEST(docker_host_refuses_what_a_shell_or_ssh_would_take_otherwise) {
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        unit_case = bad[i].text;
        CHECK(parse(bad[i].text) == !bad[i].message);
        if (bad[i].message) {
            CHECK_INT(err.kind, ERR_INVALID);
            UNIT_CHECK(strstr(err.message, bad[i].message), "message: %s", err.message);
            CHECK(!strstr(err.message, "secret") && !strstr(err.message, "ret@"));
        }
    }
}

TEST(docker_host_takes_the_longest) {
    char text[300];
    snprintf(text, sizeof text, "ssh://far/%0196d", 0);
    CHECK(parse(text));
    CHECK_STR(target.host, text);
    CHECK_INT(strlen(target.ssh_socket), 197);
    snprintf(text, sizeof text, "ssh://%0200d", 0);
    CHECK(parse(text));
    CHECK_STR(target.host, text);
    CHECK_INT(strlen(target.ssh_host), 200);
}
