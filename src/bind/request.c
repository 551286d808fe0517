/* A call of the Engine API, as a Lua table describes it. */
#include "base/url.h"
#include "bind/bind.h"
#include "bind/engine.h"
#include "bind/json.h"
#include <lauxlib.h>

#define BUF "moontide.buf"

enum { QUERY_MAX = 64 << 10 };

/* query = {"t", 10, "signal", "SIGHUP"}: pairs in order; pushes the escaped text, or nil. */
static const char *push_query(lua_State *L) {
    if (lua_getfield(L, 2, "query") == LUA_TNIL)
        return NULL;
    luaL_checktype(L, -1, LUA_TTABLE);
    struct buf *query = lua_newuserdatauv(L, sizeof *query, 0);
    buf_init(query, QUERY_MAX);
    luaL_setmetatable(L, BUF);
    int pairs = lua_gettop(L) - 1;
    for (lua_Integer i = 1; lua_rawgeti(L, pairs, i) != LUA_TNIL; i += 2) {
        const char *name = lua_tostring(L, -1);
        lua_rawgeti(L, pairs, i + 1);
        const char *value = luaL_tolstring(L, -1, NULL);
        if (!url_query(query, name, value))
            luaL_error(L, "the query is too long");
        lua_pop(L, 3);
    }
    lua_pop(L, 1);
    lua_pushstring(L, buf_text(query));
    return lua_tostring(L, -1);
}

static int buf_close(lua_State *L) {
    buf_free(lua_touserdata(L, 1));
    return 0;
}

static void push_body(lua_State *L, struct docker_request *request) {
    int type = lua_getfield(L, 2, "body");
    if (type == LUA_TTABLE)
        bind_encode_json(L, -1);
    if (type != LUA_TNIL)
        request->body = luaL_checklstring(L, -1, &request->body_length);
}

struct docker_request bind_read_request(lua_State *L, const char *headers[BIND_HEADERS_MAX + 1]) {
    luaL_checkudata(L, 1, BIND_ENGINE);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    const char *name = bind_field_string(L, 2, "row", "");
    struct docker_request request = {
        .row = docker_row(name),
        .object = bind_field_string(L, 2, "object", NULL),
        .method = bind_field_string(L, 2, "method", NULL),
        .path = bind_field_string(L, 2, "path", NULL),
        .timeout = bind_ns(bind_field_number(L, 2, "timeout", 0)),
    };
    if (!request.row)
        luaL_error(L, "unknown call '%s'", name);
    request.headers = bind_field_strings(L, 2, "headers", headers, BIND_HEADERS_MAX);
    request.query = push_query(L);
    push_body(L, &request);
    return request;
}

void bind_new_class(lua_State *L, const char *name, lua_CFunction close, const luaL_Reg *methods) {
    luaL_newmetatable(L, name);
    lua_pushcfunction(L, close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, close);
    lua_setfield(L, -2, "__close");
    if (methods) {
        lua_newtable(L);
        luaL_setfuncs(L, methods, 0);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}

void bind_open_requests(lua_State *L) {
    bind_new_class(L, BUF, buf_close, NULL);
}
