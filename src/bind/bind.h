/* What the binding files share. One C file per Lua table; it checks every argument, calls, pushes.
 */
#ifndef MOONTIDE_BIND_BIND_H
#define MOONTIDE_BIND_BIND_H

#include "base/err.h"
#include <lua.h>
#include <stdint.h>

struct http;

/* The C modules, "moontide.c.NAME", for package.preload. */
void bind_preload(lua_State *L);

/* What the modules work with; `http` may be opened on first use. Before the first module loads. */
struct bind_services {
    struct http *(*http)(void *arg); /* NULL: out of memory */
    /* The script's own code has returned: from now on it lives by its timers and tasks. */
    void (*returned)(void *arg);
    /* The script gets a little more than its memory limit when it has used that up: enough to set a
     * variable to nil. */
    void (*headroom)(void *arg);
    void *arg;
};
void bind_set_services(lua_State *L, const struct bind_services *services);
const struct bind_services *bind_services(lua_State *L);

/* Pushes nil and the error value (moontide.core.errors makes it); returns 2. */
int bind_push_err(lua_State *L, const char *op, const struct err *err);

/* Seconds as ns, at most what 64 bits hold. */
int64_t bind_ns(lua_Number seconds);

/* Optional fields of the table at `index`: the field's value, or the default when it is nil; raises
 * when it has another type. A string stays valid as long as the table holds it. */
const char *bind_field_string(lua_State *L, int index, const char *key, const char *fallback);
lua_Number bind_field_number(lua_State *L, int index, const char *key, lua_Number fallback);
int bind_field_boolean(lua_State *L, int index, const char *key, int fallback);
/* A list of strings, into `out`, which ends with NULL and has room for `max` and it. Raises for a
 * longer one. */
const char *const *bind_field_strings(lua_State *L, int index, const char *key, const char **out,
                                      int max);

int luaopen_moontide_c_child(lua_State *L);
int luaopen_moontide_c_engine(lua_State *L);
int luaopen_moontide_c_http(lua_State *L);
int luaopen_moontide_c_json(lua_State *L);
int luaopen_moontide_c_process(lua_State *L);
int luaopen_moontide_c_registry(lua_State *L);
int luaopen_moontide_c_serve(lua_State *L);
int luaopen_moontide_c_store(lua_State *L);
int luaopen_moontide_c_task(lua_State *L);

#endif
