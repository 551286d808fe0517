/* moontide.c.repl: what lua/moontide/cmd/repl needs of C. */
#ifndef MOONTIDE_HOST_REPL_H
#define MOONTIDE_HOST_REPL_H

#include <lua.h>
#include <stdbool.h>

int luaopen_moontide_c_repl(lua_State *L);

/* Ctrl-C: true when it was for the line that is typed, or for the entry that runs, and for nobody
 * else. */
bool repl_interrupt(void);

/* When the program is about to end without any order; async-signal-safe. */
void repl_restore_terminal(void);

/* The terminal and the streams are as they were. Nothing when no REPL was open. */
void repl_close(void);

#endif
