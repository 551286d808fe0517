/* Where the engine is: DOCKER_HOST and its relatives, or the sockets that are usual. */
#ifndef MOONTIDE_DOCKER_HOST_H
#define MOONTIDE_DOCKER_HOST_H

#include "base/err.h"
#include <limits.h>
#include <stdbool.h>
#include <sys/un.h>

struct docker_target {
    char source[160];   /* who chose it: "host", "DOCKER_HOST", "context \"x\"", "probe" */
    char host[256];     /* "unix:///var/run/docker.sock", for messages: without credentials */
    char base_url[256]; /* "https://10.0.0.1:2376"; ssh: a name of its own; "" for a unix socket */
    char unix_path[sizeof((struct sockaddr_un *)0)->sun_path]; /* "" for TCP and ssh */
    /* Of ssh://, each "" when it is not given, ssh_host when it is no ssh at all. None of them can
     * be taken for an option, and none holds what a shell or ssh would expand. */
    char ssh_user[64];
    char ssh_host[202];   /* a name, or an address without brackets */
    char ssh_port[6];     /* digits */
    char ssh_socket[202]; /* absolute path of the engine's socket over there */
    bool tls, verify;
    char ca[PATH_MAX], cert[PATH_MAX], key[PATH_MAX]; /* "" when there is no such file */
};

/* Reads "unix:///path", "tcp://host[:port][/base]", "http://...", "https://...", "host:port" or
 * "ssh://[user@]host[:port][/socket]" into all but verify, ca, cert and key; `tls`: tcp:// means
 * TLS. `source` names where the text comes from, for messages: "DOCKER_HOST". False and `err`
 * (invalid) when it cannot be understood. Pure. */
bool docker_target_parse(struct docker_target *target, const char *source, const char *text,
                         bool tls, struct err *err);

struct docker_options;

/* As the docker CLI: options->context, options->host, DOCKER_HOST, DOCKER_CONTEXT, the current
 * context of config.json; else the first of the usual sockets that accepts a connection now, and
 * if none does, the first of all. An empty variable is unset. A context brings its own TLS files,
 * which only the options override; else DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH say.
 * False and `err` (invalid) for a host, context or file that is wrong. */
bool docker_target_find(struct docker_target *target, const struct docker_options *options,
                        struct err *err);

#endif
