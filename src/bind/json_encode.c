/* json.encode. It works on tables as they are, without metamethods: it runs no script. */
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bind/json.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENCODER "moontide.json.encoder"

enum { MAX_DEPTH = 100, MAX_INDENT = 8, MAX_LENGTH = 64 << 20 };

struct encoder {
    lua_State *L;
    struct buf out;
    size_t indent;
};

struct key {
    const char *text;
    size_t length;
};

/* A value on the way from the root to the one being written. */
struct frame {
    const struct frame *parent; /* NULL: the root */
    const void *table;          /* NULL: no table */
    struct key key;             /* in the parent; text NULL: by `index` */
    lua_Integer index;
    unsigned depth;
};

struct shape {
    bool is_array;
    lua_Integer count;
};

static bool is_name(const struct key *key) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return key->length > 0 && strspn(key->text, letters) == key->length &&
           (key->text[0] < '0' || key->text[0] > '9');
}

/* value.ports["80/tcp"][2] */
static void push_path(lua_State *L, const struct frame *frame) {
    if (frame->parent == NULL) {
        lua_pushliteral(L, "value");
        return;
    }
    push_path(L, frame->parent);
    if (frame->key.text == NULL) {
        lua_pushfstring(L, "[%I]", frame->index);
    } else {
        char key[64];
        err_escape(key, sizeof key, frame->key.text, frame->key.length);
        lua_pushfstring(L, is_name(&frame->key) ? ".%s" : "[\"%s\"]", key);
    }
    lua_concat(L, 2);
}

/* Raises; `why` is at the top of the stack. */
static void fail(struct encoder *encoder, const struct frame *frame) {
    lua_State *L = encoder->L;
    luaL_checkstack(L, MAX_DEPTH + LUA_MINSTACK, NULL);
    push_path(L, frame);
    luaL_error(L, "json.encode: %s %s", lua_tostring(L, -1), lua_tostring(L, -2));
}

static void put(struct encoder *encoder, const char *text, size_t length) {
    if (!buf_append(&encoder->out, text, length)) {
        luaL_error(encoder->L, encoder->out.length + length > MAX_LENGTH
                                   ? "json.encode: the text would be longer than 64 MiB"
                                   : "not enough memory");
    }
}

static void put_newline(struct encoder *encoder, unsigned depth) {
    static const char spaces[MAX_INDENT + 1] = "        ";
    if (encoder->indent > 0) {
        put(encoder, "\n", 1);
        for (unsigned i = 0; i < depth; i++) {
            put(encoder, spaces, encoder->indent);
        }
    }
}

static void put_escape(struct encoder *encoder, char byte) {
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    char escape[8] = "\\";
    const char *found = byte != '\0' ? strchr(plain, byte) : NULL;
    if (found != NULL) {
        escape[1] = letters[found - plain];
    } else {
        snprintf(escape, sizeof escape, "\\u%04X", (unsigned)(unsigned char)byte);
    }
    put(encoder, escape, strlen(escape));
}

/* Bytes of ASCII at the start of `text` that stand for themselves. */
static size_t plain_length(const char *text, size_t length) {
    size_t i = 0;
    while (i < length && (signed char)text[i] >= 0x20 && text[i] != '"' && text[i] != '\\') {
        i++;
    }
    return i;
}

static void put_string(struct encoder *encoder, const struct frame *frame, const char *text,
                       size_t length) {
    put(encoder, "\"", 1);
    for (size_t i = 0; i < length;) {
        size_t plain = plain_length(text + i, length - i);
        size_t size = plain > 0 ? plain : utf8_length(text + i, length - i);
        if (size == 0) {
            lua_pushfstring(encoder->L, "is not valid UTF-8 at byte %I; encode binary data first",
                            (lua_Integer)i + 1);
            fail(encoder, frame);
        }
        if (plain > 0 || size > 1) {
            put(encoder, text + i, size);
        } else {
            put_escape(encoder, text[i]);
        }
        i += size;
    }
    put(encoder, "\"", 1);
}

static void put_number(struct encoder *encoder, const struct frame *frame) {
    lua_State *L = encoder->L;
    char text[JSON_DOUBLE_SIZE];
    if (lua_isinteger(L, -1)) {
        snprintf(text, sizeof text, LUA_INTEGER_FMT, (LUAI_UACINT)lua_tointeger(L, -1));
    } else if (isfinite(lua_tonumber(L, -1))) {
        json_format_double(text, lua_tonumber(L, -1));
    } else {
        lua_pushliteral(L, "is NaN or infinite, JSON has finite numbers only");
        fail(encoder, frame);
    }
    put(encoder, text, strlen(text));
}

/* The key is below the top of the stack, its value on it. */
static void fail_key(struct encoder *encoder, const struct frame *frame) {
    lua_State *L = encoder->L;
    bool number = lua_type(L, -2) == LUA_TNUMBER;
    lua_pushvalue(L, -2); /* lua_tostring changes the value itself */
    lua_pushfstring(L, "has the key %s; keys must be strings, or 1, 2, 3 ...",
                    number ? lua_tostring(L, -1) : luaL_typename(L, -1));
    fail(encoder, frame);
}

