/* Contexts of the docker CLI: contexts/meta/<sha256 of the name>/meta.json and its TLS files. */
#include "base/digest.h"
#include "base/json.h"
#include "docker/config.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { META_MAX = 1 << 20, NAMES_SHOWN = 8, NAMES_MAX = 1000, WORD_MAX = 64 };

/* --- one context ----------------------------------------------------------------------------- */

static bool refuse(const char *name, const char *why, struct err *err) {
    err_set(err, ERR_INVALID,
            "context \"%.100s\": %s; correct it with docker context update, or remove it with "
            "docker context rm",
            name, why);
    return false;
}

static bool take_endpoint(struct docker_context *context, struct json_object *meta,
                          const char *name, struct err *err) {
    struct json_object *endpoints = docker_config_member(meta, "Endpoints");
    struct json_object *docker = docker_config_member(endpoints, "docker");
    struct json_object *host = docker_config_member(docker, "Host");
    struct json_object *skip = docker_config_member(docker, "SkipTLSVerify");
    if (!json_object_is_type(docker, json_type_object)) {
        return refuse(name, "it has no docker endpoint", err);
    }
    if (!json_object_is_type(host, json_type_string) || json_object_get_string_len(host) == 0) {
        return refuse(name, "its docker endpoint has no \"Host\"", err);
    }
    if (skip && !json_object_is_type(skip, json_type_boolean)) {
        return refuse(name, "\"SkipTLSVerify\" must be true or false", err);
    }
    const char *text = json_object_get_string(host);
    size_t length = (size_t)json_object_get_string_len(host);
    if (length >= sizeof context->host || strlen(text) < length) {
        return refuse(name, "its \"Host\" is too long, or holds a NUL", err);
    }
    snprintf(context->host, sizeof context->host, "%s", text);
    context->skip_verify = skip && json_object_get_boolean(skip);
    return true;
}

bool docker_context_parse(struct docker_context *context, const char *text, size_t length,
                          const char *name, struct err *err) {
    struct json_error error;
    struct json_object *meta = NULL;
    *context = (struct docker_context){0};
    if (!json_parse(text, length, &json_strict, &meta, &error)) {
        char why[128];
        snprintf(why, sizeof why, "line %u, column %u of its meta.json: %s", error.line,
                 error.column, error.reason);
        return refuse(name, why, err);
    }
    bool ok = take_endpoint(context, meta, name, err);
    json_object_put(meta);
    return ok;
}

/* --- which contexts there are ---------------------------------------------------------------- */

struct names {
    char *list[NAMES_MAX];
    size_t count;
};

