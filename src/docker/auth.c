#include "docker/auth.h"

#include "base/digest.h"
#include "base/json.h"
#include "docker/config.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define HUB_KEY      "https://index.docker.io/v1/"
#define HELPER_TOKEN "<token>" /* the user name by which a helper says that it gives a token */

enum { SECRET_MAX = 1 << 20 };

void docker_auth_begin(struct docker_auth *auth, const char *key, const char *helper) {
    *auth = (struct docker_auth){0};
    snprintf(auth->key, sizeof auth->key, "%s", key);
    snprintf(auth->helper, sizeof auth->helper, "%s", helper);
    buf_init(&auth->user, SECRET_MAX);
    buf_init(&auth->password, SECRET_MAX);
    buf_init(&auth->identity_token, SECRET_MAX);
    buf_init(&auth->registry_token, SECRET_MAX);
}

void docker_auth_free(struct docker_auth *auth) {
    buf_wipe(&auth->user);
    buf_wipe(&auth->password);
    buf_wipe(&auth->identity_token);
    buf_wipe(&auth->registry_token);
}

static bool refuse(const struct docker_auth *auth, const char *why, struct err *err) {
    err_set(err, ERR_INVALID,
            "the credentials for \"%.200s\" in the docker config: %s; log in again with docker "
            "login",
            auth->key, why);
    return false;
}

/* --- what the registry is called ------------------------------------------------------------- */

void docker_registry_of(char out[256], const char *image) {
    size_t length = strcspn(image, "/");
    bool registry = length < 256 && image[length] == '/' &&
                    (memchr(image, '.', length) || memchr(image, ':', length) ||
                     (length == 9 && memcmp(image, "localhost", 9) == 0));
    for (size_t i = 0; i < length && image[length] == '/'; i++) {
        registry |= length < 256 && isupper((unsigned char)image[i]); /* no repository has such */
    }
    snprintf(out, 256, "%.*s", registry ? (int)length : 9, registry ? image : "docker.io");
    if (strcmp(out, "index.docker.io") == 0) {
        snprintf(out, 256, "docker.io");
    }
}

void docker_auth_key(char out[256], const char *registry) {
    snprintf(out, 256, "%s", strcmp(registry, "docker.io") == 0 ? HUB_KEY : registry);
}

static bool is_hub(const char *host, size_t length) {
    return (length == 9 && memcmp(host, "docker.io", 9) == 0) ||
           (length == 15 && memcmp(host, "index.docker.io", 15) == 0);
}

/* Whether a key of an old config, a URL with a path perhaps, names the same registry. */
static bool is_same(const char *old, const char *key) {
    const char *host = strncmp(old, "https://", 8) == 0  ? old + 8
                       : strncmp(old, "http://", 7) == 0 ? old + 7
                                                         : old;
    size_t length = strcspn(host, "/");
    return strcmp(key, HUB_KEY) == 0 ? is_hub(host, length)
                                     : strlen(key) == length && memcmp(host, key, length) == 0;
}

/* The entry of exactly that key, else the first that names the same registry. */
static struct json_object *entry(struct json_object *object, const char *key) {
    struct json_object *found = NULL;
    if (!json_object_is_type(object, json_type_object) ||
        json_object_object_get_ex(object, key, &found)) {
        return found;
    }
    json_object_object_foreach(object, old, value) {
        found = !found && is_same(old, key) ? value : found;
    }
    return found;
}

/* --- the config's own credentials ------------------------------------------------------------ */

/* The text of a member, which may be absent. False when it is no text, or there is no memory. */
static bool take_text(struct buf *out, struct json_object *object, const char *name) {
    struct json_object *member = docker_config_member(object, name);
    return !member || (json_object_is_type(member, json_type_string) &&
                       buf_append(out, json_object_get_string(member),
                                  (size_t)json_object_get_string_len(member)));
}

/* "user:password" in base64, in place of members of their own. */
static bool take_pair(struct docker_auth *auth, const struct buf *encoded, struct err *err) {
    struct buf pair;
    buf_init(&pair, SECRET_MAX);
    const char *colon = NULL;
    bool ok = base64_decode(&pair, buf_text(encoded), encoded->length);
    if (ok && pair.length > 0) {
        colon = memchr(pair.data, ':', pair.length);
    }
    if (!ok) {
        refuse(auth, "\"auth\" is no base64", err);
    } else if (!colon) {
        ok = refuse(auth, "\"auth\" is not made of user:password", err);
    } else {
        size_t length = (size_t)(colon - pair.data), rest = pair.length - length - 1;
        while (rest > 0 && colon[rest] == '\0') { /* some tools pad it, and docker takes it off */
            rest--;
        }
        buf_wipe(&auth->user);
        buf_wipe(&auth->password);
        ok = (buf_append(&auth->user, pair.data, length) &&
              buf_append(&auth->password, colon + 1, rest)) ||
             refuse(auth, "out of memory", err);
    }
    buf_wipe(&pair);
    return ok;
}

