/* moontide.c.store: the state file. moontide.record alone uses it.
 *
 * open{path=, read_only=false, op="state"} -> store; or nil, err: "not_found" (read_only, and there
 *   is none), "invalid" (it is no state file of ours, or is damaged or newer), "denied", "conflict"
 *   (it is just being made), "transport" (the disk).
 *
 * store:path(), store:owner() (32 hex digits), store:notice() (what the user should know, or nil).
 *
 * store:lock(op) -> true; or false and the pid of who holds it (nil: not known); or nil, err.
 *
 * store:unlock(). What has been given to write is committed first.
 *
 * store:write{fact=, wish=, slot=, op=} -> true once it is on the disk, all or nothing; or nil,
 * err. Suspends the task. Times are Unix ns, whole numbers; record and data are JSON texts.
 *   - fact: {kind=, engine="", target="", reason="", data="{}", time=now}
 *   - wish: {engine=, image=, record=}; without a record it is forgotten
 *   - slot: {engine=, image=, name=, container_id=, state=, time=now}; without a container_id the
 *     name is given up
 *
 * store:read(of, {engine=, image=, since=, until_=, limit=, op=}) -> list of rows with the fields
 *   above, facts with seq; or nil, err. of: "facts" (oldest first; image: part of the target), of
 *   which `limit` gives the newest so many; "wishes" or "slots".
 *
 * store:close(). What has been given to write is committed first; then the others raise. */
#include "store/store.h"

#include "base/buf.h"
#include "bind/bind.h"
#include "bind/engine.h"
#include "bind/store.h"
#include "loop/loop.h"
#include "task/task.h"
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#define ROWS "moontide.store.rows"

enum { COLUMNS_MAX = 7 };
#define ROWS_MAX ((size_t)256 << 20)

struct handle {
    struct store *store; /* NULL: closed */
};

struct store *bind_check_store(lua_State *L) {
    struct handle *handle = luaL_checkudata(L, 1, BIND_STORE);
    if (!handle->store)
        luaL_error(L, "the state file is closed");
    return handle->store;
}

/* --- what may wait for the disk: a slow one is no fault of the script's ------------- */

struct opening {
    struct loop *loop;
    const char *path;
    bool read_only;
    struct store *store;
    struct err err;
};

static void call_open(void *arg) {
    struct opening *opening = arg;
    opening->store = store_open(opening->loop, opening->path, opening->read_only, &opening->err);
}

static void call_close(void *store) {
    store_close(store);
}

static void call_unlock(void *store) {
    store_unlock(store);
}

static int store_f_close(lua_State *L) {
    struct handle *handle = luaL_checkudata(L, 1, BIND_STORE);
    struct store *store = handle->store;
    handle->store = NULL;
    kernel_unwatched(kernel_of(L), call_close, store);
    return 0;
}

static int f_open(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct opening opening = {
        .loop = kernel_loop(kernel_of(L)),
        .path = bind_store_text(L, "open", "path", NULL),
        .read_only = bind_field_boolean(L, 1, "read_only", 0),
    };
    struct handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
    handle->store = NULL;
    luaL_setmetatable(L, BIND_STORE);
    kernel_unwatched(kernel_of(L), call_open, &opening);
    handle->store = opening.store;
    if (!handle->store)
        return bind_push_err(L, bind_field_string(L, 1, "op", "state"), &opening.err);
    return 1;
}

static int store_f_path(lua_State *L) {
    lua_pushstring(L, store_path(bind_check_store(L)));
    return 1;
}

static int store_f_owner(lua_State *L) {
    lua_pushstring(L, store_owner(bind_check_store(L)));
    return 1;
}

static int store_f_notice(lua_State *L) {
    const char *notice = store_notice(bind_check_store(L));
    *notice ? (void)lua_pushstring(L, notice) : lua_pushnil(L);
    return 1;
}

static int store_f_lock(lua_State *L) {
    struct err err;
    long pid = 0;
    const char *op = luaL_optstring(L, 2, "state");
    if (store_lock(bind_check_store(L), &pid, &err)) {
        lua_pushboolean(L, 1);
        return 1;
    }
    if (err.kind != ERR_CONFLICT)
        return bind_push_err(L, op, &err);
    lua_pushboolean(L, 0);
    if (!pid)
        return 1;
    lua_pushinteger(L, pid);
    return 2;
}

