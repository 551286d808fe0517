/* moontide.c.http: HTTP requests of scripts. moontide.http is made of it. */
#include "http/http.h"

#include "bind/bind.h"
#include "loop/loop.h"
#include "task/task.h"
#include <lauxlib.h>
#include <string.h>

#define POOL "moontide.http.pool"
#define CALL "moontide.http.call"

enum { CALLS_AT_ONCE = 16, HEADERS_MAX = 64 };

struct call {
    struct http_call *http_call; /* NULL: not under way */
    struct task *task;
    int status;
    struct buf body, headers;
    struct err err;
};

static void call_cancel(void *arg) {
    struct call *call = arg;
    if (call->http_call)
        http_cancel(call->http_call);
    call->http_call = NULL;
}

static int call_close(lua_State *L) {
    struct call *call = luaL_checkudata(L, 1, CALL);
    call_cancel(call);
    buf_free(&call->body);
    buf_free(&call->headers);
    return 0;
}

/* Takes the reply's buffers over. */
static void on_done(void *arg, struct http_reply *reply) {
    struct call *call = arg;
    call->http_call = NULL;
    call->status = reply->status;
    call->err = reply->err;
    call->body = reply->body;
    call->headers = reply->headers;
    buf_init(&reply->body, 0);
    buf_init(&reply->headers, 0);
    task_wake(call->task);
}

/* "Name: value" lines as a table; names in lower case, values of a repeated one joined by ", ". The
 * status line and the rest of a folded value (RFC 9112, 5.2) have no name. */
static void push_headers(lua_State *L, const struct buf *headers) {
    lua_newtable(L);
    const char *first = buf_text(headers), *line = first;
    for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
        const char *colon = memchr(line, ':', (size_t)(end - line));
        if (!colon || line == first || *line == ' ' || *line == '\t')
            continue;
        const char *value = colon + 1, *stop = end;
        while (value < stop && (*value == ' ' || *value == '\t'))
            value++;
        while (stop > value && (stop[-1] == '\r' || stop[-1] == ' '))
            stop--;
        luaL_Buffer name;
        luaL_buffinit(L, &name);
        for (const char *c = line; c < colon; c++)
            luaL_addchar(&name, (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c));
        luaL_pushresult(&name);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) == LUA_TNIL) {
            lua_pop(L, 1);
            lua_pushlstring(L, value, (size_t)(stop - value));
        } else {
            lua_pushliteral(L, ", ");
            lua_pushlstring(L, value, (size_t)(stop - value));
            lua_concat(L, 3);
        }
        lua_rawset(L, -3);
    }
}

static int after_call(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    struct call *call = luaL_checkudata(L, -1, CALL);
    if (call->err.kind != ERR_NONE)
        return bind_push_err(L, bind_field_string(L, 2, "op", "http"), &call->err);
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, call->status);
    lua_setfield(L, -2, "status");
    push_headers(L, &call->headers);
    lua_setfield(L, -2, "headers");
    lua_pushlstring(L, buf_text(&call->body), call->body.length);
    lua_setfield(L, -2, "body");
    buf_free(&call->body);
    return 1;
}

/* Starts the request of the table at 2 and waits for its end. */
static int start(lua_State *L, struct http_request *request, lua_KFunction after) {
    struct http_pool **pool = luaL_checkudata(L, 1, POOL);
    struct call *call = lua_newuserdatauv(L, sizeof *call, 0);
    memset(call, 0, sizeof *call);
    luaL_setmetatable(L, CALL);
    call->task = task_running(L);
    request->on_done = on_done;
    request->arg = call;
    call->http_call = http_start(*pool, request);
    if (!call->http_call)
        return luaL_error(L, "not enough memory");
    return task_wait(L, call_cancel, call, 0, after);
}

static struct http_request read_request(lua_State *L) {
    luaL_checkudata(L, 1, POOL);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    task_check_wait(L, bind_field_string(L, 2, "op", "http"));
    return (struct http_request){
        .method = bind_field_string(L, 2, "method", "GET"),
        .path = bind_field_string(L, 2, "url", ""),
        .class = HTTP_SHORT,
        .timeout = bind_ns(bind_field_number(L, 2, "timeout", 30)),
        .max_body = (size_t)bind_field_number(L, 2, "max_body", 16 * 1024 * 1024),
    };
}

static int f_request(lua_State *L) {
    const char *headers[HEADERS_MAX + 1];
    struct http_request request = read_request(L);
    request.headers = bind_field_strings(L, 2, "headers", headers, HEADERS_MAX);
    /* GET, HEAD, PUT and DELETE may be sent twice (RFC 9110, 9.2.2); libcurl does so when a
     * connection that it used again dies. */
    request.fresh = strcmp(request.method, "POST") == 0 || strcmp(request.method, "PATCH") == 0;
    request.deny_link_local = bind_field_boolean(L, 2, "deny_link_local", 0);
    request.ignore_body = bind_field_boolean(L, 2, "ignore_body", 0);
    if (lua_getfield(L, 2, "body") != LUA_TNIL)
        request.body = luaL_checklstring(L, -1, &request.body_length);
    return start(L, &request, after_call);
}

static int after_connect(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    const struct call *call = luaL_checkudata(L, -1, CALL);
    if (call->err.kind != ERR_NONE)
        return bind_push_err(L, bind_field_string(L, 2, "op", "http"), &call->err);
    lua_pushboolean(L, 1);
    return 1;
}

/* pool:connect{url=, timeout=, op=} -> true once the server accepts, or nil, err. Sends nothing. */
static int f_connect(lua_State *L) {
    struct http_request request = read_request(L);
    request.connect_only = request.fresh = true;
    return start(L, &request, after_connect);
}

static int pool_close(lua_State *L) {
    struct http_pool **pool = luaL_checkudata(L, 1, POOL);
    if (*pool)
        http_pool_free(*pool);
    *pool = NULL;
    return 0;
}

/* pool{ca_file=, cert_file=, key_file=}: a client; requests bring whole URLs. */
static int f_pool(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    struct http_target target = {
        .ca_file = bind_field_string(L, 1, "ca_file", NULL),
        .cert_file = bind_field_string(L, 1, "cert_file", NULL),
        .key_file = bind_field_string(L, 1, "key_file", NULL),
    };
    const struct bind_services *services = bind_services(L);
    struct http *http = services->http(services->arg);
    struct http_pool **pool = lua_newuserdatauv(L, sizeof *pool, 0);
    *pool = NULL;
    luaL_setmetatable(L, POOL);
    if (http)
        *pool = http_pool_new(http, &target, CALLS_AT_ONCE);
    if (!*pool)
        return luaL_error(L, "not enough memory");
    return 1;
}

static const luaL_Reg pool_methods[] = {
    {"connect", f_connect},
    {"request", f_request},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"pool", f_pool},
    {NULL, NULL},
};

int luaopen_moontide_c_http(lua_State *L) {
    luaL_newmetatable(L, CALL);
    lua_pushcfunction(L, call_close);
    lua_setfield(L, -2, "__gc");
    luaL_newmetatable(L, POOL);
    lua_pushcfunction(L, pool_close);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, pool_methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
