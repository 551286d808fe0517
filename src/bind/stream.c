/* engine:stream{row=, object=, query=, headers=, body=, timeout=, op=, as=, ...}: a reply that is
 * read as it comes. Waits until its head has come -> stream; or nil, err.
 *
 *   as       "lines", "events", "progress", "stats", "summaries", "frames" or "bytes"
 *   lines    raw=, timed=, stamps=, after= a place, max_line=: see docker/log.h
 *   frames   raw=
 *
 * stream:next() -> the item's values; nothing at the end; nil, err for a failure in the middle
 * stream:collect() -> list of the first values of all that is left, or nil, err
 * stream:close(), also __close and __gc
 * stream:header(name) -> text or nil;  stream:place() -> {time=, count=, last=} or nil, of lines
 * stream:write(text) -> true once at most 256 KiB wait to be sent, or nil, err;  stream:finish()
 *
 * A callback only stores and wakes; what came is parsed when the reader takes it. */
#include "bind/stream.h"
#include "bind/bind.h"
#include "bind/json.h"
#include "http/duplex.h"
#include <string.h>

#define STREAM "moontide.engine.stream"
enum { STREAM_ENGINE = 1, STREAM_FIELDS, STREAM_VALUES = STREAM_FIELDS };

/* A reader that never has to wait lets the others have their turn after this time. */
#define SLICE (LOOP_SECOND / 200)

#define OTHER_WAITS "another task waits for this stream"

enum { QUEUED_MAX = 2 * HTTP_DRAINED, HEADERS_KEPT = 64 << 10 };

/* --- reading ---------------------------------------------------------------------------------- */

static struct stream *check_stream(lua_State *L) {
    return luaL_checkudata(L, 1, STREAM);
}

static void end(struct stream *s) {
    s->closed = true;
    stream_stop(s);
    if (s->form)
        s->form->free(s);
}

static int stream_close(lua_State *L) {
    struct stream *s = check_stream(L);
    if (!s->closed)
        end(s);
    buf_free(&s->headers);
    return 0;
}

static void stop_reading(void *arg) {
    struct stream *s = arg;
    s->reader = NULL;
}

static void resume(struct stream *s) {
    s->paused = false;
    if (s->form->ring)
        loop_disarm(s->loop, &s->patience);
    docker_resume(s->call);
}

static bool slice_is_over(struct stream *s) {
    return s->taken++ % s->form->burst == 0 && loop_now(s->loop) - s->slice > SLICE;
}

static int push_failure(lua_State *L, struct stream *s) {
    lua_getiuservalue(L, 1, STREAM_FIELDS);
    const char *op = bind_field_string(L, -1, "op", "docker");
    return bind_push_err(L, op, &s->err);
}

/* All has come and been read. Returns as advance does. */
static int finish(lua_State *L, struct stream *s) {
    const char *fault = s->failed ? NULL : s->form->end_fault(s);
    if (fault) {
        stream_unexpected(s, fault, s->start, s->start_length);
        s->failed = true;
    }
    return s->failed ? -push_failure(L, s) : 0;
}

/* Pushes the next item; the stream is at 1. Returns how many values, 0 at the end, less than 0 when
 * nil and an error are pushed; or waits, and then `k` runs with `context`. */
static int advance(lua_State *L, struct stream *s, lua_KContext context, lua_KFunction k) {
    if (slice_is_over(s)) {
        task_wake(task_running(L));
        return task_wait(L, NULL, NULL, context, k);
    }
    int top = lua_gettop(L);
    while (!s->closed) {
        if (s->paused && s->form->held(s) < s->form->high / 2)
            resume(s);
        switch (s->form->next(L, s)) {
        case STEP_ITEM:
            return lua_gettop(L) - top;
        case STEP_END:
            end(s);
            return 0;
        case STEP_FAULT:
            s->failed = true;
            stream_stop(s);
            return -push_failure(L, s);
        case STEP_MORE:
            break;
        }
        if (s->done)
            return finish(L, s);
        s->starving = true;
        if (s->paused) {
            resume(s);
            continue;
        }
        if (s->reader) /* it came while this one was woken, or let the others have their turn */
            luaL_error(L, OTHER_WAITS);
        s->reader = task_running(L);
        return task_wait(L, stop_reading, s, context, k);
    }
    return 0;
}

static struct stream *begin_reading(lua_State *L, const char *what) {
    struct stream *s = check_stream(L);
    if (s->reader)
        luaL_error(L, OTHER_WAITS);
    task_check_wait(L, what);
    lua_settop(L, 1);
    return s;
}

static int next_on(lua_State *L, int status, lua_KContext context) {
    (void)context;
    struct stream *s = lua_touserdata(L, 1);
    if (status == LUA_YIELD)
        s->slice = loop_now(s->loop);
    int count = advance(L, s, 0, next_on);
    return count < 0 ? -count : count;
}

static int f_next(lua_State *L) {
    begin_reading(L, "the next item of a stream");
    return next_on(L, LUA_OK, 0);
}

