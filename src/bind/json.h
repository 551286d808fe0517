/* JSON trees as Lua values, Lua values as JSON text. moontide.c.json is mt.json:
 *
 * encode(value, {indent=0}) -> text; raises, naming the path, for what JSON has no form for: other
 *   types, NaN and infinities, invalid UTF-8, mixed or sparse keys, cycles, more than 100 levels or
 *   64 MiB. Keys are sorted; integers stay integers, floats keep a point or an exponent.
 * decode(text, {max_depth=100, max_length=2^26 bytes}) -> value, or nil, err of kind "invalid".
 * array(table or nil) -> the table, or a new one, marked: written as a list also when empty. The
 *   mark is the metatable's field __jsontype = "array"; decoded lists have it.
 * null: JSON's null, light userdata. */
#ifndef MOONTIDE_BIND_JSON_H
#define MOONTIDE_BIND_JSON_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

struct json_object;

enum { BIND_JSON_SKIP_NULLS = 1 };

/* Pushes the tree as Lua tables, lists marked; null is json.null. With BIND_JSON_SKIP_NULLS a
 * member that is null is left out, and a null by itself is nil; lists keep theirs, so that what
 * follows keeps its place. May raise (memory): anchor the tree, in a box for example. */
void bind_push_json(lua_State *L, struct json_object *value, unsigned flags);

/* Pushes a userdata that owns the tree which is stored there, at first none (NULL): it is freed
 * when the userdata is closed (lua_toclose) or collected, once. */
struct json_object **bind_json_box(lua_State *L);

/* Marks the table on top of the stack as a list. */
void bind_mark_array(lua_State *L);

/* Pushes the JSON text of the value at `index`; raises as json.encode. */
void bind_encode_json(lua_State *L, int index);

/* What follows is shared by bind/json*.c only. */

struct bind_json_option {
    const char *name;
    lua_Integer min, max;
    lua_Integer value; /* the default, then what was given */
};

/* Reads the table of whole numbers at `index`, which may be nil; raises in the name of `op`. */
void bind_json_options(lua_State *L, const char *op, int index, struct bind_json_option *options,
                       size_t count);

/* Gives the userdata on top of the stack the metatable `name`, with `close` as __gc and __close. */
void bind_json_set_close(lua_State *L, const char *name, lua_CFunction close);

bool bind_json_is_array(lua_State *L, int table);

/* json.encode */
int bind_json_encode(lua_State *L);

#define BIND_JSON_TYPE "__jsontype"

#endif
