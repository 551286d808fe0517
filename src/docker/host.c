/* Reading of DOCKER_HOST. A pure function; find.c looks at the world. */
#include "docker/host.h"

#include "base/digest.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SOCKET "/var/run/docker.sock"
#define DEFAULT_PORT   "2375" /* also with TLS, as the docker CLI has it */

struct source {
    const char *name, *text;
    struct err *err;
};

/* Whether a password or a token may stand in it. The user name of ssh is neither. */
static bool has_secret(const char *text) {
    const char *at = strrchr(text, '@');
    bool ssh = strncmp(text, "ssh://", 6) == 0;
    return at && (!ssh || memchr(text + 6, ':', (size_t)(at - text - 6)));
}

/* What is wrong with it, with an example of what is right. Credentials are not shown. */
static bool refuse(const struct source *source, const char *why) {
    const char *shown = has_secret(source->text) ? "..." : source->text;
    err_set(source->err, ERR_INVALID,
            "%s \"%.100s\": %s; write it as unix:///var/run/docker.sock or tcp://10.0.0.1:2375",
            source->name, shown, why);
    return false;
}

/* Without the white space around it, which a file of settings easily adds. */
static bool trim(char *out, size_t size, const char *text) {
    while (isspace((unsigned char)*text)) {
        text++;
    }
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1])) {
        length--;
    }
    return snprintf(out, size, "%.*s", (int)length, text) < (int)size;
}

static bool parse_unix(struct docker_target *target, const struct source *source,
                       const char *path) {
    path = *path ? path : DEFAULT_SOCKET;
    if (*path != '/') {
        return refuse(source, "the path of the socket must be absolute");
    }
    int length = snprintf(target->unix_path, sizeof target->unix_path, "%s", path);
    if (length >= (int)sizeof target->unix_path) {
        return refuse(source,
                      "the path of the socket is longer than the 107 bytes that are possible");
    }
    snprintf(target->host, sizeof target->host, "unix://%s", target->unix_path);
    return true;
}

static bool is_port(const char *text, size_t length) {
    char digits[6] = "";
    if (length == 0 || length >= sizeof digits || strspn(text, "0123456789") < length) {
        return false;
    }
    memcpy(digits, text, length);
    long port = strtol(digits, NULL, 10);
    return port > 0 && port < 65536;
}

/* Splits "[::1]:2375" or "name:2375"; no port is a length of 0. False when it is neither. */
static bool split(const char *authority, size_t length, size_t *name, size_t *port) {
    const char *allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    *name = strspn(authority, allowed);
    if (*authority == '[') {
        size_t address = strspn(authority + 1, "0123456789abcdefABCDEF:.");
        if (address == 0 || authority[1 + address] != ']') {
            return false;
        }
        *name = address + 2;
    }
    if (*name >= length) {
        *port = 0;
        return *name == length;
    }
    *port = length - *name - 1;
    return authority[*name] == ':' && is_port(authority + *name + 1, *port);
}

/* Nothing in it ends a line or means something else in a URL. */
static bool is_plain(const char *text) {
    while (*text > ' ' && *text < 0x7F && !strchr("?#%\\\"<>^`{|}", *text)) {
        text++;
    }
    return *text == '\0';
}

