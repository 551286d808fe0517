/* The transfer of a stream: what libcurl and the clock bring is stored, and the reader is woken. */
#include "bind/stream.h"
#include "docker/shapes.h"
#include <stddef.h>
#include <string.h>

#define SELF(deadline_, member)                                                                    \
    ((struct stream *)(void *)((char *)(deadline_)-offsetof(struct stream, member)))

#define PATIENCE LOOP_SECOND

void stream_wake(struct task **task) {
    if (*task)
        task_wake(*task);
    *task = NULL;
}

/* Nothing more will come, whoever waits for it. */
void stream_stop(struct stream *s) {
    if (s->call)
        docker_cancel(s->call);
    s->call = NULL;
    s->done = true;
    s->paused = false;
    loop_disarm(s->loop, &s->patience);
    stream_wake(&s->reader);
    stream_wake(&s->writer);
}

static void stream_fail(struct stream *s, const struct err *err) {
    if (!s->failed)
        s->err = *err;
    s->failed = true;
}

static void subject_of(const struct stream *s, char out[128]) {
    docker_subject(out, 128, s->row, s->object);
}

enum stream_step stream_unexpected(struct stream *s, const char *why, const char *text,
                                   size_t length) {
    char subject[128], shown[128];
    subject_of(s, subject);
    err_escape(shown, sizeof shown, text, length < 120 ? length : 120);
    err_set(&s->err, ERR_ENGINE,
            "%sunexpected reply from the engine at %s: %s; check that a Docker Engine answers "
            "there. It begins: %s",
            subject, docker_host(s->docker), why, length > 0 ? shown : "(empty)");
    return STEP_FAULT;
}

static void on_head(void *arg, const struct buf *headers) {
    struct stream *s = arg;
    s->head = true;
    buf_append(&s->headers, buf_text(headers), headers->length);
    stream_wake(&s->reader);
}

static void keep_start(struct stream *s, const char *data, size_t length) {
    size_t room = sizeof s->start - s->start_length;
    size_t taken = length < room ? length : room;
    memcpy(s->start + s->start_length, data, taken);
    s->start_length += taken;
}

/* The reader is a second behind a full ring: to make the engine wait longer would cost other
 * readers their events, too. */
static void on_patience(struct deadline *deadline) {
    struct stream *s = SELF(deadline, patience);
    s->dropping = s->resync = true;
    s->paused = false;
    if (s->call)
        docker_resume(s->call);
}

static enum http_take pause_or_drop(struct stream *s, const char *data, size_t length) {
    if (s->dropping) {
        s->resync = data[length - 1] != '\n';
        return HTTP_TAKEN;
    }
    s->paused = true;
    if (s->form->ring && !s->patience.armed)
        loop_arm(s->loop, &s->patience, loop_after(s->loop, PATIENCE));
    return HTTP_PAUSE;
}

static enum http_take on_data(void *arg, const char *data, size_t length) {
    struct stream *s = arg;
    bool full = !s->starving && s->form->held(s) >= s->form->high;
    if (length == 0)
        return HTTP_TAKEN;
    if (full || s->dropping)
        return pause_or_drop(s, data, length);
    if (s->start_length < sizeof s->start)
        keep_start(s, data, length);
    if (!s->form->feed(s, data, length)) {
        struct err err;
        err_set(&err, ERR_ENGINE, "not enough memory for the reply");
        stream_fail(s, &err);
        return HTTP_REFUSE;
    }
    s->starving = false;
    stream_wake(&s->reader);
    return HTTP_TAKEN;
}

static void on_drained(void *arg) {
    struct stream *s = arg;
    stream_wake(&s->writer);
}

static void on_done(void *arg, struct docker_reply *reply) {
    struct stream *s = arg;
    s->call = NULL;
    stream_stop(s);
    if (reply->err.kind != ERR_NONE)
        stream_fail(s, &reply->err);
}

void stream_listen(struct stream *s, struct docker_request *request) {
    request->on_head = on_head;
    request->on_data = on_data;
    request->on_drained = on_drained;
    request->on_done = on_done;
    request->arg = s;
    s->patience.fire = on_patience;
}
