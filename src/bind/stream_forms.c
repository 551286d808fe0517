/* Lines of a log, frames of an exec, bytes. */
#include "bind/bind.h"
#include "bind/stream.h"
#include <lauxlib.h>
#include <string.h>

enum { HIGH = 256 << 10, LINE_MAX_DEFAULT = 1 << 20 };
#define BYTES_MAX ((size_t)64 << 20)

static const char *source_name(enum frame_source source) {
    return source == FRAME_STDERR ? "stderr" : "stdout";
}

/* --- lines: {raw=false, timed=false, stamps=timed, after=place, max_line=1 MiB} ------- */

static bool lines_open(lua_State *L, struct stream *s) {
    struct log_place from = {.time = LOG_NO_TIME, .last = LOG_NO_TIME};
    s->timed = bind_field_boolean(L, 2, "timed", 0);
    s->stamps = bind_field_boolean(L, 2, "stamps", s->timed);
    bool raw = bind_field_boolean(L, 2, "raw", 0);
    size_t max = (size_t)bind_field_number(L, 2, "max_line", LINE_MAX_DEFAULT);
    if (lua_getfield(L, 2, "after") == LUA_TTABLE) {
        lua_getfield(L, -1, "time");
        lua_getfield(L, -2, "count");
        lua_getfield(L, -3, "last");
        from.time = luaL_checkinteger(L, -3);
        from.count = (uint64_t)luaL_checkinteger(L, -2);
        from.last = luaL_checkinteger(L, -1);
    }
    s->log = log_reader_new(raw, s->timed, from.time == LOG_NO_TIME ? NULL : &from, max);
    return s->log != NULL;
}

static bool lines_feed(struct stream *s, const char *data, size_t length) {
    return log_reader_feed(s->log, data, length);
}

static size_t lines_held(const struct stream *s) {
    return log_reader_held(s->log);
}

static enum stream_step lines_next(lua_State *L, struct stream *s) {
    struct log_line line;
    /* Half a line that broke off will come whole when the log is asked for again. */
    if (!log_reader_next(s->log, s->done && !s->failed, &line)) {
        const char *fault = log_reader_fault(s->log);
        return fault ? stream_unexpected(s, fault, s->start, s->start_length) : STEP_MORE;
    }
    lua_pushlstring(L, line.text, line.length);
    lua_pushstring(L, source_name(line.source));
    if (s->stamps && line.time_text)
        lua_pushlstring(L, line.time_text, line.time_length);
    else
        lua_pushnil(L);
    return STEP_ITEM;
}

static const char *lines_end_fault(const struct stream *s) {
    return log_reader_fault(s->log);
}

static void lines_free(struct stream *s) {
    log_reader_free(s->log);
    s->log = NULL;
}

/* --- frames: {raw=false} and bytes ------------------------------------------------------------ */

static bool bytes_open(lua_State *L, struct stream *s) {
    buf_init(&s->bytes, BYTES_MAX);
    frames_init(&s->frames, bind_field_boolean(L, 2, "raw", 0));
    return true;
}

static bool bytes_feed(struct stream *s, const char *data, size_t length) {
    if (s->at > 0) {
        memmove(s->bytes.data, s->bytes.data + s->at, s->bytes.length - s->at);
        s->bytes.length -= s->at;
        s->at = 0;
    }
    return buf_append(&s->bytes, data, length);
}

static size_t bytes_held(const struct stream *s) {
    return s->bytes.length - s->at;
}

static enum stream_step frames_step(lua_State *L, struct stream *s) {
    const char *data = buf_text(&s->bytes) + s->at, *piece;
    size_t left = bytes_held(s), length;
    enum frame_source source;
    bool found = frames_next(&s->frames, &data, &left, &source, &piece, &length);
    s->at = s->bytes.length - left;
    if (!found && s->frames.fault)
        return stream_unexpected(s, s->frames.fault, s->start, s->start_length);
    if (!found)
        return STEP_MORE;
    if (source == FRAME_SYSTEM_ERROR)
        return stream_unexpected(s, "it reports a failure in the middle", piece, length);
    lua_pushlstring(L, piece, length);
    lua_pushstring(L, source_name(source));
    return STEP_ITEM;
}

static const char *frames_fault(const struct stream *s) {
    return frames_end_fault(&s->frames);
}

static enum stream_step bytes_step(lua_State *L, struct stream *s) {
    if (bytes_held(s) == 0)
        return STEP_MORE;
    lua_pushlstring(L, s->bytes.data + s->at, bytes_held(s));
    s->at = s->bytes.length;
    return STEP_ITEM;
}

static const char *no_fault(const struct stream *s) {
    (void)s;
    return NULL;
}

static void bytes_free(struct stream *s) {
    buf_free(&s->bytes);
    s->at = 0;
}

static const struct stream_form forms[] = {
    {"lines", HIGH, 32, false, lines_open, lines_feed, lines_held, lines_next, lines_end_fault,
     lines_free},
    {"frames", HIGH, 1, false, bytes_open, bytes_feed, bytes_held, frames_step, frames_fault,
     bytes_free},
    {"bytes", HIGH, 1, false, bytes_open, bytes_feed, bytes_held, bytes_step, no_fault, bytes_free},
};

const struct stream_form *stream_form(const char *name) {
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, name) == 0)
            return &forms[i];
    return stream_json_form(name);
}
