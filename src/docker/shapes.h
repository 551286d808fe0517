/* What the engine says, in moontide's words. Everything here is pure. */
#ifndef MOONTIDE_DOCKER_SHAPES_H
#define MOONTIDE_DOCKER_SHAPES_H

#include "base/err.h"
#include "docker/rows.h"
#include <stdbool.h>
#include <stdint.h>

struct json_object;

/* How a message about a call begins: `container "web-1": `; "" where there is no object, because
 * who shows the message knows the call. */
void docker_subject(char *out, size_t size, const struct docker_row *row, const char *object);

/* kind, next, status and a message for people, of a reply that is no success (304, 400 and above).
 * `object` may be NULL. ERR_NONE with NEXT_DONE: the row's `done` covers it. */
void docker_classify(struct err *err, const struct docker_row *row, const char *object, int status,
                     const char *body, size_t length);

/* The summary of one element of a list, and of an inspect reply:
 *   container_id  64 hex digits            name     without "/"; "" if there is none
 *   status        "created", "running", "paused", "restarting", "removing", "exited" or "dead";
 *                 another engine's word in lower case; "unknown"
 *   ports         {"80/tcp": [{"HostIp", "HostPort": "32768"}]}, unpublished ones left out
 *   image         as the engine names it   created  Unix s
 *   labels        {}, also for null        health   "starting", "healthy", "unhealthy"; absent when
 *                                                   there is no check or nothing runs
 *   exit_code     of the last run; absent while running and before the first run
 * A field of a wrong type counts as missing. Both return a new object, or NULL when out of memory
 * or when the argument is not an object. */
struct json_object *docker_summary_of_listed(struct json_object *listed);
struct json_object *docker_summary_of_inspected(struct json_object *inspected);

/* What CPU time is counted from: a reading of one container's counters, 0 for none. */
struct docker_sample {
    int64_t read; /* ns since 1970 */
    int64_t cpu;  /* ns */
};

/* The figures of one stats reply; what cannot be known is left out:
 *   cpu_percent   of one core: 150.0 is one and a half cores
 *   mem_usage     bytes without the page cache, as `docker stats`   mem_limit  bytes
 *   mem_percent   net_rx net_tx block_read block_write  bytes since the start   pids
 *   source        "engine"
 * Where there is no earlier reading in the reply (Podman's without stream, the first one of a
 * stream) cpu_percent is counted from `sample`, which then becomes this reply's. Returns a new
 * object, or NULL when out of memory or when `reply` is not an object. */
struct json_object *docker_stats(struct json_object *reply, struct docker_sample *sample);

/* RFC 3339 with up to 9 digits of fraction -> ns since 1970. False for what is no time, and for
 * Go's zero time (year 1), which the engine writes for "never". */
bool docker_time(const char *text, int64_t *ns);

#endif
