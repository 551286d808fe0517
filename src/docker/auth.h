/* Who we are to a registry, from the docker config. Pure; who runs a helper is somebody else. */
#ifndef MOONTIDE_DOCKER_AUTH_H
#define MOONTIDE_DOCKER_AUTH_H

#include "base/buf.h"
#include "base/err.h"

struct json_object;

struct docker_auth {  /* all "" : anonymous. Never to be shown but for helper and key */
    char key[256];    /* what the registry is called in the config: "registry:5000",
                         "https://index.docker.io/v1/" */
    char helper[128]; /* docker-credential-<helper> is to be asked for `key`; "": not */
    struct buf user, password, identity_token, registry_token;
};

/* Nothing but its key and its helper, both cut at what they may be long. */
void docker_auth_begin(struct docker_auth *auth, const char *key, const char *helper);
/* Forgets the secrets. */
void docker_auth_free(struct docker_auth *auth);

/* The registry of an image's name: "docker.io" for "nginx" and "me/nginx". */
void docker_registry_of(char out[256], const char *image);

/* What that registry is called in the config. */
void docker_auth_key(char out[256], const char *registry);

/* Looks `registry` up in the config (NULL: there is none): credHelpers, then credsStore, then
 * auths, where keys of old configs, "https://HOST/v1/", name the registry HOST. False and `err`
 * (invalid), without secrets, when its entry cannot be understood; then nothing is to be freed. */
bool docker_auth_find(struct docker_auth *auth, struct json_object *config, const char *registry,
                      struct err *err);

/* Reads what a helper has printed for `get`; a user name "<token>" is an identity token. False and
 * `err` (invalid), without what it printed, when that cannot be understood. */
bool docker_auth_read_helper(struct docker_auth *auth, const char *text, size_t length,
                             struct err *err);

/* Appends the value of X-Registry-Auth: JSON in base64url with padding. Nothing for anonymous. */
bool docker_auth_header(struct buf *out, const struct docker_auth *auth);

#endif