static int store_f_unlock(lua_State *L) {
    kernel_unwatched(kernel_of(L), call_unlock, bind_check_store(L));
    return 0;
}

/* --- read ------------------------------------------------------------------------- */

static const struct form {
    const char *name;
    int columns;
    const char *keys[COLUMNS_MAX];
} forms[] = {
    [STORE_WISHES] = {"wishes", 3, {"engine", "image", "record"}},
    [STORE_SLOTS] = {"slots", 6, {"engine", "image", "name", "container_id", "state", "time"}},
    [STORE_FACTS] = {"facts", 7, {"seq", "time", "kind", "engine", "target", "reason", "data"}},
};

/* Lua may raise, and SQLite's frames do not like that: so rows are collected first. */
struct rows {
    struct buf texts; /* of all columns, each with its NUL */
    int columns;
    lua_Integer count;
};

static int rows_close(lua_State *L) {
    struct rows *rows = luaL_checkudata(L, 1, ROWS);
    buf_free(&rows->texts);
    return 0;
}

static bool collect(void *arg, const char *const *columns) {
    struct rows *rows = arg;
    rows->count++;
    for (int i = 0; i < rows->columns; i++)
        if (!buf_append(&rows->texts, columns[i], strlen(columns[i]) + 1))
            return false;
    return true;
}

static void push_rows(lua_State *L, const struct rows *rows, const struct form *form) {
    const char *at = buf_text(&rows->texts);
    lua_createtable(L, rows->count < 100000 ? (int)rows->count : 100000, 0);
    for (lua_Integer row = 1; row <= rows->count; row++) {
        lua_createtable(L, 0, form->columns);
        for (int i = 0; i < form->columns; i++, at += strlen(at) + 1) {
            bool number = strcmp(form->keys[i], "time") == 0 || strcmp(form->keys[i], "seq") == 0;
            if (number)
                lua_pushinteger(L, strtoll(at, NULL, 10));
            else
                lua_pushstring(L, at);
            lua_setfield(L, -2, form->keys[i]);
        }
        lua_rawseti(L, -2, row);
    }
}

static int store_f_read(lua_State *L) {
    static const char *const names[] = {"wishes", "slots", "facts", NULL};
    struct store *store = bind_check_store(L);
    int of = luaL_checkoption(L, 2, NULL, names);
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 3);
    struct store_query query = {
        .of = of,
        .engine = bind_store_optional(L, "query", "engine"),
        .image = bind_store_optional(L, "query", "image"),
        .since = bind_store_whole(L, "query", "since", 0),
        .until = bind_store_whole(L, "query", "until_", 0),
        .limit = bind_store_whole(L, "query", "limit", 0),
    };
    struct rows *rows = lua_newuserdatauv(L, sizeof *rows, 0);
    *rows = (struct rows){.columns = forms[of].columns};
    buf_init(&rows->texts, ROWS_MAX);
    luaL_setmetatable(L, ROWS);
    lua_toclose(L, -1);
    struct err err;
    err_set(&err, ERR_TRANSPORT,
            "cannot read the state file %s: there are too many rows for the memory; ask for fewer "
            "(limit, since)",
            store_path(store));
    if (!store_read(store, &query, collect, rows, &err))
        return bind_push_err(L, bind_field_string(L, 3, "op", "state"), &err);
    push_rows(L, rows, &forms[of]);
    return 1;
}

static const luaL_Reg methods[] = {
    {"close", store_f_close},   {"lock", store_f_lock},      {"notice", store_f_notice},
    {"owner", store_f_owner},   {"path", store_f_path},      {"read", store_f_read},
    {"unlock", store_f_unlock}, {"write", bind_store_write}, {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"open", f_open},
    {NULL, NULL},
};

int luaopen_moontide_c_store(lua_State *L) {
    bind_new_class(L, BIND_STORE, store_f_close, methods);
    bind_new_class(L, ROWS, rows_close, NULL);
    bind_open_store_writes(L);
    luaL_newlib(L, functions);
    return 1;
}
