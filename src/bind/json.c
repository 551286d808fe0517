#include "bind/json.h"

#include "base/json.h"
#include "bind/bind.h"

#include <json-c/json.h>
#include <lauxlib.h>
#include <string.h>

#define ARRAY "moontide.json.array"
#define BOX   "moontide.json.box"

static int box_close(lua_State *L) {
    struct json_object **box = luaL_checkudata(L, 1, BOX);
    json_object_put(*box);
    *box = NULL;
    return 0;
}

void bind_json_set_close(lua_State *L, const char *name, lua_CFunction close) {
    if (luaL_newmetatable(L, name)) {
        lua_pushcfunction(L, close);
        lua_setfield(L, -2, "__gc");
        lua_pushcfunction(L, close);
        lua_setfield(L, -2, "__close");
    }
    lua_setmetatable(L, -2);
}

struct json_object **bind_json_box(lua_State *L) {
    struct json_object **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    bind_json_set_close(L, BOX, box_close);
    return box;
}

void bind_mark_array(lua_State *L) {
    if (luaL_newmetatable(L, ARRAY)) {
        lua_pushliteral(L, "array");
        lua_setfield(L, -2, BIND_JSON_TYPE);
        lua_pushliteral(L, "array");
        lua_setfield(L, -2, "__name");
    }
    lua_setmetatable(L, -2);
}

bool bind_json_is_array(lua_State *L, int table) {
    if (luaL_getmetafield(L, table, BIND_JSON_TYPE) == LUA_TNIL) {
        return false;
    }
    bool marked = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "array") == 0;
    lua_pop(L, 1);
    return marked;
}

static void push_key(lua_State *L, const char *key) {
    const char *nul = strstr(key, JSON_KEY_NUL);
    if (nul == NULL) {
        lua_pushstring(L, key);
        return;
    }
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    for (; nul != NULL; nul = strstr(key, JSON_KEY_NUL)) {
        luaL_addlstring(&text, key, (size_t)(nul - key));
        luaL_addchar(&text, '\0');
        key = nul + strlen(JSON_KEY_NUL);
    }
    luaL_addstring(&text, key);
    luaL_pushresult(&text);
}

static void push_array(lua_State *L, struct json_object *array, unsigned flags) {
    size_t length = json_object_array_length(array);
    lua_createtable(L, (int)length, 0);
    bind_mark_array(L);
    for (size_t i = 0; i < length; i++) {
        struct json_object *item = json_object_array_get_idx(array, i);
        bind_push_json(L, item, item != NULL ? flags : 0);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_object(lua_State *L, struct json_object *object, unsigned flags) {
    lua_createtable(L, 0, json_object_object_length(object));
    /* json_object_object_foreach needs a GNU extension. */
    struct json_object_iterator member = json_object_iter_begin(object);
    struct json_object_iterator end = json_object_iter_end(object);
    for (; !json_object_iter_equal(&member, &end); json_object_iter_next(&member)) {
        struct json_object *value = json_object_iter_peek_value(&member);
        if (value != NULL || !(flags & BIND_JSON_SKIP_NULLS)) {
            push_key(L, json_object_iter_peek_name(&member));
            bind_push_json(L, value, flags);
            lua_rawset(L, -3);
        }
    }
}

void bind_push_json(lua_State *L, struct json_object *value, unsigned flags) {
    luaL_checkstack(L, 8, "the JSON value is nested too deep");
    switch (json_object_get_type(value)) {
    case json_type_null:
        if (flags & BIND_JSON_SKIP_NULLS) {
            lua_pushnil(L);
        } else {
            lua_pushlightuserdata(L, NULL);
        }
        break;
    case json_type_boolean:
        lua_pushboolean(L, json_object_get_boolean(value));
        break;
    case json_type_int:
        lua_pushinteger(L, json_object_get_int64(value));
        break;
    case json_type_double:
        lua_pushnumber(L, json_object_get_double(value));
        break;
    case json_type_string:
        lua_pushlstring(L, json_object_get_string(value),
                        (size_t)json_object_get_string_len(value));
        break;
    case json_type_array:
        push_array(L, value, flags);
        break;
    case json_type_object:
        push_object(L, value, flags);
        break;
    }
}

/* The option that the key below the top of the stack names. */
static struct bind_json_option *find_option(lua_State *L, const char *op,
                                            struct bind_json_option *options, size_t count) {
    size_t length;
    const char *text = luaL_tolstring(L, -2, &length);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, options[i].name) == 0) {
            lua_pop(L, 1);
            return &options[i];
        }
    }
    char key[40];
    err_escape(key, sizeof key, text, length);
    lua_pushstring(L, options[0].name);
    for (size_t i = 1; i < count; i++) {
        lua_pushfstring(L, ", %s", options[i].name);
        lua_concat(L, 2);
    }
    luaL_error(L, "%s: unknown option \"%s\"; valid: %s", op, key, lua_tostring(L, -1));
    return NULL;
}

