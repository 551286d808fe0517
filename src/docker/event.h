/* One event of the engine, in moontide's words. Pure. */
#ifndef MOONTIDE_DOCKER_EVENT_H
#define MOONTIDE_DOCKER_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

struct docker_event {   /* strings are the tree's or static; never NULL unless it says so */
    const char *type;   /* "container", "image", "network", "volume", "daemon", ... */
    const char *action; /* up to its colon; Podman's words as Docker's: "destroy" for "remove" of a
                           container, "die" for "died" */
    size_t action_length;
    const char *detail; /* after ": ", as in "exec_create: sh" and "health_status: healthy"; NULL */
    const char *id;     /* of the actor, "" if there is none */
    struct json_object *attributes; /* NULL: none */
    int64_t time_nano;              /* ns since 1970; of `time` where the engine gives no more */
};

/* False when `json` is no event: no object, no type and action in any of the forms of API 1.24 to
 * 1.55 and Podman, or no time. */
bool docker_event_read(struct docker_event *event, struct json_object *json);

#endif
