/* One shape for a container, from an element of a list and from an inspect reply. */
#include "docker/fields.h"
#include "docker/shapes.h"

#include <ctype.h>
#include <json-c/linkhash.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Docker's words; Podman has some of its own. */
static const struct {
    const char *podman, *docker;
} states[] = {
    {"configured", "created"},
    {"initialized", "created"},
    {"stopping", "running"},
    {"stopped", "exited"},
};

static void add_status(struct build *out, const char *state, char *status, size_t size) {
    snprintf(status, size, "%s", *state ? state : "unknown");
    for (char *c = status; *c; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strcmp(status, states[i].podman) == 0) {
            snprintf(status, size, "%s", states[i].docker);
        }
    }
    build_text(out, "status", status);
}

static bool is_one_of(const char *status, const char *a, const char *b, const char *c) {
    return strcmp(status, a) == 0 || strcmp(status, b) == 0 || strcmp(status, c) == 0;
}

/* A check's last word is worth nothing once the container has stopped: an inspect reply keeps it, a
 * list does not show it. Podman and API 1.52 have an object also where there is no check. */
static void add_health(struct build *out, const char *status, const char *health) {
    bool runs = is_one_of(status, "running", "restarting", "removing");
    if (runs && *health && strcmp(health, "none") != 0) {
        build_text(out, "health", health);
    }
}

static bool has_exited(const char *status) {
    return is_one_of(status, "exited", "dead", "restarting");
}

static struct json_object *own(struct json_object *object) {
    return object ? json_object_get(object) : json_object_new_object();
}

static const char *without_slash(const char *name) {
    return *name == '/' ? name + 1 : name;
}

/* --- ports ----------------------------------------------------------------------------------- */

/* Adds one binding to `ports["80/tcp"]`. */
static void add_binding(struct build *ports, const char *key, const char *ip, const char *port) {
    struct build binding = build_new();
    build_text(&binding, "HostIp", ip);
    build_text(&binding, "HostPort", port);
    struct json_object *bindings = field(ports->object, key, json_type_array);
    if (!bindings) {
        bindings = json_object_new_array();
        build_add(ports, key, bindings);
    }
    if (!ports->object || !binding.object || json_object_array_add(bindings, binding.object) != 0) {
        json_object_put(binding.object);
        json_object_put(ports->object);
        ports->object = NULL;
    }
}

/* [{"IP", "PrivatePort", "PublicPort", "Type"}]; without PublicPort it is exposed only. */
static struct json_object *ports_of_listed(struct json_object *listed) {
    struct json_object *rows = field(listed, "Ports", json_type_array);
    struct build ports = build_new();
    size_t length = rows ? json_object_array_length(rows) : 0;
    for (size_t i = 0; i < length && ports.object; i++) {
        struct json_object *row = json_object_array_get_idx(rows, i);
        int64_t inside, outside;
        if (!field_count(row, "PrivatePort", &inside) ||
            !field_count(row, "PublicPort", &outside) || outside == 0) {
            continue;
        }
        char key[48], port[24];
        snprintf(key, sizeof key, "%lld/%.16s", (long long)inside, field_text(row, "Type", "tcp"));
        snprintf(port, sizeof port, "%lld", (long long)outside);
        add_binding(&ports, key, field_text(row, "IP", ""), port);
    }
    return ports.object;
}

/* {"80/tcp": [{"HostIp", "HostPort"}], "81/tcp": null}; null is exposed only. */
static struct json_object *ports_of_inspected(struct json_object *inspected) {
    struct json_object *network = field(inspected, "NetworkSettings", json_type_object);
    struct json_object *keys = field(network, "Ports", json_type_object);
    struct build ports = build_new();
    if (!keys) {
        return ports.object;
    }
    json_object_object_foreach(keys, key, bindings) {
        bool published = json_object_is_type(bindings, json_type_array);
        size_t length = published ? json_object_array_length(bindings) : 0;
        for (size_t i = 0; i < length && ports.object; i++) {
            struct json_object *binding = json_object_array_get_idx(bindings, i);
            const char *port = field_text(binding, "HostPort", "");
            if (*port) {
                add_binding(&ports, key, field_text(binding, "HostIp", ""), port);
            }
        }
    }
    return ports.object;
}

