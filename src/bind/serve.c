/* moontide.c.serve: what moontide.http.serve is made of.
 *
 * start{op=, host=, port=, hosts={}, token=, max_body=, max_connections=, timeout=} -> server, or
 *   nil, err. host: a numeric address or "localhost"; port: 0 is any free one; hosts: further names
 *   that a Host header may have; token: nil or "" asks for none; max_body: bytes; timeout: seconds.
 * server:next() waits for the next request; nil: the server has ended.
 * server:address() -> "127.0.0.1:8080"
 * server:finish(): no more requests; those that are being served may end.
 * server:close() ends all: tasks that have taken a request are cancelled.
 * request:take() -> {method, path, query, headers, body, peer}, path and query as they were sent;
 * the running task is cancelled when the client goes away before the reply. nil: it has gone.
 * request:reply(status, {name, value, ...}, body) -> whether it is on its way.
 * A request that is closed without a reply is answered with 503. */
#include "serve/serve.h"

#include "bind/bind.h"
#include "bind/engine.h"
#include "task/task.h"
#include <stdlib.h>
#include <string.h>

#define SERVER  "moontide.serve.server"
#define REQUEST "moontide.serve.request"

enum { HOSTS_MAX = 64, HEADERS_MAX = 64 };

/* A request as Lua knows it. */
struct handle {
    struct serve_request *request; /* NULL: replied, or gone */
    struct task *task;             /* that has taken it */
    struct handle *next;           /* in the server's queue */
};

struct server {
    struct serve *serve;
    struct task *waiter;
    struct handle *first, **end; /* that no task has taken */
    bool over;
};

static void wake(struct server *server) {
    if (server->waiter)
        task_wake(server->waiter);
    server->waiter = NULL;
}

static void refuse(struct serve_request *request) {
    static const char body[] = "{\"error\":\"the request could not be served\"}";
    static const struct serve_header headers[] = {{"Content-Type", "application/json"},
                                                  {NULL, NULL}};
    serve_reply(request, 503, headers, body, sizeof body - 1);
}

static void on_request(void *arg, struct serve_request *request) {
    struct server *server = arg;
    struct handle *handle = calloc(1, sizeof *handle);
    if (!handle) {
        refuse(request);
        return;
    }
    handle->request = request;
    serve_set_arg(request, handle);
    *server->end = handle;
    server->end = &handle->next;
    wake(server);
}

/* Its task, if any, is ended; a handle in the queue stays there. */
static void on_gone(void *arg, struct serve_request *request) {
    struct handle *handle = serve_arg(request);
    (void)arg;
    handle->request = NULL;
    if (handle->task)
        task_cancel(NULL, handle->task);
    handle->task = NULL;
}

static void on_over(void *arg) {
    struct server *server = arg;
    server->over = true;
    wake(server);
}

static int server_f_close(lua_State *L) {
    struct server *server = luaL_checkudata(L, 1, SERVER);
    struct serve *serve = server->serve;
    server->serve = NULL;
    server->over = true;
    if (serve)
        serve_close(serve);
    while (server->first) {
        struct handle *handle = server->first;
        server->first = handle->next;
        free(handle);
    }
    server->end = &server->first;
    wake(server);
    return 0;
}

static int server_f_finish(lua_State *L) {
    struct server *server = luaL_checkudata(L, 1, SERVER);
    if (server->serve)
        serve_finish(server->serve);
    return 0;
}

static int server_f_address(lua_State *L) {
    const struct server *server = luaL_checkudata(L, 1, SERVER);
    lua_pushstring(L, server->serve ? serve_address(server->serve) : NULL);
    return 1;
}

static struct server *new_server(lua_State *L) {
    struct server *server = lua_newuserdatauv(L, sizeof *server, 0);
    memset(server, 0, sizeof *server);
    server->end = &server->first;
    luaL_setmetatable(L, SERVER);
    return server;
}

static int f_start(lua_State *L) {
    const char *hosts[HOSTS_MAX + 1];
    struct err err;
    luaL_checktype(L, 1, LUA_TTABLE);
    const char *token = bind_field_string(L, 1, "token", "");
    struct serve_options options = {
        .host = bind_field_string(L, 1, "host", "127.0.0.1"),
        .port = (unsigned)bind_field_number(L, 1, "port", 0),
        .hosts = bind_field_strings(L, 1, "hosts", hosts, HOSTS_MAX),
        .token = *token ? token : NULL,
        .max_body = (size_t)bind_field_number(L, 1, "max_body", 1 << 20),
        .max_connections = (unsigned)bind_field_number(L, 1, "max_connections", 64),
        .timeout = bind_ns(bind_field_number(L, 1, "timeout", 10)),
        .on_request = on_request,
        .on_gone = on_gone,
        .on_over = on_over,
    };
    struct server *server = new_server(L);
    options.arg = server;
    server->serve = serve_start(kernel_loop(kernel_of(L)), &options, &err);
    return server->serve ? 1 : bind_push_err(L, bind_field_string(L, 1, "op", "serve"), &err);
}

/* The first of the queue that has not gone. The handle leaves the queue when it has its userdata.
 */
