/* Which engine is meant, from the options, the environment and the sockets of this machine. */
#include "docker/config.h"
#include "docker/docker.h"
#include "docker/host.h"

#include <errno.h>
#include <json-c/json_object.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An empty variable counts as unset, as for the docker CLI. */
static const char *env(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* --- which socket ---------------------------------------------------------------------------- */

/* By connecting, not by stat: a link may lead nowhere and a socket may have lost its engine. */
static bool accepts(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return false;
    }
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    bool ok = connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
    close(fd);
    return ok;
}

/* Of the usual sockets the first that accepts; none: the first of all, so that the error which
 * follows speaks of it. */
static void probe(char host[128]) {
    enum { MACHINE, RUNTIME, HOME };
    static const struct {
        int where;
        const char *name;
    } usual[] = {
        {MACHINE, "/var/run/docker.sock"},
        {RUNTIME, "docker.sock"}, /* rootless Docker */
        {HOME, ".docker/run/docker.sock"},
        {HOME, ".docker/desktop/docker.sock"},
        {MACHINE, "/run/podman/podman.sock"},
        {RUNTIME, "podman/podman.sock"},
        {HOME, ".local/share/containers/podman/machine/podman.sock"},
        {HOME, ".colima/default/docker.sock"},
        {HOME, ".rd/docker.sock"},
        {HOME, ".orbstack/run/docker.sock"},
        {HOME, ".lima/default/sock/docker.sock"},
    };
    struct sockaddr_un address;
    char runtime[32];
    snprintf(runtime, sizeof runtime, "/run/user/%lu", (unsigned long)getuid());
    const char *directories[] = {
        [MACHINE] = "",
        [RUNTIME] = env("XDG_RUNTIME_DIR") ? env("XDG_RUNTIME_DIR") : runtime,
        [HOME] = env("HOME"),
    };
    snprintf(host, 128, "unix://%s", usual[0].name);
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        const char *directory = directories[usual[i].where];
        int length = directory
                         ? snprintf(address.sun_path, sizeof address.sun_path, "%s%s%s", directory,
                                    usual[i].where == MACHINE ? "" : "/", usual[i].name)
                         : -1;
        if (length > 0 && length < (int)sizeof address.sun_path && *address.sun_path == '/' &&
            accepts(address.sun_path)) {
            snprintf(host, 128, "unix://%s", address.sun_path);
            return;
        }
    }
}

/* --- which context --------------------------------------------------------------------------- */

struct choice {
    char name[256];             /* of the context; "" for none */
    char source[PATH_MAX + 64]; /* who chose it, for messages; "": the caller */
    char directory[PATH_MAX];   /* of the docker CLI's files; "" without a home */
    struct docker_context context;
};

static bool take_name(struct choice *choice, const char *name, const char *source,
                      struct err *err) {
    if (strcmp(name, "default") == 0) { /* it is never kept in a file */
        return true;
    }
    snprintf(choice->source, sizeof choice->source, "%s", source);
    if (snprintf(choice->name, sizeof choice->name, "%s", name) < (int)sizeof choice->name) {
        return true;
    }
    err_set(err, ERR_INVALID, "the context \"%.40s...\": no name is longer than 255 bytes", name);
    return false;
}

static bool take_current(struct choice *choice, struct err *err) {
    struct json_object *config = NULL;
    char source[PATH_MAX + 64];
    if (!docker_config_load(choice->directory, &config, err)) {
        return false;
    }
    const char *name = docker_config_context(config);
    snprintf(source, sizeof source, "\"currentContext\" of %s/config.json", choice->directory);
    bool ok = !name || take_name(choice, name, source, err);
    json_object_put(config);
    return ok;
}

static bool choose(struct choice *choice, const struct docker_options *options, struct err *err) {
    *choice = (struct choice){0};
    if (!docker_config_directory(choice->directory)) {
        *choice->directory = '\0';
    }
    if (options->context) {
        return take_name(choice, options->context, "", err);
    }
    if (options->host || env("DOCKER_HOST")) {
        return true;
    }
    if (env("DOCKER_CONTEXT")) {
        return take_name(choice, env("DOCKER_CONTEXT"), "DOCKER_CONTEXT", err);
    }
    return !*choice->directory || take_current(choice, err);
}

