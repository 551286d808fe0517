/* The library of lua/, compiled to bytecode by scripts/embed.c when the program is built. */
#ifndef MOONTIDE_HOST_EMBEDDED_H
#define MOONTIDE_HOST_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name; /* "moontide.docker" */
    const unsigned char *code;
    size_t size;
};

/* Ends with a row without a name. */
extern const struct embedded embedded[];

#endif