/* What the context is called that is kept there; NULL when that cannot be told. */
static char *read_name(const char *path) {
    struct buf text;
    struct err err;
    struct json_object *meta = NULL;
    bool missing;
    char *name = NULL;
    buf_init(&text, META_MAX);
    if (docker_config_read(&text, path, &missing, &err) && !missing &&
        json_parse(buf_text(&text), text.length, &json_strict, &meta, NULL)) {
        struct json_object *member = docker_config_member(meta, "Name");
        name = json_object_is_type(member, json_type_string)
                   ? strdup(json_object_get_string(member))
                   : NULL;
    }
    json_object_put(meta);
    buf_free(&text);
    return name;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_names(struct names *names, const char *directory) {
    char path[PATH_MAX];
    names->count = 0;
    DIR *metas = snprintf(path, sizeof path, "%s/contexts/meta", directory) < (int)sizeof path
                     ? opendir(path)
                     : NULL;
    for (struct dirent *entry; metas && names->count < NAMES_MAX && (entry = readdir(metas));) {
        bool fits = snprintf(path, sizeof path, "%s/contexts/meta/%s/meta.json", directory,
                             entry->d_name) < (int)sizeof path;
        char *name = fits && *entry->d_name != '.' ? read_name(path) : NULL;
        if (name) {
            names->list[names->count++] = name;
        }
    }
    if (metas) {
        closedir(metas);
    }
    qsort(names->list, names->count, sizeof *names->list, by_name);
}

/* Letters to change, add, leave out or swap with their neighbour, in any letter case. */
static size_t distance(const char *a, const char *b) {
    size_t rows[3][WORD_MAX + 1], *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= strlen(b); j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= strlen(a); i++) {
        size_t *oldest = before;
        before = last, last = row, row = oldest;
        row[0] = i;
        for (size_t j = 1; j <= strlen(b); j++) {
            int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
            size_t best = last[j - 1] + (x != y);
            best = last[j] + 1 < best ? last[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            bool swapped = i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                           y == tolower((unsigned char)a[i - 2]);
            row[j] = swapped && before[j - 2] + 1 < best ? before[j - 2] + 1 : best;
        }
    }
    return row[strlen(b)];
}

/* NULL when nothing is near: a third of the letters may differ, at least one. */
static const char *nearest(const struct names *names, const char *name) {
    const char *best = NULL;
    size_t shortest = 0;
    for (size_t i = 0; i < names->count; i++) {
        const char *other = names->list[i];
        size_t a = strlen(name), b = strlen(other), longer = a > b ? a : b;
        if (longer > WORD_MAX) {
            continue;
        }
        size_t d = distance(name, other);
        if (d <= (longer < 6 ? 1 : longer / 3) && d < b && (!best || d < shortest)) {
            best = other;
            shortest = d;
        }
    }
    return best;
}

/* Which contexts there are, and which one of them was meant. */
static bool refuse_unknown(const char *directory, const char *name, struct err *err) {
    struct names names;
    char shown[320] = "\"default\"", meant[WORD_MAX + 32] = "";
    list_names(&names, directory);
    size_t used = strlen(shown);
    for (size_t i = 0; i < names.count && i < NAMES_SHOWN; i++) {
        used += (size_t)snprintf(shown + used, sizeof shown - used, ", \"%.30s\"", names.list[i]);
    }
    if (names.count > NAMES_SHOWN) {
        snprintf(shown + used, sizeof shown - used, " and %zu more", names.count - NAMES_SHOWN);
    }
    const char *near = nearest(&names, name);
    if (near) {
        snprintf(meant, sizeof meant, " (did you mean \"%s\"?)", near);
    }
    err_set(err, ERR_INVALID,
            "there is no context \"%.60s\"%s; there are %s; make one with docker context create",
            name, meant, shown);
    for (size_t i = 0; i < names.count; i++) {
        free(names.list[i]);
    }
    return false;
}

/* --- loading --------------------------------------------------------------------------------- */

/* The directory counts when it holds one of the files, or keeps us from seeing whether it does. */
static void find_tls(struct docker_context *context, const char *directory, const char *digest) {
    static const char *const files[] = {"ca.pem", "cert.pem", "key.pem"};
    char tls[PATH_MAX], path[PATH_MAX];
    bool found = false;
    int length = snprintf(tls, sizeof tls, "%s/contexts/tls/%s/docker", directory, digest);
    for (size_t i = 0; i < sizeof files / sizeof *files && length < PATH_MAX; i++) {
        found |= snprintf(path, sizeof path, "%s/%s", tls, files[i]) < (int)sizeof path &&
                 (access(path, F_OK) == 0 || errno != ENOENT);
    }
    snprintf(context->tls_directory, sizeof context->tls_directory, "%s", found ? tls : "");
}

bool docker_context_load(struct docker_context *context, const char *directory, const char *name,
                         struct err *err) {
    char digest[SHA256_HEX_SIZE], path[PATH_MAX];
    struct buf text;
    bool missing;
    sha256_hex(digest, name, strlen(name));
    *context = (struct docker_context){0};
    if (snprintf(path, sizeof path, "%s/contexts/meta/%s/meta.json", directory, digest) >=
        (int)sizeof path) {
        return refuse(name, "the path of its file is too long", err);
    }
    buf_init(&text, META_MAX);
    bool ok = docker_config_read(&text, path, &missing, err);
    if (ok && missing) {
        ok = refuse_unknown(directory, name, err);
    } else if (ok) {
        ok = docker_context_parse(context, buf_text(&text), text.length, name, err);
    }
    buf_free(&text);
    if (ok) {
        find_tls(context, directory, digest);
    }
    return ok;
}
