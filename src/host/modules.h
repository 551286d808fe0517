/* Where `require` finds modules, and how chunks load: as text only. */
#ifndef MOONTIDE_HOST_MODULES_H
#define MOONTIDE_HOST_MODULES_H

#include <lua.h>

/* package.path and cpath lose their relative entries; the embedded library (or $MOONTIDE_LUA, a
 * directory, for development) comes first; load, loadfile and dofile take text only. */
void modules_open(lua_State *L);

#endif
