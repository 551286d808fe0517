/* A body that comes in chunks (RFC 9112, 7.1), strictly. libcurl reads "0x5" as the last chunk and
 * "5g" as five: what it accepts wrongly would be short data that looks like success. */
#ifndef MOONTIDE_HTTP_CHUNKED_H
#define MOONTIDE_HTTP_CHUNKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chunked { /* zeroed before the first use */
    int state;
    uint64_t left; /* bytes of the chunk, or of its size so far */
    unsigned line; /* bytes of the line that is being read */
    size_t trailers;
    bool ended; /* with the last chunk and what follows it */
    const char *fault;
};

/* Takes the next of the bytes, as many as are returned: *size of them, from *body on, are body, if
 * any. To be called until all are taken, or `fault` says why they cannot be. */
size_t chunked_next(struct chunked *chunked, const char *data, size_t length, const char **body,
                    size_t *size);

#endif
