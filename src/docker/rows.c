#include "docker/rows.h"

#include <string.h>

#define OBJECT  .expect = EXPECT_OBJECT
#define ARRAY   .expect = EXPECT_ARRAY
#define FRAME   .expect = EXPECT_FRAME
#define ANY     .expect = EXPECT_ANYTHING
#define PONG    .expect = EXPECT_PONG
#define BYTES   .expect = EXPECT_BYTES
#define LONG    .class = HTTP_LONG
#define STREAM  .class = HTTP_STREAM
#define FRESH   .fresh = true
#define TIME(s) .timeout = (s)
#define DONE(s) .done = (s)

/* The times are for a busy engine: fifty containers that start at once on two cores take 20 s. Stop
 * and restart wait for the container's grace, so their callers set the time: grace + 15 s, because
 * the engine needs up to 12 s to kill. Podman 4 answers 500 where Docker has a status of its own,
 * and sends nothing where Docker sends a frame of zeroes: stats of a container that does not run.
 */
static const struct docker_row rows[] = {
    {"ping", "GET", "/_ping", NULL, PONG, .unversioned = true},
    {"version", "GET", "/version", NULL, OBJECT},
    {"info", "GET", "/info", NULL, OBJECT, TIME(60)},
    {"request", NULL, NULL, NULL, ANY, LONG, FRESH, TIME(300)},

    {"list", "GET", "/containers/json", NULL, ARRAY, TIME(60)},
    {"inspect", "GET", "/containers/%s/json", "container", OBJECT},
    {"stats", "GET", "/containers/%s/stats", "container", FRAME, LONG},

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
    {"rename", "POST", "/containers/%s/rename", "container", FRESH,
     DONE("400 same name as its current name|409 same name as its current name")},
    {"update", "POST", "/containers/%s/update", "container", OBJECT},
    {"wait", "POST", "/containers/%s/wait", "container", OBJECT, LONG, TIME(DOCKER_NO_TIMEOUT)},
    {"logs", "GET", "/containers/%s/logs", "container", BYTES, STREAM},
    {"copy_to", "PUT", "/containers/%s/archive", "container", LONG, FRESH, TIME(300)},
    {"copy_from", "GET", "/containers/%s/archive", "container", BYTES, STREAM, TIME(300)},
    {"exec_create", "POST", "/containers/%s/exec", "container", OBJECT, FRESH},
    {"exec_start", "POST", "/exec/%s/start", "exec", BYTES, STREAM, FRESH, .duplex = true},
    {"exec_inspect", "GET", "/exec/%s/json", "exec", OBJECT},

    {"events", "GET", "/events", NULL, BYTES, STREAM},

    {"images", "GET", "/images/json", NULL, ARRAY, TIME(60)},
    {"image", "GET", "/images/%s/json", "image", OBJECT},
    {"pull", "POST", "/images/create", "image", BYTES, STREAM, FRESH, TIME(120)},
    {"tag", "POST", "/images/%s/tag", "image", FRESH},
    {"remove_image", "DELETE", "/images/%s", "image", ARRAY, TIME(120),
     DONE("404 no such image|404 image not known")},

    {"networks", "GET", "/networks", NULL, ARRAY},
    {"network", "GET", "/networks/%s", "network", OBJECT},
    {"network_create", "POST", "/networks/create", "network", OBJECT, FRESH},
    {"network_connect", "POST", "/networks/%s/connect", "network", FRESH},
    {"network_disconnect", "POST", "/networks/%s/disconnect", "network", FRESH,
     DONE("403 is not connected to|404 is not connected to|409 is not connected to|500 is not "
          "connected to")},
    {"network_remove", "DELETE", "/networks/%s", "network", DONE("404")},

    {"volumes", "GET", "/volumes", NULL, OBJECT},
    {"volume", "GET", "/volumes/%s", "volume", OBJECT},
    {"volume_create", "POST", "/volumes/create", "volume", OBJECT},
    {"volume_remove", "DELETE", "/volumes/%s", "volume", DONE("404")},

    {"prune", "POST", "/%s/prune", NULL, OBJECT, LONG, TIME(300)},
};

const struct docker_row *docker_row(const char *name) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}
