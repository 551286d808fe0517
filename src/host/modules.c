#include "host/modules.h"

#include "host/embedded.h"
#include <lauxlib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct embedded *find(const char *name) {
    for (const struct embedded *e = embedded; e->name; e++)
        if (strcmp(e->name, name) == 0)
            return e;
    return NULL;
}

static void copy_fields(lua_State *L, int from, int to) {
    lua_pushnil(L);
    while (lua_next(L, from)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, to);
    }
}

/* What the library finds in its globals is not what a script has made of its own: an error is still
 * reported when the script has removed `io` and `tostring`. */
static void push_library_globals(lua_State *L) {
    static const char *const libraries[] = {"coroutine", "debug",  "io",    "math",
                                            "os",        "string", "table", "utf8"};
    if (luaL_getsubtable(L, LUA_REGISTRYINDEX, "moontide.library_globals"))
        return;
    int globals = lua_gettop(L);
    lua_pushglobaltable(L);
    copy_fields(L, globals + 1, globals);
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        lua_getfield(L, globals + 1, libraries[i]);
        lua_newtable(L);
        copy_fields(L, globals + 2, globals + 3);
        lua_setfield(L, globals, libraries[i]);
        lua_settop(L, globals + 1);
    }
    lua_settop(L, globals);
}

static void set_globals(lua_State *L) {
    push_library_globals(L);
    lua_setupvalue(L, -2, 1);
}

/* DIR/moontide/core/check.lua, or DIR/moontide/docker/init.lua. */
static int load_from(lua_State *L, const char *directory, const char *name) {
    static const char *const forms[] = {"%s/%s.lua", "%s/%s/init.lua"};
    const char *path = luaL_gsub(L, name, ".", "/");
    for (size_t i = 0; i < 2; i++) {
        const char *file = lua_pushfstring(L, forms[i], directory, path);
        if (access(file, R_OK) != 0)
            continue;
        if (luaL_loadfilex(L, file, "t") != LUA_OK)
            return lua_error(L);
        set_globals(L);
        lua_pushstring(L, file);
        return 2;
    }
    lua_pushfstring(L, "no module '%s' in $MOONTIDE_LUA (%s)", name, directory);
    return 1;
}

/* The one binary chunk that is ever loaded is our own. */
static int search_embedded(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    const struct embedded *module = find(name);
    if (!module) {
        lua_pushfstring(L, "no embedded module '%s'", name);
        return 1;
    }
    const char *directory = getenv("MOONTIDE_LUA");
    if (directory && *directory && strncmp(name, "moontide", 8) == 0)
        return load_from(L, directory, name);
    if (luaL_loadbufferx(L, (const char *)module->code, module->size, name, "b") != LUA_OK)
        return lua_error(L);
    set_globals(L);
    lua_pushliteral(L, ":embedded:");
    return 2;
}

/* Lua's own searcher of package.path also takes binary chunks. */
static int search_path(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    lua_getfield(L, lua_upvalueindex(1), "searchpath");
    lua_pushvalue(L, 1);
    if (lua_getfield(L, lua_upvalueindex(1), "path") != LUA_TSTRING)
        return luaL_error(L, "'package.path' must be a string");
    lua_call(L, 2, 2);
    if (lua_isnil(L, -2))
        return 1; /* why not */
    const char *file = lua_tostring(L, -2);
    if (luaL_loadfilex(L, file, "t") != LUA_OK)
        return luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", name, file,
                          lua_tostring(L, -1));
    lua_pushstring(L, file);
    return 2;
}

/* Relative entries would run what lies in the directory that the operator happens to be in. */
static void keep_absolute(lua_State *L, const char *field) {
    lua_getfield(L, -1, field);
    const char *entry = lua_tostring(L, -1);
    luaL_Buffer kept;
    luaL_buffinit(L, &kept);
    for (bool first = true; entry && *entry;) {
        size_t length = strcspn(entry, ";");
        if (*entry == '/') {
            if (!first)
                luaL_addchar(&kept, ';');
            luaL_addlstring(&kept, entry, length);
            first = false;
        }
        entry += length + (entry[length] == ';');
    }
    luaL_pushresult(&kept);
    lua_setfield(L, -3, field);
    lua_pop(L, 1);
}

/* load(chunk, name, mode, env), the mode always "t". */
static int f_load(lua_State *L) {
    int top = lua_gettop(L);
    if (top < 3)
        lua_settop(L, 3);
    lua_pushliteral(L, "t");
    lua_replace(L, 3);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* loadfile(file, mode, env) likewise. */
static int f_loadfile(lua_State *L) {
    if (lua_gettop(L) < 2)
        lua_settop(L, 2);
    lua_pushliteral(L, "t");
    lua_replace(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

static int after_dofile(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    return lua_gettop(L) - 1;
}

/* May wait inside, as Lua's own may yield. */
static int f_dofile(lua_State *L) {
    const char *file = luaL_optstring(L, 1, NULL);
    lua_settop(L, 1);
    if (luaL_loadfilex(L, file, "t") != LUA_OK)
        return lua_error(L);
    lua_callk(L, 0, LUA_MULTRET, 0, after_dofile);
    return after_dofile(L, LUA_OK, 0);
}

static void wrap(lua_State *L, const char *name, lua_CFunction function) {
    lua_getglobal(L, name);
    lua_pushcclosure(L, function, 1);
    lua_setglobal(L, name);
}

/* After package.preload: the embedded library, then package.path; then C modules as ever. */
static void set_searchers(lua_State *L) {
    lua_getfield(L, -1, "searchers");
    for (lua_Integer i = luaL_len(L, -1); i >= 3; i--) {
        lua_rawgeti(L, -1, i);
        lua_rawseti(L, -2, i + 1);
    }
    lua_pushcfunction(L, search_embedded);
    lua_rawseti(L, -2, 2);
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, search_path, 1);
    lua_rawseti(L, -2, 3);
    lua_pop(L, 1);
}

void modules_open(lua_State *L) {
    lua_getglobal(L, "package");
    keep_absolute(L, "path");
    keep_absolute(L, "cpath");
    set_searchers(L);
    lua_pop(L, 1);
    wrap(L, "load", f_load);
    wrap(L, "loadfile", f_loadfile);
    lua_pushcfunction(L, f_dofile);
    lua_setglobal(L, "dofile");
}
