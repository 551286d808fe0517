/* Values of JSON, one after another: events, progress of a pull, stats, the elements of a list. */
#include "base/json.h"
#include "bind/bind.h"
#include "bind/json.h"
#include "bind/stream.h"
#include "docker/event.h"
#include "docker/fields.h"
#include "docker/shapes.h"
#include <json-c/json.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HIGH = 256 << 10, RING = 4 << 20 };
#define VALUE_MAX ((size_t)16 << 20)

static bool open_split(struct stream *s, enum split_form form) {
    split_init(&s->split, form, VALUE_MAX, VALUE_MAX + 2 * (size_t)RING);
    return true;
}

static bool open_sequence(lua_State *L, struct stream *s) {
    (void)L;
    return open_split(s, SPLIT_SEQUENCE);
}

static bool open_array(lua_State *L, struct stream *s) {
    (void)L;
    return open_split(s, SPLIT_ARRAY);
}

static bool json_feed(struct stream *s, const char *data, size_t length) {
    if (s->resync) { /* in the middle of a value that was dropped: they have a line each */
        const char *end = memchr(data, '\n', length);
        if (!end)
            return true;
        length -= (size_t)(end + 1 - data);
        data = end + 1;
        s->resync = false;
    }
    return split_feed(&s->split, data, length);
}

static size_t json_held(const struct stream *s) {
    return split_held(&s->split);
}

static const char *json_end_fault(const struct stream *s) {
    return split_end_fault(&s->split);
}

static void drop_trees(struct stream *s) {
    json_object_put(s->json);
    json_object_put(s->shaped);
    s->json = s->shaped = NULL;
}

static void json_free(struct stream *s) {
    drop_trees(s);
    split_free(&s->split);
}

/* The tree of the next value in s->json; STEP_ITEM without one is a null. */
static enum stream_step next_json(struct stream *s) {
    const char *text;
    size_t length;
    struct json_error error;
    char why[96];
    drop_trees(s); /* of a value that could not be pushed */
    switch (split_next(&s->split, &text, &length)) {
    case SPLIT_VALUE:
        if (json_parse(text, length, &json_engine, &s->json, &error))
            return STEP_ITEM;
        snprintf(why, sizeof why, "%s at line %u, column %u", error.reason, error.line,
                 error.column);
        return stream_unexpected(s, why, text, length);
    case SPLIT_BROKEN:
        return stream_unexpected(s, s->split.fault, s->start, s->start_length);
    case SPLIT_END:
    case SPLIT_MORE:
        break;
    }
    return STEP_MORE; /* what follows an array's end is looked at when all has come */
}

static enum stream_step no_memory(struct stream *s) {
    err_set(&s->err, ERR_ENGINE, "not enough memory for the reply");
    return STEP_FAULT;
}

/* --- events ----------------------------------------------------------------------------------- */

static void set_text(lua_State *L, const char *key, const char *text) {
    if (text) {
        lua_pushstring(L, text);
        lua_setfield(L, -2, key);
    }
}

static enum stream_step push_gap(lua_State *L, struct stream *s) {
    split_free(&s->split);
    open_split(s, SPLIT_SEQUENCE);
    s->dropping = false;
    lua_createtable(L, 0, 6);
    set_text(L, "type", "moontide");
    set_text(L, "action", "gap");
    set_text(L, "detail", "events were dropped: they came faster than the script took them");
    set_text(L, "id", "");
    lua_newtable(L);
    lua_setfield(L, -2, "attributes");
    int64_t now = loop_unix(s->loop);
    lua_pushinteger(L, now);
    lua_setfield(L, -2, "time_nano");
    lua_pushnumber(L, (lua_Number)now / (lua_Number)LOOP_SECOND);
    lua_setfield(L, -2, "time");
    return STEP_ITEM;
}

/* "137" as a number; whatever else it is, as it is. */
static void set_attribute(lua_State *L, const char *key, const char *text) {
    if (text && !lua_stringtonumber(L, text))
        lua_pushstring(L, text);
    if (text)
        lua_setfield(L, -2, key);
}

static void push_event(lua_State *L, const struct docker_event *event) {
    lua_createtable(L, 0, 11);
    set_text(L, "type", event->type);
    lua_pushlstring(L, event->action, event->action_length);
    lua_setfield(L, -2, "action");
    set_text(L, "detail", event->detail);
    set_text(L, "id", event->id);
    set_text(L, "name", field_text(event->attributes, "name", NULL));
    set_text(L, "image", field_text(event->attributes, "image", NULL));
    set_attribute(L, "exit_code", field_text(event->attributes, "exitCode", NULL));
    set_attribute(L, "signal", field_text(event->attributes, "signal", NULL));
    if (event->attributes)
        bind_push_json(L, event->attributes, BIND_JSON_SKIP_NULLS);
    else
        lua_newtable(L);
    lua_setfield(L, -2, "attributes");
    lua_pushnumber(L, (lua_Number)event->time_nano / (lua_Number)LOOP_SECOND);
    lua_setfield(L, -2, "time");
    lua_pushinteger(L, event->time_nano);
    lua_setfield(L, -2, "time_nano");
}