/* Whether the table is an array or an object; raises when it is neither. */
static struct shape shape_of(struct encoder *encoder, const struct frame *frame, int table) {
    lua_State *L = encoder->L;
    lua_Integer integers = 0, names = 0, largest = 0;
    bool marked = bind_json_is_array(L, table);
    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) == LUA_TSTRING) {
            names++;
        } else if (lua_isinteger(L, -2) && lua_tointeger(L, -2) > 0) {
            integers++;
            largest = lua_tointeger(L, -2) > largest ? lua_tointeger(L, -2) : largest;
        } else {
            fail_key(encoder, frame);
        }
    }
    if (names > 0 && (integers > 0 || marked)) {
        lua_pushstring(L, marked ? "is marked as an array but has keys that are strings"
                                 : "has keys that are strings and keys that are numbers");
        fail(encoder, frame);
    }
    if (largest != integers) {
        lua_pushfstring(L,
                        "is an array with gaps: %I elements up to [%I]; fill them with json.null, "
                        "or make the keys strings",
                        integers, largest);
        fail(encoder, frame);
    }
    return (struct shape){.is_array = marked || integers > 0, .count = integers + names};
}

static void put_value(struct encoder *encoder, struct frame *frame);

static void put_array(struct encoder *encoder, const struct frame *frame, int table,
                      lua_Integer count) {
    put(encoder, "[", 1);
    for (lua_Integer i = 1; i <= count; i++) {
        put(encoder, ",", i > 1);
        put_newline(encoder, frame->depth);
        lua_rawgeti(encoder->L, table, i);
        struct frame item = {.parent = frame, .index = i, .depth = frame->depth};
        put_value(encoder, &item);
        lua_pop(encoder->L, 1);
    }
    if (count > 0) {
        put_newline(encoder, frame->depth - 1);
    }
    put(encoder, "]", 1);
}

static int compare_keys(const void *left, const void *right) {
    const struct key *a = left, *b = right;
    int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

/* Pushes a userdata with the keys; the table keeps their texts. */
static struct key *push_sorted_keys(lua_State *L, int table, lua_Integer count) {
    struct key *keys = lua_newuserdatauv(L, (size_t)count * sizeof *keys, 0);
    size_t used = 0;
    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
        keys[used].text = lua_tolstring(L, -2, &keys[used].length);
        used++;
    }
    qsort(keys, used, sizeof *keys, compare_keys);
    return keys;
}

static void put_object(struct encoder *encoder, const struct frame *frame, int table,
                       lua_Integer count) {
    lua_State *L = encoder->L;
    put(encoder, "{", 1);
    struct key *keys = count > 0 ? push_sorted_keys(L, table, count) : NULL;
    for (lua_Integer i = 0; i < count; i++) {
        struct frame member = {.parent = frame, .key = keys[i], .depth = frame->depth};
        put(encoder, ",", i > 0);
        put_newline(encoder, frame->depth);
        put_string(encoder, &member, keys[i].text, keys[i].length);
        put(encoder, ": ", encoder->indent > 0 ? 2 : 1);
        lua_pushlstring(L, keys[i].text, keys[i].length);
        lua_rawget(L, table);
        put_value(encoder, &member);
        lua_pop(L, 1);
    }
    if (count > 0) {
        lua_pop(L, 1);
        put_newline(encoder, frame->depth - 1);
    }
    put(encoder, "}", 1);
}

static void put_table(struct encoder *encoder, struct frame *frame) {
    lua_State *L = encoder->L;
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    frame->table = lua_topointer(L, -1);
    for (const struct frame *outer = frame->parent; outer != NULL; outer = outer->parent) {
        if (outer->table == frame->table) {
            lua_pushliteral(L, "contains itself");
            fail(encoder, outer);
        }
    }
    if (++frame->depth > MAX_DEPTH) {
        lua_pushliteral(L, "is nested more than 100 deep");
        fail(encoder, frame);
    }
    int table = lua_gettop(L);
    struct shape shape = shape_of(encoder, frame, table);
    (shape.is_array ? put_array : put_object)(encoder, frame, table, shape.count);
}

/* Writes the value on top of the stack. */
static void put_value(struct encoder *encoder, struct frame *frame) {
    lua_State *L = encoder->L;
    size_t length;
    const char *text;
    switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN:
        text = lua_toboolean(L, -1) ? "true" : "false";
        put(encoder, text, strlen(text));
        return;
    case LUA_TNUMBER:
        put_number(encoder, frame);
        return;
    case LUA_TSTRING:
        text = lua_tolstring(L, -1, &length);
        put_string(encoder, frame, text, length);
        return;
    case LUA_TTABLE:
        put_table(encoder, frame);
        return;
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, -1) == NULL) {
            put(encoder, "null", 4);
            return;
        }
    }
    lua_pushfstring(L, "is of type %s, which JSON has no form for%s", luaL_typename(L, -1),
                    lua_isnil(L, -1) ? "; use json.null" : "");
    fail(encoder, frame);
}

static int encoder_close(lua_State *L) {
    struct encoder *encoder = luaL_checkudata(L, 1, ENCODER);
    buf_free(&encoder->out);
    return 0;
}

int bind_json_encode(lua_State *L) {
    struct bind_json_option indent = {.name = "indent", .min = 0, .max = MAX_INDENT};
    bind_json_options(L, "json.encode", 2, &indent, 1);
    lua_settop(L, 1);
    struct encoder *encoder = lua_newuserdatauv(L, sizeof *encoder, 0);
    *encoder = (struct encoder){.L = L, .indent = (size_t)indent.value};
    buf_init(&encoder->out, MAX_LENGTH);
    bind_json_set_close(L, ENCODER, encoder_close);
    lua_toclose(L, -1);
    lua_pushvalue(L, 1);
    struct frame root = {0};
    put_value(encoder, &root);
    lua_pushlstring(L, buf_text(&encoder->out), encoder->out.length);
    return 1;
}

void bind_encode_json(lua_State *L, int index) {
    lua_pushvalue(L, index);
    lua_pushcfunction(L, bind_json_encode);
    lua_insert(L, -2);
    lua_call(L, 1, 1);
}
