/* moontide.c.engine: one call of the Engine API from Lua. moontide.docker is made of it. */
#include "bind/engine.h"
#include "bind/bind.h"
#include "bind/json.h"
#include "docker/shapes.h"
#include "loop/loop.h"
#include "task/task.h"
#include <json-c/json.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#define CALL "moontide.engine.call"

/* A call under way, or what came of it; collecting it gives up. Its user values keep the engine and
 * the table that describes the call. */
enum { CALL_ENGINE = 1, CALL_FIELDS, CALL_VALUES = CALL_FIELDS };
struct call {
    struct docker_call *docker_call; /* NULL: not under way */
    struct task *task;               /* that waits; NULL: none */
    const struct docker_row *row;
    int shape;
    bool taken;   /* its result has been returned */
    bool begun;   /* the reply's head has come */
    bool to_head; /* that is what the task waits for */
    int status;
    struct json_object *json;
    struct buf text; /* of a reply that is no JSON */
    bool failed;
    struct err *err; /* what went wrong; NULL when there was no memory for it */
};

static void call_cancel(void *arg) {
    struct call *call = arg;
    if (call->docker_call)
        docker_cancel(call->docker_call);
    call->docker_call = NULL;
}

static int call_close(lua_State *L) {
    struct call *call = luaL_checkudata(L, 1, CALL);
    call_cancel(call);
    json_object_put(call->json);
    call->json = NULL;
    buf_free(&call->text);
    free(call->err);
    call->err = NULL;
    return 0;
}

static void wake(struct call *call) {
    if (call->task)
        task_wake(call->task);
    call->task = NULL;
}

static void on_head(void *arg, const struct buf *headers) {
    struct call *call = arg;
    (void)headers;
    call->begun = true;
    if (call->to_head)
        wake(call);
}

static void on_done(void *arg, struct docker_reply *reply) {
    struct call *call = arg;
    call->docker_call = NULL;
    call->status = reply->status;
    call->json = json_object_get(reply->json);
    if (!reply->json && !buf_append(&call->text, reply->text, reply->length))
        err_set(&reply->err, ERR_ENGINE, "not enough memory for the reply");
    if (reply->err.kind != ERR_NONE && (call->err = malloc(sizeof *call->err)))
        *call->err = reply->err;
    call->failed = reply->err.kind != ERR_NONE;
    wake(call);
}

/* Pushes the object in the box on top of the stack, in its place. */
static void push_boxed(lua_State *L, struct json_object **box) {
    if (!*box)
        luaL_error(L, "not enough memory");
    bind_push_json(L, *box, BIND_JSON_SKIP_NULLS);
    json_object_put(*box); /* not at some later collection: lists are long */
    *box = NULL;
    lua_remove(L, -2);
}

static void push_summary(lua_State *L, struct json_object *json) {
    struct json_object **box = bind_json_box(L);
    *box = docker_summary_of_inspected(json);
    push_boxed(L, box);
}

static int64_t integer_field(lua_State *L, int index, const char *key) {
    lua_getfield(L, index, key);
    int64_t value = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return value;
}

/* With `sample`, a table, among the call's fields, CPU is counted from the reading {read= ns, cpu=
 * ns} that it holds, if it does; this reply's is then in it. */
static void push_stats(lua_State *L, struct json_object *json) {
    struct docker_sample sample = {0};
    lua_getiuservalue(L, -1, CALL_FIELDS);
    bool sampled = lua_getfield(L, -1, "sample") == LUA_TTABLE;
    int table = lua_gettop(L);
    if (sampled)
        sample =
            (struct docker_sample){integer_field(L, table, "read"), integer_field(L, table, "cpu")};
    struct json_object **box = bind_json_box(L);
    *box = docker_stats(json, &sample);
    push_boxed(L, box);
    if (sampled) {
        lua_pushinteger(L, sample.read);
        lua_setfield(L, table, "read");
        lua_pushinteger(L, sample.cpu);
        lua_setfield(L, table, "cpu");
    }
}

static void push_raw(lua_State *L, struct json_object *json) {
    bind_push_json(L, json, BIND_JSON_SKIP_NULLS);
}

static const struct {
    const char *name;
    void (*push)(lua_State *L, struct json_object *json);
} shapes[] = {
    {"raw", push_raw},
    {"stats", push_stats},
    {"summary", push_summary},
};

static int shape_index(lua_State *L) {
    const char *name = bind_field_string(L, 2, "as", "raw");
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (strcmp(shapes[i].name, name) == 0)
            return (int)i;
    return luaL_error(L, "unknown shape '%s'", name);
}

static int push_reply(lua_State *L, struct call *call) {
    if (!call->row->method) { /* the raw escape hatch */
        lua_pushinteger(L, call->status);
        if (call->json)
            push_raw(L, call->json);
        else
            lua_pushlstring(L, buf_text(&call->text), call->text.length);
        return 2;
    }
    if (call->row->expect == EXPECT_BYTES)
        lua_pushlstring(L, buf_text(&call->text), call->text.length);
    else if (call->json && call->row->expect != EXPECT_NOTHING)
        shapes[call->shape].push(L, call->json);
    else
        lua_pushboolean(L, 1);
    return 1;
}

/* The call is on top of the stack. */
static int after_call(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    struct call *call = luaL_checkudata(L, -1, CALL);
    if (call->failed) {
        if (!call->err)
            return luaL_error(L, "not enough memory");
        lua_getiuservalue(L, -1, CALL_FIELDS);
        return bind_push_err(L, bind_field_string(L, -1, "op", "docker"), call->err);
    }
    call->taken = true;
    int results = push_reply(L, call);
    json_object_put(call->json); /* not at some later collection: lists are large */
    call->json = NULL;
    return results;
}