static bool take_entry(struct docker_auth *auth, struct json_object *found, struct err *err) {
    struct buf encoded;
    if (!found) {
        return true;
    }
    if (!json_object_is_type(found, json_type_object)) {
        return refuse(auth, "they must be an object, {...}", err);
    }
    buf_init(&encoded, SECRET_MAX);
    bool ok = (take_text(&auth->user, found, "username") &&
               take_text(&auth->password, found, "password") &&
               take_text(&auth->identity_token, found, "identitytoken") &&
               take_text(&auth->registry_token, found, "registrytoken") &&
               take_text(&encoded, found, "auth")) ||
              refuse(auth, "its members must be texts of at most 1 MiB", err);
    ok = ok && (encoded.length == 0 || take_pair(auth, &encoded, err));
    buf_wipe(&encoded);
    return ok;
}

/* --- who has them ---------------------------------------------------------------------------- */

static bool take_helper(struct docker_auth *auth, struct json_object *helper, struct err *err) {
    const char *allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    if (!json_object_is_type(helper, json_type_string)) {
        return refuse(auth, "the name of the credential helper must be a string", err);
    }
    const char *name = json_object_get_string(helper);
    size_t length = (size_t)json_object_get_string_len(helper);
    if (length >= sizeof auth->helper || strspn(name, allowed) < length) {
        err_set(err, ERR_INVALID,
                "the credential helper \"%.60s\" in the docker config: its name may hold letters, "
                "digits, _ and -; correct \"credsStore\" or \"credHelpers\"",
                name);
        return false;
    }
    snprintf(auth->helper, sizeof auth->helper, "%s", name);
    return true;
}

bool docker_auth_find(struct docker_auth *auth, struct json_object *config, const char *registry,
                      struct err *err) {
    docker_auth_begin(auth, "", "");
    docker_auth_key(auth->key, registry);
    struct json_object *helper = entry(docker_config_member(config, "credHelpers"), auth->key);
    helper = helper ? helper : docker_config_member(config, "credsStore");
    if (helper && !take_helper(auth, helper, err)) {
        return false;
    }
    if (*auth->helper) {
        return true;
    }
    if (take_entry(auth, entry(docker_config_member(config, "auths"), auth->key), err)) {
        return true;
    }
    docker_auth_free(auth);
    return false;
}

static bool refuse_helper(const struct docker_auth *auth, const char *why, struct err *err) {
    err_set(err, ERR_INVALID,
            "docker-credential-%s, asked for \"%.200s\", printed %s; try: echo %.200s | "
            "docker-credential-%s get",
            auth->helper, auth->key, why, auth->key, auth->helper);
    return false;
}

static bool take_answer(struct docker_auth *auth, struct json_object *answer, struct err *err) {
    struct buf secret;
    buf_init(&secret, SECRET_MAX);
    bool ok = json_object_is_type(answer, json_type_object) &&
              take_text(&auth->user, answer, "Username") && take_text(&secret, answer, "Secret");
    bool token = ok && strcmp(buf_text(&auth->user), HELPER_TOKEN) == 0;
    if (token) {
        buf_wipe(&auth->user);
    }
    ok = ok && (token || auth->user.length > 0 || secret.length == 0) &&
         buf_append(token ? &auth->identity_token : &auth->password, secret.data, secret.length);
    buf_wipe(&secret);
    return ok || refuse_helper(auth, "JSON that is no {\"Username\": ..., \"Secret\": ...}", err);
}

bool docker_auth_read_helper(struct docker_auth *auth, const char *text, size_t length,
                             struct err *err) {
    struct json_object *answer = NULL;
    if (!json_parse(text, length, &json_strict, &answer, NULL)) {
        return refuse_helper(auth, "something that is no JSON", err);
    }
    bool ok = take_answer(auth, answer, err);
    json_object_put(answer);
    if (!ok) {
        docker_auth_free(auth);
    }
    return ok;
}

/* --- the header ------------------------------------------------------------------------------ */

static bool put(struct json_object *object, const char *name, const struct buf *text) {
    struct json_object *value =
        text->length > 0 ? json_object_new_string_len(text->data, (int)text->length) : NULL;
    if (text->length == 0) {
        return true;
    }
    if (value && json_object_object_add(object, name, value) == 0) {
        return true;
    }
    json_object_put(value);
    return false;
}

bool docker_auth_header(struct buf *out, const struct docker_auth *auth) {
    size_t length;
    if (auth->user.length + auth->password.length + auth->identity_token.length +
            auth->registry_token.length ==
        0) {
        return true;
    }
    struct buf key = {(char *)auth->key, strlen(auth->key), 0, 0};
    struct json_object *object = json_object_new_object();
    bool ok = object && put(object, "username", &auth->user) &&
              put(object, "password", &auth->password) &&
              put(object, "identitytoken", &auth->identity_token) &&
              put(object, "registrytoken", &auth->registry_token) &&
              put(object, "serveraddress", &key);
    const char *text =
        ok ? json_object_to_json_string_length(
                 object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length)
           : NULL;
    ok = text && base64_encode(out, text, length, true);
    json_object_put(object);
    return ok;
}