static enum stream_step events_next(lua_State *L, struct stream *s) {
    struct docker_event event;
    enum stream_step step;
    while ((step = next_json(s)) == STEP_ITEM) {
        if (!docker_event_read(&event, s->json))
            continue; /* an engine of tomorrow may say more than events */
        push_event(L, &event);
        drop_trees(s);
        return STEP_ITEM;
    }
    return step == STEP_MORE && s->dropping ? push_gap(L, s) : step;
}

/* --- progress --------------------------------------------------------------------------------- */

/* What a registry or the engine says in the middle of a reply of status 200: under the status that
 * it would have had, the rules know what it means. */
static int status_of(const char *said) {
    return strcasestr(said, "not found") ? 404 : 500;
}

static enum stream_step told_error(struct stream *s) {
    struct json_object *detail = field(s->json, "errorDetail", json_type_object);
    const char *said = field_text(detail, "message", field_text(s->json, "error", NULL));
    if (!said && !detail)
        return STEP_ITEM;
    if (!said)
        said = "";
    docker_classify(&s->err, s->row, s->object, status_of(said), said, strlen(said));
    s->err.status = 0; /* the reply had 200 */
    return STEP_FAULT;
}

static enum stream_step progress_next(lua_State *L, struct stream *s) {
    static const char *const counts[] = {"current", "total"};
    enum stream_step step = next_json(s);
    if (step != STEP_ITEM || (step = told_error(s)) != STEP_ITEM)
        return step;
    struct json_object *detail = field(s->json, "progressDetail", json_type_object);
    lua_createtable(L, 0, 4);
    set_text(L, "status", field_text(s->json, "status", ""));
    set_text(L, "id", field_text(s->json, "id", NULL));
    for (size_t i = 0; i < 2; i++) {
        int64_t count;
        if (field_count(detail, counts[i], &count)) {
            lua_pushinteger(L, count);
            lua_setfield(L, -2, counts[i]);
        }
    }
    drop_trees(s);
    return STEP_ITEM;
}

/* --- stats and summaries ---------------------------------------------------------------------- */

static enum stream_step push_shaped(lua_State *L, struct stream *s, struct json_object *shaped) {
    s->shaped = shaped;
    if (!shaped)
        return no_memory(s);
    bind_push_json(L, shaped, BIND_JSON_SKIP_NULLS);
    drop_trees(s);
    return STEP_ITEM;
}

/* The stream of a container that has stopped goes on, with frames of zeroes, read in the year 1. */
static enum stream_step stats_next(lua_State *L, struct stream *s) {
    enum stream_step step = next_json(s);
    int64_t read;
    if (step != STEP_ITEM)
        return step;
    step = told_error(s);
    if (step != STEP_ITEM)
        return step;
    if (!docker_time(field_text(s->json, "read", ""), &read))
        return STEP_END;
    return push_shaped(L, s, docker_stats(s->json, &s->sample));
}

/* White space at the beginning. */
static size_t blanks(const struct stream *s) {
    size_t n = 0;
    while (n < s->start_length && strchr(" \t\r\n", s->start[n]))
        n++;
    return n;
}

/* "null" stands for an empty list, as everywhere in the API. */
static enum stream_step null_or_fault(struct stream *s) {
    size_t before = blanks(s), length = s->start_length - before;
    const char *text = s->start + before;
    while (length > 0 && strchr(" \t\r\n", text[length - 1]))
        length--;
    if (length <= 4 && memcmp(text, "null", length) == 0 && (length == 4 || !s->done))
        return s->done ? STEP_END : STEP_MORE;
    return stream_unexpected(s, "it is no JSON array", s->start, s->start_length);
}

static enum stream_step summaries_next(lua_State *L, struct stream *s) {
    enum stream_step step;
    while ((step = next_json(s)) == STEP_ITEM)
        if (json_object_is_type(s->json, json_type_object))
            return push_shaped(L, s, docker_summary_of_listed(s->json));
    size_t first = blanks(s);
    return first < s->start_length && s->start[first] != '[' ? null_or_fault(s) : step;
}

static const struct stream_form forms[] = {
    {"events", RING, 4, true, open_sequence, json_feed, json_held, events_next, json_end_fault,
     json_free},
    {"progress", HIGH, 4, false, open_sequence, json_feed, json_held, progress_next, json_end_fault,
     json_free},
    {"stats", HIGH, 1, false, open_sequence, json_feed, json_held, stats_next, json_end_fault,
     json_free},
    {"summaries", HIGH, 1, false, open_array, json_feed, json_held, summaries_next, json_end_fault,
     json_free},
};

const struct stream_form *stream_json_form(const char *name) {
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, name) == 0)
            return &forms[i];
    return NULL;
}
