/* config.json, and how any file of the docker CLI is read. */
#include "docker/config.h"

#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONFIG_MAX = 4 << 20 };

bool docker_config_directory(char out[PATH_MAX]) {
    const char *named = getenv("DOCKER_CONFIG"), *home = getenv("HOME");
    if (named && *named) {
        return snprintf(out, PATH_MAX, "%s", named) < PATH_MAX;
    }
    return home && *home && snprintf(out, PATH_MAX, "%s/.docker", home) < PATH_MAX;
}

/* --- files ----------------------------------------------------------------------------------- */

static bool refuse(const char *path, const char *why, const char *next, struct err *err) {
    err_set(err, ERR_INVALID, "cannot read %.300s: %s; %s", path, why, next);
    return false;
}

/* What keeps the file from being opened, unless it is not there at all. */
static bool explain_open(const char *path, bool *missing, struct err *err) {
    int error = errno;
    struct stat link;
    if (error == ENOENT && lstat(path, &link) == 0) {
        return refuse(path, "it is a link to a file that does not exist",
                      "mend the link or remove it", err);
    }
    *missing = error == ENOENT;
    const char *next = error == EACCES || error == EPERM ? "make it readable for this user"
                                                         : "correct the path or remove it";
    return *missing || refuse(path, strerror(error), next, err);
}

static bool read_all(struct buf *text, int fd, const char *path, struct err *err) {
    char piece[4096];
    ssize_t got;
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return refuse(path, "it is no regular file", "put a file there, or nothing", err);
    }
    while ((got = read(fd, piece, sizeof piece)) > 0) {
        if (!buf_append(text, piece, (size_t)got)) {
            char why[64];
            snprintf(why, sizeof why, "it is longer than %zu KiB", text->limit >> 10);
            return refuse(path, why, "remove what does not belong there", err);
        }
    }
    return got == 0 || refuse(path, strerror(errno), "read it by hand to find out more", err);
}

bool docker_config_read(struct buf *text, const char *path, bool *missing, struct err *err) {
    *missing = false;
    /* Something else than a file, a pipe for example, may not hold us up. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return explain_open(path, missing, err);
    }
    bool ok = read_all(text, fd, path, err);
    close(fd);
    return ok;
}

/* --- config.json ----------------------------------------------------------------------------- */

struct json_object *docker_config_member(struct json_object *object, const char *name) {
    struct json_object *found = NULL;
    if (!json_object_is_type(object, json_type_object) ||
        json_object_object_get_ex(object, name, &found)) {
        return found;
    }
    json_object_object_foreach(object, key, value) {
        found = !found && strcasecmp(key, name) == 0 ? value : found;
    }
    return found;
}

static bool check_types(struct json_object *config, const char *file, struct err *err) {
    static const struct {
        const char *name;
        enum json_type type;
        const char *noun;
    } members[] = {
        {"currentContext", json_type_string, "a string"},
        {"credsStore", json_type_string, "a string"},
        {"credHelpers", json_type_object, "an object"},
        {"auths", json_type_object, "an object"},
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        struct json_object *member = docker_config_member(config, members[i].name);
        if (member && !json_object_is_type(member, members[i].type)) {
            err_set(err, ERR_INVALID, "%.300s: \"%s\" must be %s; correct the file", file,
                    members[i].name, members[i].noun);
            return false;
        }
    }
    return true;
}

bool docker_config_parse(const char *text, size_t length, const char *file,
                         struct json_object **config, struct err *err) {
    struct json_error error;
    *config = NULL;
    if (strspn(length > 0 ? text : "", " \t\r\n") == length) {
        return true;
    }
    if (!json_parse(text, length, &json_strict, config, &error)) {
        err_set(err, ERR_INVALID, "%.300s:%u:%u: %s; correct the file", file, error.line,
                error.column, error.reason);
        return false;
    }
    bool object = json_object_is_type(*config, json_type_object);
    if (!object) {
        err_set(err, ERR_INVALID, "%.300s: it must hold an object, {...}; correct the file", file);
    }
    if (object && check_types(*config, file, err)) {
        return true;
    }
    json_object_put(*config);
    *config = NULL;
    return false;
}

bool docker_config_load(const char *directory, struct json_object **config, struct err *err) {
    char path[PATH_MAX];
    struct buf text;
    bool missing;
    *config = NULL;
    if (snprintf(path, sizeof path, "%s/config.json", directory) >= (int)sizeof path) {
        return refuse(directory, strerror(ENAMETOOLONG), "use a shorter DOCKER_CONFIG", err);
    }
    buf_init(&text, CONFIG_MAX);
    bool ok = docker_config_read(&text, path, &missing, err) &&
              (missing || docker_config_parse(buf_text(&text), text.length, path, config, err));
    buf_wipe(&text); /* passwords may stand in it */
    return ok;
}

const char *docker_config_context(struct json_object *config) {
    struct json_object *member = docker_config_member(config, "currentContext");
    const char *name = member ? json_object_get_string(member) : "";
    return *name && strcmp(name, "default") != 0 ? name : NULL;
}
