/* The Lua state: its memory limit, its libraries, where modules come from. */
#ifndef MOONTIDE_HOST_VM_H
#define MOONTIDE_HOST_VM_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

struct vm;

struct vm_options {
    size_t memory_limit; /* bytes that the script may hold */
    int64_t budget;      /* ns that a task may run without waiting */
};

/* Returns NULL, after a message on standard error, when out of memory or when the system refuses
 * the loop or the watchdog. */
struct vm *vm_new(const struct vm_options *options);
/* Everything, in order, also what still runs. */
void vm_free(struct vm *vm);

/* Runs moontide.cmd's main(args...) as the first task, and all that comes of it. Returns the exit
 * code. */
int vm_run(struct vm *vm, int argc, char **argv);

/* Ends in order on SIGINT or SIGTERM: with 128 + signum while a script's own code runs, with 0 when
 * it has returned and lives by its timers and tasks. The second signal ends at once. */

#endif