static bool push_next(lua_State *L, struct server *server) {
    if (!server->first)
        return false;
    struct handle **cell = lua_newuserdatauv(L, sizeof(struct handle *), 0);
    *cell = NULL;
    luaL_setmetatable(L, REQUEST);
    *cell = server->first;
    server->first = (*cell)->next;
    if (!server->first)
        server->end = &server->first;
    return true;
}

static void stop_waiting(void *arg) {
    struct server *server = arg;
    server->waiter = NULL;
}

static int after_wait(lua_State *L, int status, lua_KContext context) {
    struct server *server = lua_touserdata(L, 1);
    (void)status, (void)context;
    lua_settop(L, 1);
    if (push_next(L, server))
        return 1;
    if (server->over)
        return 0;
    server->waiter = task_running(L);
    return task_wait(L, stop_waiting, server, 0, after_wait);
}

static int server_f_next(lua_State *L) {
    luaL_checkudata(L, 1, SERVER);
    task_check_wait(L, "http.serve");
    return after_wait(L, LUA_OK, 0);
}

static struct handle *check_handle(lua_State *L) {
    return *(struct handle **)luaL_checkudata(L, 1, REQUEST);
}

static int request_f_close(lua_State *L) {
    struct handle **cell = luaL_checkudata(L, 1, REQUEST);
    struct handle *handle = *cell;
    *cell = NULL;
    if (handle && handle->request)
        refuse(handle->request);
    free(handle);
    return 0;
}

/* Nothing of Lua runs inside the library that knows them. */
struct headers {
    struct serve_header list[HEADERS_MAX];
    size_t count;
};

static void keep_header(void *arg, const struct serve_header *header) {
    struct headers *headers = arg;
    if (headers->count < HEADERS_MAX)
        headers->list[headers->count++] = *header;
}

/* Pushes its name in lower case. */
static void push_name(lua_State *L, const char *name) {
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (; *name; name++)
        luaL_addchar(&buffer, *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name);
    luaL_pushresult(&buffer);
}

/* {name = value}; RFC 9110, section 5.3: several of one name are one list. */
static void push_headers(lua_State *L, struct serve_request *request) {
    struct headers headers = {.count = 0};
    serve_headers(request, keep_header, &headers);
    lua_createtable(L, 0, (int)headers.count);
    for (size_t i = 0; i < headers.count; i++) {
        push_name(L, headers.list[i].name);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) == LUA_TSTRING)
            lua_pushfstring(L, "%s, %s", lua_tostring(L, -1), headers.list[i].value);
        else
            lua_pushstring(L, headers.list[i].value);
        lua_remove(L, -2);
        lua_rawset(L, -3);
    }
}

static int request_f_take(lua_State *L) {
    struct handle *handle = check_handle(L);
    if (!handle || !handle->request)
        return 0;
    struct serve_request *request = handle->request;
    const struct buf *body = serve_body(request);
    lua_createtable(L, 0, 10);
    lua_pushstring(L, serve_method(request));
    lua_setfield(L, -2, "method");
    lua_pushstring(L, serve_path(request));
    lua_setfield(L, -2, "path");
    lua_pushstring(L, serve_query(request));
    lua_setfield(L, -2, "query");
    lua_pushstring(L, serve_peer(request));
    lua_setfield(L, -2, "peer");
    lua_pushlstring(L, buf_text(body), body->length);
    lua_setfield(L, -2, "body");
    push_headers(L, request);
    lua_setfield(L, -2, "headers");
    handle->task = task_running(L);
    return 1;
}

static int request_f_reply(lua_State *L) {
    struct handle *handle = check_handle(L);
    struct serve_header headers[HEADERS_MAX + 1];
    size_t length, count = 0;
    int status = (int)luaL_checkinteger(L, 2);
    const char *body = luaL_checklstring(L, 4, &length);
    luaL_checktype(L, 3, LUA_TTABLE);
    for (int i = 1; count < HEADERS_MAX && lua_rawgeti(L, 3, i) == LUA_TSTRING; i += 2, count++) {
        lua_rawgeti(L, 3, i + 1);
        headers[count] = (struct serve_header){lua_tostring(L, -2), luaL_checkstring(L, -1)};
        lua_pop(L, 2); /* the table holds them */
    }
    headers[count] = (struct serve_header){NULL, NULL};
    bool there = handle && handle->request;
    if (there) {
        struct serve_request *request = handle->request;
        handle->request = NULL;
        handle->task = NULL;
        lua_pushboolean(L, serve_reply(request, status, headers, body, length));
    } else
        lua_pushboolean(L, 0);
    return 1;
}

static const luaL_Reg server_methods[] = {
    {"address", server_f_address},
    {"close", server_f_close},
    {"finish", server_f_finish},
    {"next", server_f_next},
    {NULL, NULL},
};

static const luaL_Reg request_methods[] = {
    {"close", request_f_close},
    {"reply", request_f_reply},
    {"take", request_f_take},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"start", f_start},
    {NULL, NULL},
};

int luaopen_moontide_c_serve(lua_State *L) {
    bind_new_class(L, SERVER, server_f_close, server_methods);
    bind_new_class(L, REQUEST, request_f_close, request_methods);
    luaL_newlib(L, functions);
    return 1;
}
