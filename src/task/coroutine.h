/* What scripts find in their globals instead of Lua's own, and what marks their coroutines. */
#ifndef MOONTIDE_TASK_COROUTINE_H
#define MOONTIDE_TASK_COROUTINE_H

#include <lua.h>
#include <stdint.h>

/* The bit of a coroutine's extra space that says: a task's own, or suspended as a part of a waiting
 * task, so nobody but that task may resume or close it. The rest is the kernel's address. */
#define CO_WAITING ((uintptr_t)1)
uintptr_t *co_extra(lua_State *L);

/* coroutine.c, guards.c: replace functions in the globals of L. */
void coroutine_open(lua_State *L);
void guards_open(lua_State *L);

#endif
