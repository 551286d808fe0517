/* Which engine is meant, from the options, the environment and the sockets of this machine. */
#include "docker/docker.h"
#include "docker/host.h"

#include <errno.h>
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
    static const struct {
        const char *directory; /* NULL: $XDG_RUNTIME_DIR */
        const char *name;
    } usual[] = {
        {"/var/run", "docker.sock"},
        {NULL, "docker.sock"}, /* rootless Docker */
        {"/run/podman", "podman.sock"},
        {NULL, "podman/podman.sock"},
    };
    struct sockaddr_un address;
    snprintf(host, 128, "unix:///var/run/docker.sock");
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        const char *directory = usual[i].directory ? usual[i].directory : env("XDG_RUNTIME_DIR");
        int length = directory ? snprintf(address.sun_path, sizeof address.sun_path, "%s/%s",
                                          directory, usual[i].name)
                               : -1;
        if (length > 0 && length < (int)sizeof address.sun_path && *address.sun_path == '/' &&
            accepts(address.sun_path)) {
            snprintf(host, 128, "unix://%s", address.sun_path);
            return;
        }
    }
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
                    "cannot read %s: %s; correct its permissions or DOCKER_CERT_PATH",
                    files[i].path, strerror(errno));
            return false;
        }
        *files[i].path = '\0';
    }
    if (!*target->cert != !*target->key) {
        err_set(err, ERR_INVALID, "%s has no %s; a client certificate needs cert.pem and key.pem",
                directory, *target->cert ? "key.pem" : "cert.pem");
        return false;
    }
    return true;
}

/* DOCKER_CONFIG, else ~/.docker; NULL without a home. */
static const char *standard_directory(char out[PATH_MAX]) {
    const char *home = env("HOME");
    if (env("DOCKER_CONFIG")) {
        return env("DOCKER_CONFIG");
    }
    return home && join(out, home, ".docker") ? out : NULL;
}

/* From the directory that was named, which must hold something; else from the standard one, which
 * may be empty. */
static bool find_files(struct docker_target *target, const char *cert_path, struct err *err) {
    char standard[PATH_MAX];
    const char *named = cert_path ? cert_path : env("DOCKER_CERT_PATH");
    const char *directory = named ? named : standard_directory(standard);
    if (!directory) {
        return true;
    }
    if (!take_files(target, directory, err)) {
        return false;
    }
    if (named && !*target->ca && !*target->cert) {
        err_set(err, ERR_INVALID,
                "there is no ca.pem and no cert.pem in %s; set DOCKER_CERT_PATH to the directory "
                "that holds them",
                named);
        return false;
    }
    return true;
}

bool docker_target_find(struct docker_target *target, const struct docker_options *options,
                        struct err *err) {
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
    /* https:// alone is verified too: only who asks for it goes without. */
    target->verify = verify || !tls;
    return !target->tls || find_files(target, options->cert_path, err);
}
