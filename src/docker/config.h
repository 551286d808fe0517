/* The docker CLI's files: config.json and the contexts beside it. */
#ifndef MOONTIDE_DOCKER_CONFIG_H
#define MOONTIDE_DOCKER_CONFIG_H

#include "base/buf.h"
#include "base/err.h"
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct json_object;

/* DOCKER_CONFIG, else ~/.docker. False without a home. */
bool docker_config_directory(char out[PATH_MAX]);

/* config.json of that directory, NULL where there is none; the caller puts it. False and `err`
 * (invalid, with the file's name, line and reason) when it cannot be read. */
bool docker_config_load(const char *directory, struct json_object **config, struct err *err);

/* Reads the text of a config.json: an object, or nothing but white space, which is NULL. Also false
 * when a member that we know has another type. Pure. */
bool docker_config_parse(const char *text, size_t length, const char *file,
                         struct json_object **config, struct err *err);

/* The name of the config's current context, NULL for none and for "default". Pure. */
const char *docker_config_context(struct json_object *config);

/* The member of that name in any letter case, as the docker CLI reads its files, the exact one
 * first; NULL: there is none, or it is null. `object` may be NULL. */
struct json_object *docker_config_member(struct json_object *object, const char *name);

/* Appends the content of a regular file, or says in `missing` that there is none. False and `err`
 * (invalid) when it cannot be read or is longer than the buffer's limit. */
bool docker_config_read(struct buf *text, const char *path, bool *missing, struct err *err);

struct docker_context {
    char host[256]; /* "unix:///run/docker.sock", as the context has it */
    bool skip_verify;
    char tls_directory[PATH_MAX]; /* of ca.pem, cert.pem and key.pem; "" when there is none */
};

/* Reads the text of a context's meta.json. False and `err` (invalid) for what is none, or has no
 * docker endpoint. Pure. */
bool docker_context_parse(struct docker_context *context, const char *text, size_t length,
                          const char *name, struct err *err);

/* Finds the context in contexts/meta/<sha256 of its name>. False and `err` (invalid), when it does
 * not exist with the names of those that do. */
bool docker_context_load(struct docker_context *context, const char *directory, const char *name,
                         struct err *err);

#endif
