/* stdin, stdout and stderr as streams that tell of what goes through them. Lua's own functions and
 * C's messages then take one way. */
#ifndef MOONTIDE_HOST_STREAMS_H
#define MOONTIDE_HOST_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct streams_hooks {
    /* Bytes that were read from standard input for somebody else and are still there: at most
     * `size` of them into `data`; 0: none, it is read. */
    size_t (*kept)(char *data, size_t size);
    /* Returns when there is more to read; false: a signal came instead. */
    bool (*wait)(void);
    /* Before bytes are written to a terminal. NULL: output is nobody's business. */
    void (*before_write)(const char *data, size_t length);
};

/* Replaces the global streams. Returns false when there is no memory: then nothing has changed. */
bool streams_replace(const struct streams_hooks *hooks);
/* Flushes and puts back what was there. Nothing when nothing was replaced. */
void streams_restore(void);

/* What stands for a stream that was there before, or the other way round; another one is itself. */
FILE *streams_other(FILE *stream);

#endif
