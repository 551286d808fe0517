#include "docker/event.h"

#include "docker/fields.h"

#include <string.h>

/* Podman's words, and Docker's for the same. */
static const struct {
    const char *type, *podman, *docker;
} words[] = {
    {"container", "remove", "destroy"},
    {"container", "died", "die"},
    {"volume", "remove", "destroy"},
    {"image", "remove", "delete"},
};

/* "exec_create: sh -c x: y" is the action exec_create with the detail "sh -c x: y". */
static void read_action(struct docker_event *event, const char *text, struct json_object *json) {
    const char *colon = strchr(text, ':');
    event->action = text;
    event->action_length = colon ? (size_t)(colon - text) : strlen(text);
    if (colon) {
        colon++;
        event->detail = colon + (*colon == ' ');
    } else {
        event->detail = field_text(json, "HealthStatus", NULL); /* Podman's place for it */
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(event->type, words[i].type) == 0 && strcmp(text, words[i].podman) == 0) {
            event->action = words[i].docker;
            event->action_length = strlen(words[i].docker);
        }
    }
}

static bool read_time(struct docker_event *event, struct json_object *json) {
    int64_t seconds;
    if (field_count(json, "timeNano", &event->time_nano) && event->time_nano > 0) {
        return true;
    }
    if (!field_count(json, "time", &seconds) || seconds == 0 || seconds > INT64_MAX / 1000000000) {
        return false;
    }
    event->time_nano = seconds * 1000000000;
    return true;
}

bool docker_event_read(struct docker_event *event, struct json_object *json) {
    struct json_object *actor = field(json, "Actor", json_type_object);
    /* Before API 1.22 there were containers' events only, without Type, Action and Actor. */
    const char *action = field_text(json, "Action", field_text(json, "status", ""));
    *event = (struct docker_event){
        .type = field_text(json, "Type", "container"),
        .id = field_text(actor, "ID", field_text(json, "id", "")),
        .attributes = field(actor, "Attributes", json_type_object),
    };
    if (!*action || !*event->type) {
        return false;
    }
    read_action(event, action, json);
    return read_time(event, json);
}
