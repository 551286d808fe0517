/* One engine: opening, closing, and which version of the API it is spoken to with. */
#include "docker/internal.h"
#include "docker/shapes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TIMEOUT   (30 * LOOP_SECOND)
#define NEGOTIATION_LIMIT (30 * LOOP_SECOND)
#define SHORT_CALLS       16
#define SSH_CALLS         8 /* each is a process and a session over there */

/* --- opening and closing --------------------------------------------------------------------- */

/* Unix sockets differ by path, but to libcurl they look like one server unless their names differ;
 * and some proxies reject a Host that is no host name. */
static void name_socket(struct docker_target *target) {
    static unsigned engines;
    snprintf(target->base_url, sizeof target->base_url, "http://engine%u", ++engines);
}

enum { SSH_WORDS = 24 };

/* What makes a connection over ssh. It never asks for anything, and the engine's own command line
 * over there knows where its engine is, unless the path of a socket was given. The remote shell
 * reads the words after the host: host.h says that none needs quotes. */
static const char *const *ssh_command(const struct docker_target *target, char *socket, size_t size,
                                      const char *words[SSH_WORDS]) {
    static const char *const always[] = {"ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10",
                                         "-T"};
    size_t n = 0;
    for (; n < sizeof always / sizeof *always; n++) {
        words[n] = always[n];
    }
    if (*target->ssh_user) {
        words[n++] = "-l";
        words[n++] = target->ssh_user;
    }
    if (*target->ssh_port) {
        words[n++] = "-p";
        words[n++] = target->ssh_port;
    }
    words[n++] = "--";
    words[n++] = target->ssh_host;
    words[n++] = "docker";
    if (*target->ssh_socket) {
        snprintf(socket, size, "'unix://%s'", target->ssh_socket);
        words[n++] = "--host";
        words[n++] = socket;
    }
    words[n++] = "system";
    words[n++] = "dial-stdio";
    words[n] = NULL;
    return words;
}

static struct http_pool *open_pool(struct http *http, struct docker_target *target) {
    char socket[sizeof target->ssh_socket + 16];
    const char *words[SSH_WORDS];
    bool local = *target->unix_path != '\0', ssh = *target->ssh_host != '\0';
    if (local || ssh) {
        name_socket(target);
    }
    struct http_target where = {
        .name = "the Docker Engine",
        .unix_path = local ? target->unix_path : NULL,
        .base_url = target->base_url,
        .command = ssh ? ssh_command(target, socket, sizeof socket, words) : NULL,
        .address = ssh ? target->host : NULL,
        .ca_file = *target->ca ? target->ca : NULL,
        .cert_file = *target->cert ? target->cert : NULL,
        .key_file = *target->key ? target->key : NULL,
        .skip_verify = target->tls && !target->verify,
        /* Podman closes what was idle for 10 s; a new connection to a socket costs next to nothing.
         */
        .max_idle_seconds = local ? 5
                            : ssh ? 60
                                  : 25,
    };
    return http_pool_new(http, &where, ssh ? SSH_CALLS : SHORT_CALLS);
}

struct docker *docker_open(struct loop *loop, struct http *http,
                           const struct docker_options *options, struct err *err) {
    struct docker_target target;
    if (!docker_target_find(&target, options, err)) {
        return NULL;
    }
    struct docker *docker = calloc(1, sizeof *docker);
    struct http_pool *pool = docker ? open_pool(http, &target) : NULL;
    if (!pool) {
        err_set(err, ERR_TRANSPORT, "cannot open the engine at %s: out of memory", target.host);
        free(docker);
        return NULL;
    }
    docker->loop = loop;
    docker->pool = pool;
    docker->timeout = options->timeout > 0 ? options->timeout : DEFAULT_TIMEOUT;
    snprintf(docker->host, sizeof docker->host, "%s", target.host);
    snprintf(docker->source, sizeof docker->source, "%s", target.source);
    return docker;
}

void docker_close(struct docker *docker) {
    if (!docker) {
        return;
    }
    while (docker->waiting) {
        docker_cancel(docker->waiting);
    }
    while (docker->sent) {
        docker_cancel(docker->sent);
    }
    http_pool_free(docker->pool); /* with the ping, if there is one */
    free(docker);
}

const char *docker_source(const struct docker *docker) {
    return docker->source;
}

const char *docker_host(const struct docker *docker) {
    return docker->host;
}

const char *docker_version(const struct docker *docker) {
    return docker->version_text;
}

/* --- negotiation ----------------------------------------------------------------------------- */

void engine_set_version(struct docker *docker, int version) {
    docker->version = version;
    version_write(docker->version_text, version);
}

/* The newest version that the engine knows, or why this is no engine that can be used. */
static bool read_ping(const struct http_reply *ping, int *version, char *why, size_t size) {
    char header[VERSION_SIZE] = "";
    bool named = http_header(&ping->headers, "Api-Version", header, sizeof header);
    *version = version_choose(version_read(header));
    if (ping->status != 200) {
        snprintf(why, size, "GET /_ping has the status %d", ping->status);
        return false;
    }
    if (!named && strcmp(buf_text(&ping->body), "OK") != 0) {
        snprintf(why, size, "GET /_ping is not answered with OK");
        return false;
    }
    if (*version < VERSION_LOWEST) {
        snprintf(why, size, "it is too old: its newest API version is %s, and moontide needs 1.24",
                 header);
        return false;
    }
    return true;
}

static void explain(struct err *err, const struct docker_call *call, const struct http_reply *ping,
                    const char *why) {
    bool refused = ping->status == 401 || ping->status == 403 || ping->status >= 500;
    refused |= ping->status == 400 && strstr(buf_text(&ping->body), "HTTPS server");
    if (ping->err.kind != ERR_NONE) {
        reply_failure(err, call, ping);
    } else if (refused) {
        docker_classify(err, docker_row("ping"), NULL, ping->status, buf_text(&ping->body),
                        ping->body.length);
    } else {
        reply_unexpected(err, call, why, buf_text(&ping->body), ping->body.length);
    }
}

/* Serves the calls that waited for this negotiation; what their ends start waits for the next. */
static void on_ping(void *arg, struct http_reply *ping) {
    struct docker *docker = arg;
    uint64_t round = docker->round++;
    int version;
    char why[128];
    docker->ping = NULL;
    bool ok = ping->err.kind == ERR_NONE && read_ping(ping, &version, why, sizeof why);
    if (ok) {
        engine_set_version(docker, version);
    }
    while (docker->waiting && docker->waiting->round == round) {
        struct docker_call *call = docker->waiting;
        struct err err;
        if (ok && call_send(call)) {
            continue;
        }
        if (ok) {
            err_set(&err, ERR_TRANSPORT, "cannot send a request to %s: out of memory",
                    docker->host);
        } else {
            explain(&err, call, ping, why);
        }
        call_fail(call, &err);
    }
}

bool engine_negotiate(struct docker *docker) {
    const struct docker_row *row = docker_row("ping");
    struct http_request request = {
        .method = row->method,
        .path = row->path,
        .class = row->class,
        .timeout = NEGOTIATION_LIMIT,
        .max_body = 65536,
        .on_done = on_ping,
        .arg = docker,
    };
    docker->ping = docker->ping ? docker->ping : http_start(docker->pool, &request);
    return docker->ping != NULL;
}
