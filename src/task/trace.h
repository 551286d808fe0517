/* Errors as text for people, and names for tasks. */
#ifndef MOONTIDE_TASK_TRACE_H
#define MOONTIDE_TASK_TRACE_H

#include "task/internal.h"

/* Push the error value at `index` as text; trace_push adds the tracebacks of the task,
 * whose userdata is at `userdata`, and of the task that the error comes from. */
void trace_message(lua_State *L, struct task *task, int index);
void trace_push(lua_State *L, struct task *task, int userdata, int index);
/* "web.lua:12" for the function at `index`. */
void trace_label(lua_State *L, int index, char *label, size_t size);

#endif