/* `rest` is "host[:port][/base]"; `port`: what tcp:// means without one, "" for URLs. */
static bool parse_tcp(struct docker_target *target, const struct source *source, const char *scheme,
                      const char *rest, const char *default_port) {
    size_t length = strcspn(rest, "/"), name, port;
    if (memchr(rest, '@', length)) {
        return refuse(source, "a user name has no place there");
    }
    if (!split(rest, length, &name, &port)) {
        return refuse(source, "it needs a host name or an address, and a port from 1 to 65535");
    }
    if (!is_plain(rest)) {
        return refuse(source, "the path holds a character that cannot be there");
    }
    size_t base = strlen(rest + length);
    while (base > 0 && rest[length + base - 1] == '/') {
        base--;
    }
    bool with_port = port > 0 || *default_port;
    char where[256];
    int needed = snprintf(where, sizeof where, "%.*s%s%.*s%.*s", name > 0 ? (int)name : 9,
                          name > 0 ? rest : "localhost", with_port ? ":" : "",
                          (int)(port > 0 ? port : strlen(default_port)),
                          port > 0 ? rest + name + 1 : default_port, (int)base, rest + length);
    if (needed > 200) {
        return refuse(source, "it is longer than the 200 characters that are accepted");
    }
    snprintf(target->base_url, sizeof target->base_url, "%s://%.200s",
             target->tls ? "https" : "http", where);
    snprintf(target->host, sizeof target->host, "%s://%.200s", scheme, where);
    return true;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Nothing that a shell or ssh expands or takes for an option. */
static bool is_word(const char *text, size_t length, const char *allowed) {
    return length > 0 && *text != '-' && strspn(text, allowed) >= length;
}

/* Two engines may differ only by their user or socket; as URLs they must differ, too. */
static void name_ssh(struct docker_target *target) {
    char digest[SHA256_HEX_SIZE];
    sha256_hex(digest, target->host, strlen(target->host));
    snprintf(target->base_url, sizeof target->base_url, "http://ssh-%.16s", digest);
}

/* `rest` is "[user@]host[:port][/socket]", of at most 200 characters. */
static bool parse_ssh(struct docker_target *target, const struct source *source, const char *rest) {
    size_t length = strcspn(rest, "/"), name, port;
    const char *at = memrchr(rest, '@', length), *socket = rest + length;
    size_t user = at ? (size_t)(at - rest) : 0;
    const char *host = at ? at + 1 : rest;
    if (at && memchr(rest, ':', user)) {
        return refuse(source, "a password has no place there; ssh takes keys, from its agent");
    }
    if (at && (user >= sizeof target->ssh_user || !is_word(rest, user, LETTERS "._+-"))) {
        return refuse(source, "the user name may hold letters, digits and . _ + -, and begin with "
                              "any but -");
    }
    if (*host == '-' || !split(host, length - (size_t)(host - rest), &name, &port) || name == 0) {
        return refuse(source, "it needs a host name or an address, and a port from 1 to 65535, if "
                              "any");
    }
    socket = strcmp(socket, "/") == 0 ? "" : socket;
    if (*socket && !is_word(socket, strlen(socket), LETTERS "/._+@=-")) {
        return refuse(source, "the path of the socket may hold letters, digits and / . _ + @ = -");
    }
    bool brackets = *host == '[';
    snprintf(target->ssh_user, sizeof target->ssh_user, "%.*s", (int)user, rest);
    snprintf(target->ssh_host, sizeof target->ssh_host, "%.*s", (int)(name - (brackets ? 2 : 0)),
             host + brackets);
    snprintf(target->ssh_port, sizeof target->ssh_port, "%.*s", (int)port, host + name + 1);
    snprintf(target->ssh_socket, sizeof target->ssh_socket, "%.201s", socket);
    snprintf(target->host, sizeof target->host, "ssh://%.*s%.201s", (int)length, rest, socket);
    name_ssh(target);
    return true;
}

/* What has no scheme, or one that means nothing here. */
static bool parse_other(struct docker_target *target, const struct source *source,
                        const char *text) {
    size_t name, port;
    if (strstr(text, "://")) {
        return refuse(source, "unix://, tcp://, http://, https:// and ssh:// are understood");
    }
    if (*text == '/') {
        return refuse(source, "unix:// is missing before the path of the socket");
    }
    /* The docker CLI takes any word as a host name; a port shows that one is meant. */
    if (split(text, strcspn(text, "/"), &name, &port) && name > 0 && port > 0) {
        return parse_tcp(target, source, "tcp", text, DEFAULT_PORT);
    }
    return refuse(source, "that is neither a URL nor host:port");
}

bool docker_target_parse(struct docker_target *target, const char *source_name, const char *text,
                         bool tls, struct err *err) {
    struct source source = {source_name, text, err};
    char host[512];
    *target = (struct docker_target){.tls = tls};
    if (!trim(host, sizeof host, text)) {
        return refuse(&source, "it is too long");
    }
    if (strncmp(host, "unix://", 7) == 0) {
        target->tls = false;
        return parse_unix(target, &source, host + 7);
    }
    if (strncmp(host, "tcp://", 6) == 0) {
        return parse_tcp(target, &source, "tcp", host + 6, DEFAULT_PORT);
    }
    if (strncmp(host, "http://", 7) == 0) {
        target->tls = false;
        return parse_tcp(target, &source, "http", host + 7, "");
    }
    if (strncmp(host, "https://", 8) == 0) {
        target->tls = true;
        return parse_tcp(target, &source, "https", host + 8, "");
    }
    if (strncmp(host, "ssh://", 6) == 0) {
        target->tls = false;
        return strlen(host) <= 6 + 200
                   ? parse_ssh(target, &source, host + 6)
                   : refuse(&source, "it is longer than the 200 characters that are accepted");
    }
    return parse_other(target, &source, host);
}
