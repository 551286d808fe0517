/* A reply of the engine that is read as it comes: stream_transfer.c takes it from the engine,
 * stream.c hands it to Lua, stream_forms.c and stream_json.c say what its bytes become. */
#ifndef MOONTIDE_BIND_STREAM_H
#define MOONTIDE_BIND_STREAM_H

#include "bind/engine.h"
#include "docker/frames.h"
#include "docker/log.h"
#include "docker/shapes.h"
#include "docker/split.h"
#include "loop/loop.h"
#include "task/task.h"

struct stream {
    const struct stream_form *form;
    struct docker *docker;
    struct loop *loop;
    struct docker_call *call;     /* NULL: not under way */
    struct task *reader, *writer; /* who waits; NULL: nobody */
    const struct docker_row *row;
    const char *object;      /* the fields' */
    bool head, done, closed; /* the reply's head has come; nothing more will come */
    bool paused;             /* the transfer waits until the reader has read */
    bool starving;           /* the reader has looked at all that has come */
    bool failed;
    struct err err;
    struct buf headers;
    char start[120]; /* of the body: for messages */
    size_t start_length;
    int64_t slice; /* since when the reader runs without waiting */
    unsigned taken;
    struct deadline patience; /* with a full ring */
    /* A ring that was full too long: what comes is dropped until the reader has read the rest, and
     * then up to the end of a line. */
    bool dropping, resync;

    struct split split; /* of JSON */
    struct json_object *json, *shaped;
    struct docker_sample sample; /* of the last stats */
    struct log_reader *log;
    bool timed, stamps;
    struct buf bytes;
    size_t at;
    struct frames frames;
};

enum stream_step {
    STEP_ITEM,  /* its values are pushed, the first is not nil */
    STEP_MORE,  /* none is complete */
    STEP_END,   /* there will be no more, whatever else comes */
    STEP_FAULT, /* s->err says why there will be no more */
};

struct stream_form {
    const char *name;
    size_t high;    /* bytes held above which the transfer is paused, unless a value is larger */
    unsigned burst; /* values that take no time worth looking at the clock for */
    bool ring;      /* paused for at most a second, then dropping */
    bool (*open)(lua_State *L, struct stream *s); /* reads its own fields of the table at 2 */
    bool (*feed)(struct stream *s, const char *data, size_t length);
    size_t (*held)(const struct stream *s);
    enum stream_step (*next)(lua_State *L, struct stream *s);
    const char *(*end_fault)(const struct stream *s); /* why it may not end here; NULL */
    void (*free)(struct stream *s);
};

/* By name, the second one those of JSON. NULL: unknown. */
const struct stream_form *stream_form(const char *name);
const struct stream_form *stream_json_form(const char *name);

/* stream_transfer.c. listen: what comes goes to `s`. stop: nothing more will, who waits is told. */
void stream_listen(struct stream *s, struct docker_request *request);
void stream_stop(struct stream *s);
void stream_wake(struct task **task);

/* The error of a reply that no engine gives; what begins with `text` is wrong. STEP_FAULT. */
enum stream_step stream_unexpected(struct stream *s, const char *why, const char *text,
                                   size_t size);

#endif