/* --- from a list ----------------------------------------------------------------------------- */

/* Of "/web-1/db" (an alias that a link gave) and "/web-1" the second. */
static const char *name_of_listed(struct json_object *listed) {
    struct json_object *names = field(listed, "Names", json_type_array);
    size_t length = names ? json_object_array_length(names) : 0;
    const char *first = "";
    for (size_t i = 0; i < length; i++) {
        struct json_object *name = json_object_array_get_idx(names, i);
        if (!json_object_is_type(name, json_type_string)) {
            continue;
        }
        const char *text = without_slash(json_object_get_string(name));
        if (!strchr(text, '/')) {
            return text;
        }
        first = *first ? first : text;
    }
    return first;
}

/* From "Up 9 seconds (health: starting)", where engines before API 1.52 have it. */
static const char *health_of_listed(struct json_object *listed, const char *text) {
    static const char *const marks[][2] = {
        {"(healthy)", "healthy"}, {"(unhealthy)", "unhealthy"}, {"(health: starting)", "starting"}};
    struct json_object *health = field(listed, "Health", json_type_object);
    for (size_t i = 0; !health && i < sizeof marks / sizeof *marks; i++) {
        if (strstr(text, marks[i][0])) {
            return marks[i][1];
        }
    }
    return field_text(health, "Status", "");
}

/* From "Exited (137) 9 seconds ago" or "Restarting (1) 2 seconds ago": a list has it nowhere else.
 */
static void add_listed_exit_code(struct build *out, const char *status, const char *text) {
    const char *code = strchr(text, '(');
    char *end;
    if (!has_exited(status) || !code) {
        return;
    }
    long value = strtol(++code, &end, 10);
    if (end != code && *end == ')') {
        build_int(out, "exit_code", value);
    }
}

struct json_object *docker_summary_of_listed(struct json_object *listed) {
    if (!json_object_is_type(listed, json_type_object)) {
        return NULL;
    }
    struct build out = build_new();
    const char *text = field_text(listed, "Status", "");
    char status[32];
    int64_t created;
    build_text(&out, "container_id", field_text(listed, "Id", ""));
    build_text(&out, "name", name_of_listed(listed));
    add_status(&out, field_text(listed, "State", ""), status, sizeof status);
    build_add(&out, "ports", ports_of_listed(listed));
    build_text(&out, "image", field_text(listed, "Image", ""));
    if (field_count(listed, "Created", &created)) {
        build_int(&out, "created", created);
    }
    build_add(&out, "labels", own(field(listed, "Labels", json_type_object)));
    add_health(&out, status, health_of_listed(listed, text));
    add_listed_exit_code(&out, status, text);
    return out.object;
}

/* --- from an inspect reply ------------------------------------------------------------------- */

struct json_object *docker_summary_of_inspected(struct json_object *inspected) {
    if (!json_object_is_type(inspected, json_type_object)) {
        return NULL;
    }
    struct build out = build_new();
    struct json_object *config = field(inspected, "Config", json_type_object);
    struct json_object *state = field(inspected, "State", json_type_object);
    struct json_object *health = field(state, "Health", json_type_object);
    char status[32];
    int64_t created, exit_code;
    build_text(&out, "container_id", field_text(inspected, "Id", ""));
    build_text(&out, "name", without_slash(field_text(inspected, "Name", "")));
    add_status(&out, field_text(state, "Status", ""), status, sizeof status);
    build_add(&out, "ports", ports_of_inspected(inspected));
    build_text(&out, "image", field_text(config, "Image", field_text(inspected, "Image", "")));
    if (docker_time(field_text(inspected, "Created", ""), &created)) {
        build_int(&out, "created", created / 1000000000);
    }
    build_add(&out, "labels", own(field(config, "Labels", json_type_object)));
    add_health(&out, status, field_text(health, "Status", ""));
    if (has_exited(status) && field_count(state, "ExitCode", &exit_code)) {
        build_int(&out, "exit_code", exit_code);
    }
    return out.object;
}
