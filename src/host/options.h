/* The options that the Lua state needs before there is one. The rest is moontide.cmd's. */
#ifndef MOONTIDE_HOST_OPTIONS_H
#define MOONTIDE_HOST_OPTIONS_H

#include "host/vm.h"
#include <stdbool.h>

/* Finds --memory-limit SIZE ("256m", default 256 MiB, at least 4 MiB) and --script-budget TIME
 * ("1s", "250ms", default 1 s) among the options in front of a script's own arguments. Returns
 * false after a message on standard error. */
bool options_read(int argc, char **argv, struct vm_options *options);

#endif