/* The context that was chosen; an error names who did that, unless the caller has. */
static bool load(struct choice *choice, struct err *err) {
    if (!*choice->directory) {
        err_set(err, ERR_INVALID,
                "contexts are kept in ~/.docker, and there is no HOME; set HOME or DOCKER_CONFIG");
    } else if (docker_context_load(&choice->context, choice->directory, choice->name, err)) {
        return true;
    }
    if (*choice->source) {
        err_set(err, err->kind, "%.200s: %s", choice->source, err->message);
    }
    return false;
}

/* --- certificates ---------------------------------------------------------------------------- */

static bool join(char path[PATH_MAX], const char *directory, const char *name) {
    return snprintf(path, PATH_MAX, "%s/%s", directory, name) < PATH_MAX;
}

/* ca.pem, cert.pem and key.pem of `directory`; those that do not exist become "". */
static bool take_files(struct docker_target *target, const char *directory, struct err *err) {
    const struct {
        char *path;
        const char *name;
    } files[] = {{target->ca, "ca.pem"}, {target->cert, "cert.pem"}, {target->key, "key.pem"}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        bool fits = join(files[i].path, directory, files[i].name);
        if (fits && access(files[i].path, R_OK) == 0) {
            continue;
        }
        if (fits && errno != ENOENT) {
            err_set(err, ERR_INVALID,
                    "cannot read %.300s: %s; correct its permissions or DOCKER_CERT_PATH",
                    files[i].path, strerror(errno));
            return false;
        }
        *files[i].path = '\0';
    }
    if (!*target->cert != !*target->key) {
        err_set(err, ERR_INVALID,
                "%.300s has no %s; a client certificate needs cert.pem and key.pem", directory,
                *target->cert ? "key.pem" : "cert.pem");
        return false;
    }
    return true;
}

/* From the directory that was named, which must hold something; else from the one of the docker
 * CLI's files, which may be empty. */
static bool find_files(struct docker_target *target, const char *named, const char *standard,
                       struct err *err) {
    const char *directory = named ? named : standard;
    if (!*directory) {
        return true;
    }
    if (!take_files(target, directory, err)) {
        return false;
    }
    if (named && !*target->ca && !*target->cert) {
        err_set(err, ERR_INVALID,
                "there is no ca.pem and no cert.pem in %.300s; set DOCKER_CERT_PATH to the "
                "directory that holds them",
                named);
        return false;
    }
    return true;
}

/* --- all of it ------------------------------------------------------------------------------- */

/* The environment's TLS variables are about its own host: to a context they do not apply. */
static bool take_context(struct docker_target *target, struct choice *choice,
                         const struct docker_options *options, struct err *err) {
    const struct docker_context *context = &choice->context;
    char source[160];
    if (!load(choice, err)) {
        return false;
    }
    snprintf(source, sizeof source, "the host of context \"%.100s\",", choice->name);
    bool tls = *context->tls_directory || context->skip_verify || options->tls_verify != 0;
    if (!docker_target_parse(target, source, context->host, tls, err)) {
        return false;
    }
    snprintf(target->source, sizeof target->source, "context \"%.100s\"", choice->name);
    target->verify = options->tls_verify > 0 || (options->tls_verify == 0 && !context->skip_verify);
    const char *files = *context->tls_directory ? context->tls_directory : NULL;
    return !target->tls ||
           find_files(target, options->cert_path ? options->cert_path : files, "", err);
}

static bool take_host(struct docker_target *target, const struct choice *choice,
                      const struct docker_options *options, struct err *err) {
    char probed[128];
    bool verify = options->tls_verify > 0 || (options->tls_verify == 0 && env("DOCKER_TLS_VERIFY"));
    bool tls = verify || options->tls_verify < 0 || env("DOCKER_TLS");
    const char *host = options->host ? options->host : env("DOCKER_HOST");
    if (!host) {
        probe(probed);
        host = probed;
    }
    const char *source = options->host ? "host" : "DOCKER_HOST";
    if (!docker_target_parse(target, source, host, tls, err)) {
        return false;
    }
    snprintf(target->source, sizeof target->source, "%s", host == probed ? "probe" : source);
    /* https:// alone is verified too: only who asks for it goes without. */
    target->verify = verify || !tls;
    const char *named = options->cert_path ? options->cert_path : env("DOCKER_CERT_PATH");
    return !target->tls || find_files(target, named, choice->directory, err);
}

bool docker_target_find(struct docker_target *target, const struct docker_options *options,
                        struct err *err) {
    struct choice choice;
    if (!choose(&choice, options, err)) {
        return false;
    }
    return *choice.name ? take_context(target, &choice, options, err)
                        : take_host(target, &choice, options, err);
}