void bind_json_options(lua_State *L, const char *op, int index, struct bind_json_option *options,
                       size_t count) {
    if (lua_isnoneornil(L, index)) {
        return;
    }
    if (!lua_istable(L, index)) {
        luaL_error(L, "%s: options must be a table, got %s", op, luaL_typename(L, index));
    }
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        struct bind_json_option *option = find_option(L, op, options, count);
        int whole;
        option->value = lua_tointegerx(L, -1, &whole);
        if (lua_type(L, -1) != LUA_TNUMBER || !whole || option->value < option->min ||
            option->value > option->max) {
            luaL_error(L, "%s: option \"%s\" must be a whole number from %I to %I, got %s", op,
                       option->name, option->min, option->max,
                       lua_type(L, -1) == LUA_TNUMBER ? lua_tostring(L, -1) : luaL_typename(L, -1));
        }
    }
}

static int f_decode(lua_State *L) {
    struct bind_json_option options[] = {
        {"max_depth", 1, json_strict.max_depth, json_strict.max_depth},
        {"max_length", 1, (lua_Integer)json_strict.max_length, (lua_Integer)json_strict.max_length},
    };
    if (lua_type(L, 1) != LUA_TSTRING) {
        return luaL_error(L, "json.decode: argument \"text\" must be a string, got %s",
                          luaL_typename(L, 1));
    }
    bind_json_options(L, "json.decode", 2, options, 2);
    struct json_rules rules = {.max_depth = (unsigned)options[0].value,
                               .max_length = (size_t)options[1].value};
    size_t length;
    const char *text = lua_tolstring(L, 1, &length);
    struct json_object **box = bind_json_box(L);
    lua_toclose(L, -1);
    struct json_error error;
    if (!json_parse(text, length, &rules, box, &error)) {
        struct err err;
        err_set(&err, ERR_INVALID, "invalid JSON at line %u, column %u: %s", error.line,
                error.column, error.reason);
        return bind_push_err(L, "json.decode", &err);
    }
    bind_push_json(L, *box, 0);
    return 1;
}

static int f_array(lua_State *L) {
    lua_settop(L, 1);
    if (lua_isnil(L, 1)) {
        lua_newtable(L);
    } else if (!lua_istable(L, 1)) {
        return luaL_error(L, "json.array: argument \"table\" must be a table or nil, got %s",
                          luaL_typename(L, 1));
    }
    if (bind_json_is_array(L, 1)) {
        return 1;
    }
    if (lua_getmetatable(L, 1)) {
        return luaL_error(L, "json.array: the table has a metatable of its own; give that the "
                             "field " BIND_JSON_TYPE " = \"array\"");
    }
    bind_mark_array(L);
    return 1;
}

static const luaL_Reg functions[] = {
    {"array", f_array},
    {"decode", f_decode},
    {"encode", bind_json_encode},
    {NULL, NULL},
};

int luaopen_moontide_c_json(lua_State *L) {
    luaL_newlib(L, functions);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    return 1;
}
