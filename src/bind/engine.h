/* What bind/engine.c, request.c and stream*.c share: moontide.c.engine, the Engine API from Lua. */
#ifndef MOONTIDE_BIND_ENGINE_H
#define MOONTIDE_BIND_ENGINE_H

#include "docker/docker.h"
#include <lauxlib.h>

#define BIND_ENGINE "moontide.engine"

enum { BIND_HEADERS_MAX = 64 };

/* Reads the call that the table at 2 describes, for the engine at 1: {row=, object=, method=,
 * path=, query=, headers=, body=, timeout= s}; raises what is wrong. Its strings stay valid as long
 * as the table and the stack hold them; `headers` must live as long as the result. */
struct docker_request bind_read_request(lua_State *L, const char *headers[BIND_HEADERS_MAX + 1]);

/* Makes the metatable `name`, with `close` as __gc and __close and `methods` (NULL: none); pushes
 * nothing. */
void bind_new_class(lua_State *L, const char *name, lua_CFunction close, const luaL_Reg *methods);

/* The metatables of request.c and stream.c. */
void bind_open_requests(lua_State *L);
void bind_open_streams(lua_State *L);

/* engine:stream{...}: see bind/stream.c. */
int bind_engine_stream(lua_State *L);

#endif
