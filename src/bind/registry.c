/* moontide.c.registry: X-Registry-Auth from the docker config. moontide.docker.auth runs helpers.
 *
 * find(op, image) -> {header=, helper=, key=}, or nil, err of kind "invalid". helper: the program
 *   docker-credential-HELPER is to be asked for key; neither header nor helper: anonymous.
 * read(op, helper, key, text) -> the header of what the helper has printed, nil for anonymous; or
 *   nil, err, which does not show the text.
 * encode{username=, password=, identity_token=, server=} -> the header.
 * key(image) -> what its registry is called in the config. */
#include "bind/bind.h"
#include "bind/engine.h"
#include "docker/auth.h"
#include "docker/config.h"
#include <json-c/json_object.h>
#include <stdlib.h>
#include <string.h>

#define LOOKUP "moontide.registry.lookup"

enum { HEADER_MAX = 4 << 20 };

/* What has to be freed whatever Lua raises, and forgotten at once. */
struct lookup {
    struct json_object *config;
    struct docker_auth auth;
    struct buf header;
};

static int lookup_close(lua_State *L) {
    struct lookup *lookup = lua_touserdata(L, 1);
    json_object_put(lookup->config);
    lookup->config = NULL;
    docker_auth_free(&lookup->auth);
    buf_wipe(&lookup->header);
    return 0;
}

/* Pushes it; it is closed when the C function returns. */
static struct lookup *new_lookup(lua_State *L) {
    struct lookup *lookup = lua_newuserdatauv(L, sizeof *lookup, 0);
    memset(lookup, 0, sizeof *lookup);
    buf_init(&lookup->header, HEADER_MAX);
    luaL_setmetatable(L, LOOKUP);
    lua_toclose(L, -1);
    return lookup;
}

/* Pushes the text of X-Registry-Auth, nil for anonymous. */
static void push_header(lua_State *L, struct lookup *lookup) {
    if (!docker_auth_header(&lookup->header, &lookup->auth))
        luaL_error(L, "not enough memory");
    if (lookup->header.length > 0)
        lua_pushlstring(L, lookup->header.data, lookup->header.length);
    else
        lua_pushnil(L);
}

static bool is_anonymous(const struct docker_auth *auth) {
    return !*auth->helper && auth->user.length + auth->password.length +
                                     auth->identity_token.length + auth->registry_token.length ==
                                 0;
}

/* What the variable holds comes before what the file holds, as in docker CLI 28. */
static bool find_in_variable(struct lookup *lookup, const char *registry, struct err *err) {
    const char *text = getenv("DOCKER_AUTH_CONFIG");
    return !text ||
           (docker_config_parse(text, strlen(text), "DOCKER_AUTH_CONFIG", &lookup->config, err) &&
            docker_auth_find(&lookup->auth, lookup->config, registry, err));
}

static bool find_in_file(struct lookup *lookup, const char *registry, struct err *err) {
    char directory[PATH_MAX];
    json_object_put(lookup->config);
    lookup->config = NULL;
    docker_auth_free(&lookup->auth);
    return (!docker_config_directory(directory) ||
            docker_config_load(directory, &lookup->config, err)) &&
           docker_auth_find(&lookup->auth, lookup->config, registry, err);
}

static int f_find(lua_State *L) {
    const char *op = luaL_checkstring(L, 1);
    char registry[256];
    struct err err;
    docker_registry_of(registry, luaL_checkstring(L, 2));
    struct lookup *lookup = new_lookup(L);
    if (!find_in_variable(lookup, registry, &err) ||
        (is_anonymous(&lookup->auth) && !find_in_file(lookup, registry, &err)))
        return bind_push_err(L, op, &err);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, lookup->auth.key);
    lua_setfield(L, -2, "key");
    if (*lookup->auth.helper) {
        lua_pushstring(L, lookup->auth.helper);
        lua_setfield(L, -2, "helper");
    } else {
        push_header(L, lookup);
        lua_setfield(L, -2, "header");
    }
    return 1;
}

static int f_read(lua_State *L) {
    size_t length;
    struct err err;
    const char *op = luaL_checkstring(L, 1), *text = luaL_checklstring(L, 4, &length);
    struct lookup *lookup = new_lookup(L);
    docker_auth_begin(&lookup->auth, luaL_checkstring(L, 3), luaL_checkstring(L, 2));
    if (!docker_auth_read_helper(&lookup->auth, text, length, &err))
        return bind_push_err(L, op, &err);
    push_header(L, lookup);
    return 1;
}

static void take_field(lua_State *L, struct buf *out, const char *key) {
    size_t length = 0;
    lua_getfield(L, 1, key);
    const char *text = lua_tolstring(L, -1, &length);
    if (!buf_append(out, text, length))
        luaL_error(L, "field '%s' is longer than 1 MiB", key);
    lua_pop(L, 1);
}

static int f_encode(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    const char *server = bind_field_string(L, 1, "server", "");
    struct lookup *lookup = new_lookup(L);
    docker_auth_begin(&lookup->auth, server, "");
    take_field(L, &lookup->auth.user, "username");
    take_field(L, &lookup->auth.password, "password");
    take_field(L, &lookup->auth.identity_token, "identity_token");
    push_header(L, lookup);
    return 1;
}

static int f_key(lua_State *L) {
    char registry[256], key[256];
    docker_registry_of(registry, luaL_checkstring(L, 1));
    docker_auth_key(key, registry);
    lua_pushstring(L, key);
    return 1;
}

static const luaL_Reg functions[] = {
    {"encode", f_encode}, {"find", f_find}, {"key", f_key}, {"read", f_read}, {NULL, NULL},
};

int luaopen_moontide_c_registry(lua_State *L) {
    bind_new_class(L, LOOKUP, lookup_close, NULL);
    luaL_newlib(L, functions);
    return 1;
}