/* Starts the call of the table at 2; pushes its userdata. */
static struct call *start(lua_State *L) {
    struct docker **engine = lua_touserdata(L, 1);
    const char *headers[BIND_HEADERS_MAX + 1];
    struct docker_request request = bind_read_request(L, headers);
    int shape = shape_index(L);
    struct call *call = lua_newuserdatauv(L, sizeof *call, CALL_VALUES);
    memset(call, 0, sizeof *call);
    buf_init(&call->text, (size_t)64 << 20);
    luaL_setmetatable(L, CALL);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, CALL_ENGINE);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, CALL_FIELDS);
    call->row = request.row;
    call->shape = shape;
    request.on_head = on_head;
    request.on_done = on_done;
    request.arg = call;
    call->docker_call = docker_start(*engine, &request);
    if (!call->docker_call)
        luaL_error(L, "not enough memory");
    return call;
}

static int f_call(lua_State *L) {
    luaL_checktype(L, 2, LUA_TTABLE);
    task_check_wait(L, bind_field_string(L, 2, "op", "docker"));
    struct call *call = start(L);
    call->task = task_running(L);
    return task_wait(L, call_cancel, call, 0, after_call);
}

/* start(fields) -> pending: the call outlives the task that waits for it. What it made has to be
 * taken back by whoever is told of it, and only the reply says what that is. */
static int f_start(lua_State *L) {
    start(L);
    return 1;
}

static void stop_waiting(void *arg) {
    struct call *call = arg;
    call->task = NULL;
}

static struct call *check_pending(lua_State *L) {
    struct call *call = luaL_checkudata(L, 1, CALL);
    lua_settop(L, 1);
    if (call->task)
        luaL_error(L, "another task waits for this call");
    return call;
}

static int wait_for(lua_State *L, struct call *call, bool to_head, lua_KFunction k) {
    task_check_wait(L, "wait");
    call->to_head = to_head;
    call->task = task_running(L);
    return task_wait(L, stop_waiting, call, 0, k);
}

/* pending:wait() -> the result; again, after a wait that was cancelled. */
static int call_f_wait(lua_State *L) {
    struct call *call = check_pending(L);
    if (call->taken)
        return luaL_error(L, "its result is taken");
    if (!call->docker_call)
        return after_call(L, LUA_OK, 0);
    return wait_for(L, call, false, after_call);
}

static int after_head(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    struct call *call = luaL_checkudata(L, -1, CALL);
    lua_pushboolean(L, call->begun);
    return 1;
}

/* pending:head() -> whether a good reply has begun; returns, too, when the call ends without. */
static int call_f_head(lua_State *L) {
    struct call *call = check_pending(L);
    if (call->begun || !call->docker_call)
        return after_head(L, LUA_OK, 0);
    return wait_for(L, call, true, after_head);
}

static int f_host(lua_State *L) {
    struct docker **engine = luaL_checkudata(L, 1, BIND_ENGINE);
    lua_pushstring(L, docker_host(*engine));
    return 1;
}

/* Who chose the host: "host", "DOCKER_HOST", "context \"x\"", "probe". */
static int f_source(lua_State *L) {
    struct docker **engine = luaL_checkudata(L, 1, BIND_ENGINE);
    lua_pushstring(L, docker_source(*engine));
    return 1;
}

static int f_version(lua_State *L) {
    struct docker **engine = luaL_checkudata(L, 1, BIND_ENGINE);
    lua_pushstring(L, docker_version(*engine));
    return 1;
}

static int engine_close(lua_State *L) {
    struct docker **engine = luaL_checkudata(L, 1, BIND_ENGINE);
    if (*engine)
        docker_close(*engine);
    *engine = NULL;
    return 0;
}

/* connect{host=, cert_path=, tls_verify=, timeout=} -> engine, or nil, err. Sends nothing. */
static int f_connect(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    struct docker_options options = {
        .host = bind_field_string(L, 1, "host", NULL),
        .context = bind_field_string(L, 1, "context", NULL),
        .cert_path = bind_field_string(L, 1, "cert_path", NULL),
        .timeout = bind_ns(bind_field_number(L, 1, "timeout", 0)),
    };
    int verify = bind_field_boolean(L, 1, "tls_verify", -1);
    options.tls_verify = verify == -1 ? 0 : verify ? 1 : -1;
    const struct bind_services *services = bind_services(L);
    struct http *http = services->http(services->arg);
    struct docker **engine = lua_newuserdatauv(L, sizeof *engine, 0);
    struct err err = {0};
    *engine = NULL;
    luaL_setmetatable(L, BIND_ENGINE);
    if (http)
        *engine = docker_open(kernel_loop(kernel_of(L)), http, &options, &err);
    if (*engine)
        return 1;
    if (err.kind == ERR_NONE)
        return luaL_error(L, "not enough memory");
    return bind_push_err(L, "docker.connect", &err);
}

static const luaL_Reg engine_methods[] = {
    {"call", f_call},
    {"host", f_host},
    {"source", f_source},
    {"start", f_start},
    {"stream", bind_engine_stream},
    {"version", f_version},
    {NULL, NULL},
};

static const luaL_Reg call_methods[] = {
    {"head", call_f_head},
    {"wait", call_f_wait},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"connect", f_connect},
    {NULL, NULL},
};

int luaopen_moontide_c_engine(lua_State *L) {
    bind_open_requests(L);
    bind_open_streams(L);
    bind_new_class(L, CALL, call_close, call_methods);
    bind_new_class(L, BIND_ENGINE, engine_close, engine_methods);
    luaL_newlib(L, functions);
    return 1;
}
