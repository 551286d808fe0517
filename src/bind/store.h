/* What the files of moontide.c.store share. */
#ifndef MOONTIDE_BIND_STORE_H
#define MOONTIDE_BIND_STORE_H

#include <lua.h>
#include <stdint.h>

#define BIND_STORE "moontide.store"

struct store;

/* The open store that is the first argument; raises for another, and for a closed one. */
struct store *bind_check_store(lua_State *L);

/* store:write{...} */
int bind_store_write(lua_State *L);
void bind_open_store_writes(lua_State *L);

/* Fields of the table on top, which keeps the text: `fallback` when it is nil, then NULL means that
 * it may not be. Raises, naming "part.key", for another type, for a NUL in a text, and for what is
 * no whole number. */
const char *bind_store_text(lua_State *L, const char *part, const char *key, const char *fallback);
int64_t bind_store_whole(lua_State *L, const char *part, const char *key, int64_t fallback);
/* The text, or NULL when it is nil. */
const char *bind_store_optional(lua_State *L, const char *part, const char *key);

#endif
