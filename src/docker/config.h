/* The docker CLI's files: config.json and the contexts beside it. */
#ifndef MOONTIDE_DOCKER_CONFIG_H
#define MOONTIDE_DOCKER_CONFIG_H

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

/* Reads the text of a config.json: an object, or nothing but white space. Pure. */
bool docker_config_parse(const char *text, size_t length, const char *file,
                         struct json_object **config, struct err *err);

/* The name of the config's current context, NULL for none and for "default". Pure. */
const char *docker_config_context(struct json_object *config);

struct docker_context {
    char host[256]; /* "unix:///run/docker.sock", as the context has it */
    bool skip_verify;
    char tls_directory[PATH_MAX]; /* of ca.pem, cert.pem and key.pem; "" when there is none */
};

/* Reads the text of a context's meta.json. False and `err` (invalid) for what is none, or has no
 * docker endpoint. Pure. */
bool docker_context_parse(struct docker_context *context, const char *text, size_t length,
                          const char *name, struct err *err);

/* Finds the context in contexts/meta/<sha256 of its name>. False and `err` (invalid) with the names
 * of the contexts that there are when it does not exist. */
bool docker_context_load(struct docker_context *context, const char *directory, const char *name,
                         struct err *err);

#endif
