#include "bind/bind.h"

#include <lauxlib.h>

static const luaL_Reg modules[] = {
    {"moontide.c.child", luaopen_moontide_c_child},
    {"moontide.c.engine", luaopen_moontide_c_engine},
    {"moontide.c.http", luaopen_moontide_c_http},
    {"moontide.c.json", luaopen_moontide_c_json},
    {"moontide.c.process", luaopen_moontide_c_process},
    {"moontide.c.registry", luaopen_moontide_c_registry},
    {"moontide.c.serve", luaopen_moontide_c_serve},
    {"moontide.c.store", luaopen_moontide_c_store},
    {"moontide.c.task", luaopen_moontide_c_task},
    {NULL, NULL},
};

void bind_preload(lua_State *L) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    luaL_setfuncs(L, modules, 0);
    lua_pop(L, 1);
}

void bind_set_services(lua_State *L, const struct bind_services *services) {
    struct bind_services *copy = lua_newuserdatauv(L, sizeof *copy, 0);
    *copy = *services;
    lua_setfield(L, LUA_REGISTRYINDEX, "moontide.services");
}

const struct bind_services *bind_services(lua_State *L) {
    lua_getfield(L, LUA_REGISTRYINDEX, "moontide.services");
    const struct bind_services *services = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return services;
}

int bind_push_err(lua_State *L, const char *op, const struct err *err) {
    lua_pushnil(L);
    lua_getfield(L, LUA_REGISTRYINDEX, "moontide.error.new");
    lua_pushstring(L, err_kind_name(err->kind));
    lua_pushstring(L, op);
    lua_pushstring(L, err->message);
    lua_createtable(L, 0, 2);
    lua_pushstring(L, err_next_name(err->next));
    lua_setfield(L, -2, "next");
    if (err->status) {
        lua_pushinteger(L, err->status);
        lua_setfield(L, -2, "status");
    }
    lua_call(L, 4, 1);
    return 2;
}

int64_t bind_ns(lua_Number seconds) {
    lua_Number ns = seconds * 1e9;
    return ns < 9.2e18 ? (int64_t)ns : INT64_MAX;
}

static int wrong_field(lua_State *L, const char *key, const char *expected) {
    return luaL_error(L, "field '%s' must be %s, got %s", key, expected, luaL_typename(L, -1));
}

const char *bind_field_string(lua_State *L, int index, const char *key, const char *fallback) {
    int type = lua_getfield(L, index, key);
    if (type != LUA_TNIL && type != LUA_TSTRING)
        wrong_field(L, key, "a string");
    const char *value = type == LUA_TNIL ? fallback : lua_tostring(L, -1);
    lua_pop(L, 1);
    return value;
}

lua_Number bind_field_number(lua_State *L, int index, const char *key, lua_Number fallback) {
    int type = lua_getfield(L, index, key);
    if (type != LUA_TNIL && type != LUA_TNUMBER)
        wrong_field(L, key, "a number");
    lua_Number value = type == LUA_TNIL ? fallback : lua_tonumber(L, -1);
    lua_pop(L, 1);
    return value;
}

int bind_field_boolean(lua_State *L, int index, const char *key, int fallback) {
    int type = lua_getfield(L, index, key);
    if (type != LUA_TNIL && type != LUA_TBOOLEAN)
        wrong_field(L, key, "a boolean");
    int value = type == LUA_TNIL ? fallback : lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

const char *const *bind_field_strings(lua_State *L, int index, const char *key, const char **out,
                                      int max) {
    int n = 0, type = lua_getfield(L, index, key);
    if (type != LUA_TNIL && type != LUA_TTABLE)
        wrong_field(L, key, "a list");
    while (type == LUA_TTABLE && lua_rawgeti(L, -1, n + 1) != LUA_TNIL) {
        if (n == max || lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "field '%s' must be a list of at most %d strings", key, max);
        out[n++] = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, type == LUA_TTABLE ? 2 : 1);
    out[n] = NULL;
    return out;
}
