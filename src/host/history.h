/* The file of the lines that were typed. Several programs may write to it at once. */
#ifndef MOONTIDE_HOST_HISTORY_H
#define MOONTIDE_HOST_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

enum { HISTORY_LINES = 1000 }; /* the newest so many are kept */

/* Adds a line, which has no line feed in it, unless it is the last one already. Makes the file, for
 * its owner only, and the directories above it. False, with errno, when that fails. */
bool history_add(const char *path, const char *line, size_t length);

#endif
