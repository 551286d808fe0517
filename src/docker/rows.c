#include "docker/rows.h"

#include <string.h>

#define OBJECT  .expect = EXPECT_OBJECT
#define ARRAY   .expect = EXPECT_ARRAY
#define ANY     .expect = EXPECT_ANYTHING
#define PONG    .expect = EXPECT_PONG
#define LONG    .class = HTTP_LONG
#define FRESH   .fresh = true
#define TIME(s) .timeout = (s)
#define DONE(s) .done = (s)

/* The times are for a busy engine: fifty containers that start at once on two cores take 20 s. Stop
 * and restart wait for the container's grace, so their callers set the time: grace + 15 s, because
 * the engine needs up to 12 s to kill. Podman 4 answers 500 where Docker has a status of its own.
 */
static const struct docker_row rows[] = {
    {"ping", "GET", "/_ping", NULL, PONG, .unversioned = true},
    {"version", "GET", "/version", NULL, OBJECT},
    {"info", "GET", "/info", NULL, OBJECT, TIME(60)},
    {"request", NULL, NULL, NULL, ANY, LONG, FRESH, TIME(300)},

    {"list", "GET", "/containers/json", NULL, ARRAY, TIME(60)},
    {"inspect", "GET", "/containers/%s/json", "container", OBJECT},
    {"stats", "GET", "/containers/%s/stats", "container", OBJECT, LONG},

    {"create", "POST", "/containers/create", "container", OBJECT, FRESH, TIME(120)},
    {"start", "POST", "/containers/%s/start", "container", TIME(120), DONE("304")},
    {"stop", "POST", "/containers/%s/stop", "container", LONG, TIME(25), DONE("304")},
    {"restart", "POST", "/containers/%s/restart", "container", LONG, FRESH, TIME(25)},
    {"kill", "POST", "/containers/%s/kill", "container", FRESH,
     DONE("409 is not running|500 is not running|409 only kill running|500 only kill running")},
    {"pause", "POST", "/containers/%s/pause", "container",
     DONE("409 already paused|500 already paused")},
    {"unpause", "POST", "/containers/%s/unpause", "container",
     DONE("409 not paused|500 not paused")},
    {"remove", "DELETE", "/containers/%s", "container", TIME(120),
     DONE("404 no such container|404 no container with")},
};

const struct docker_row *docker_row(const char *name) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}
