/* What is written to the state file, and the task's wait for the disk. */
#include "store/store.h"

#include "bind/bind.h"
#include "bind/engine.h"
#include "bind/store.h"
#include "loop/loop.h"
#include "task/task.h"
#include <lauxlib.h>
#include <stdbool.h>
#include <string.h>

#define WAITING "moontide.store.waiting"

/* A NUL would cut it short. */
const char *bind_store_text(lua_State *L, const char *part, const char *key, const char *fallback) {
    size_t length;
    int type = lua_getfield(L, -1, key);
    if (type == LUA_TNIL && fallback) {
        lua_pop(L, 1);
        return fallback;
    }
    if (type != LUA_TSTRING)
        luaL_error(L, "field '%s.%s' must be a string, got %s", part, key, luaL_typename(L, -1));
    const char *value = lua_tolstring(L, -1, &length);
    if (strlen(value) != length)
        luaL_error(L, "field '%s.%s' must not contain a NUL", part, key);
    lua_pop(L, 1);
    return value;
}

const char *bind_store_optional(lua_State *L, const char *part, const char *key) {
    bool given = lua_getfield(L, -1, key) != LUA_TNIL;
    lua_pop(L, 1);
    return given ? bind_store_text(L, part, key, NULL) : NULL;
}

int64_t bind_store_whole(lua_State *L, const char *part, const char *key, int64_t fallback) {
    int exact = 1, type = lua_getfield(L, -1, key);
    lua_Integer value = type == LUA_TNIL ? fallback : lua_tointegerx(L, -1, &exact);
    if (!exact || type == LUA_TSTRING)
        luaL_error(L, "field '%s.%s' must be a whole number", part, key);
    lua_pop(L, 1);
    return value;
}

/* A change that a task waits for. */
struct waiting {
    struct store_write *write; /* NULL: done */
    struct task *task;
    bool failed;
    struct err err;
};

static int waiting_close(lua_State *L) {
    struct waiting *waiting = luaL_checkudata(L, 1, WAITING);
    if (waiting->write)
        store_abandon(waiting->write);
    waiting->write = NULL;
    return 0;
}

static void waiting_cancel(void *arg) {
    struct waiting *waiting = arg;
    store_abandon(waiting->write);
    waiting->write = NULL;
}

static void on_done(void *arg, const struct err *err) {
    struct waiting *waiting = arg;
    waiting->write = NULL;
    waiting->failed = err != NULL;
    if (err)
        waiting->err = *err;
    task_wake(waiting->task);
}

/* Pushes the part of the change at 2; false when there is none. */
static bool push_part(lua_State *L, const char *part) {
    int type = lua_getfield(L, 2, part);
    if (type != LUA_TNIL && type != LUA_TTABLE)
        luaL_error(L, "field '%s' must be a table, got %s", part, luaL_typename(L, -1));
    return type == LUA_TTABLE;
}

static void read_fact(lua_State *L, struct store_fact *fact, int64_t now) {
    *fact = (struct store_fact){
        .time = bind_store_whole(L, "fact", "time", now),
        .kind = bind_store_text(L, "fact", "kind", NULL),
        .engine = bind_store_text(L, "fact", "engine", ""),
        .target = bind_store_text(L, "fact", "target", ""),
        .reason = bind_store_text(L, "fact", "reason", ""),
        .data = bind_store_text(L, "fact", "data", "{}"),
    };
}

static void read_wish(lua_State *L, struct store_wish *wish) {
    *wish = (struct store_wish){
        .engine = bind_store_text(L, "wish", "engine", NULL),
        .image = bind_store_text(L, "wish", "image", NULL),
        .record = bind_store_optional(L, "wish", "record"),
    };
}

static void read_slot(lua_State *L, struct store_slot *slot, int64_t now) {
    *slot = (struct store_slot){
        .engine = bind_store_text(L, "slot", "engine", NULL),
        .image = bind_store_text(L, "slot", "image", NULL),
        .name = bind_store_text(L, "slot", "name", NULL),
        .container_id = bind_store_optional(L, "slot", "container_id"),
        .state = bind_store_optional(L, "slot", "state"),
        .time = bind_store_whole(L, "slot", "time", now),
    };
    if (slot->container_id && !slot->state)
        luaL_error(L, "field 'slot.state' must be a string, got nil");
}

static int after_write(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    struct waiting *waiting = luaL_checkudata(L, -1, WAITING);
    if (waiting->failed)
        return bind_push_err(L, bind_field_string(L, 2, "op", "state"), &waiting->err);
    lua_pushboolean(L, 1);
    return 1;
}

int bind_store_write(lua_State *L) {
    struct store_fact fact;
    struct store_wish wish;
    struct store_slot slot;
    struct store_change change = {0};
    struct store *store = bind_check_store(L);
    int64_t now = loop_unix(kernel_loop(kernel_of(L)));
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    task_check_wait(L, bind_field_string(L, 2, "op", "state"));
    if (push_part(L, "fact")) {
        read_fact(L, &fact, now);
        change.fact = &fact;
    }
    if (push_part(L, "wish")) {
        read_wish(L, &wish);
        change.wish = &wish;
    }
    if (push_part(L, "slot")) {
        read_slot(L, &slot, now);
        change.slot = &slot;
    }
    struct waiting *waiting = lua_newuserdatauv(L, sizeof *waiting, 0);
    memset(waiting, 0, sizeof *waiting);
    luaL_setmetatable(L, WAITING);
    waiting->task = task_running(L);
    waiting->write = store_write(store, &change, on_done, waiting);
    if (!waiting->write)
        return luaL_error(L, "not enough memory");
    return task_wait(L, waiting_cancel, waiting, 0, after_write);
}

void bind_open_store_writes(lua_State *L) {
    bind_new_class(L, WAITING, waiting_close, NULL);
}