/* The list is at 2; `count` items are in it. */
static int collect_on(lua_State *L, int status, lua_KContext count) {
    struct stream *s = lua_touserdata(L, 1);
    if (status == LUA_YIELD)
        s->slice = loop_now(s->loop);
    int got;
    while ((got = advance(L, s, count, collect_on)) > 0) {
        lua_settop(L, 3);
        lua_rawseti(L, 2, (lua_Integer)++count);
    }
    if (got < 0)
        return -got;
    lua_settop(L, 2);
    return 1;
}

static int f_collect(lua_State *L) {
    begin_reading(L, "the rest of a stream");
    lua_newtable(L);
    bind_mark_array(L);
    return collect_on(L, LUA_OK, 0);
}

static int f_place(lua_State *L) {
    const struct stream *s = check_stream(L);
    struct log_place place = {.time = LOG_NO_TIME};
    if (s->log)
        place = log_reader_place(s->log);
    if (place.time == LOG_NO_TIME)
        return 0;
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, place.time);
    lua_setfield(L, -2, "time");
    lua_pushinteger(L, place.last);
    lua_setfield(L, -2, "last");
    lua_pushinteger(L, (lua_Integer)place.count);
    lua_setfield(L, -2, "count");
    return 1;
}

static int f_header(lua_State *L) {
    const struct stream *s = check_stream(L);
    char value[1024];
    if (!http_header(&s->headers, luaL_checkstring(L, 2), value, sizeof value))
        return 0;
    lua_pushstring(L, value);
    return 1;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void stop_writing(void *arg) {
    struct stream *s = arg;
    s->writer = NULL;
}

static int written(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    struct stream *s = lua_touserdata(L, 1);
    if (s->failed)
        return push_failure(L, s);
    if (s->done) {
        err_set(&s->err, ERR_TRANSPORT, "the other side has ended: nobody reads what is written");
        return push_failure(L, s);
    }
    lua_pushboolean(L, 1);
    return 1;
}

static int f_write(lua_State *L) {
    struct stream *s = check_stream(L);
    size_t length;
    const char *text = luaL_checklstring(L, 2, &length);
    if (!s->row->duplex)
        return luaL_error(L, "nothing can be written to this stream");
    if (s->writer)
        return luaL_error(L, "another task writes to this stream");
    task_check_wait(L, "writing to a stream");
    if (s->call && !docker_write(s->call, text, length))
        return luaL_error(L, "not enough memory");
    if (!s->call || docker_queued(s->call) <= QUEUED_MAX)
        return written(L, LUA_OK, 0);
    s->writer = task_running(L);
    return task_wait(L, stop_writing, s, 0, written);
}

static int f_finish(lua_State *L) {
    struct stream *s = check_stream(L);
    if (s->call)
        docker_end(s->call);
    return 0;
}

/* --- beginning -------------------------------------------------------------------------------- */

static void give_up(void *arg) {
    struct stream *s = arg;
    s->reader = NULL;
    stream_stop(s);
}

/* The stream is at 1, and nothing else. */
static int begun(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    struct stream *s = lua_touserdata(L, 1);
    if (s->failed && !s->head)
        return push_failure(L, s);
    s->slice = loop_now(s->loop);
    return 1;
}

/* Pushes a stream in which nothing is under way. */
static struct stream *new_stream(lua_State *L, const struct docker_request *request) {
    struct docker **engine = lua_touserdata(L, 1);
    const char *name = bind_field_string(L, 2, "as", "bytes");
    const struct stream_form *form = stream_form(name);
    if (!form) {
        luaL_error(L, "unknown form of a stream '%s'", name);
        return NULL; /* luaL_error does not return, which its declaration does not tell */
    }
    struct stream *s = lua_newuserdatauv(L, sizeof *s, STREAM_VALUES);
    memset(s, 0, sizeof *s);
    buf_init(&s->headers, HEADERS_KEPT);
    s->docker = *engine;
    s->loop = kernel_loop(kernel_of(L));
    s->row = request->row;
    s->object = request->object;
    luaL_setmetatable(L, STREAM);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, STREAM_ENGINE);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, STREAM_FIELDS);
    int top = lua_gettop(L);
    bool opened = form->open(L, s);
    s->form = form; /* from now on it is to be freed */
    lua_settop(L, top);
    if (!opened)
        luaL_error(L, "not enough memory");
    return s;
}

int bind_engine_stream(lua_State *L) {
    const char *headers[BIND_HEADERS_MAX + 1];
    luaL_checktype(L, 2, LUA_TTABLE);
    task_check_wait(L, bind_field_string(L, 2, "op", "docker"));
    struct docker_request request = bind_read_request(L, headers);
    struct stream *s = new_stream(L, &request);
    stream_listen(s, &request);
    s->call = docker_start(s->docker, &request);
    if (!s->call)
        return luaL_error(L, "not enough memory");
    lua_replace(L, 1); /* its strings were copied */
    lua_settop(L, 1);
    s->reader = task_running(L);
    return task_wait(L, give_up, s, 0, begun);
}

static const luaL_Reg methods[] = {
    {"close", stream_close}, {"collect", f_collect}, {"finish", f_finish}, {"header", f_header},
    {"next", f_next},        {"place", f_place},     {"write", f_write},   {NULL, NULL},
};

void bind_open_streams(lua_State *L) {
    bind_new_class(L, STREAM, stream_close, methods);
}
