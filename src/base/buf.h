/* A growing byte buffer with a ceiling. */
#ifndef MOONTIDE_BASE_BUF_H
#define MOONTIDE_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* NUL after the last byte, NULL while empty and never written */
    size_t length;
    size_t capacity;
    size_t limit; /* bytes that it may hold */
};

/* Empty, no memory yet; `limit` in bytes, without the NUL. */
void buf_init(struct buf *buf, size_t limit);

/* Returns false when the limit or the memory does not allow it; the content stays as it was.
 * What is appended may not lie inside the buffer itself. */
bool buf_append(struct buf *buf, const void *data, size_t length);
bool buf_puts(struct buf *buf, const char *text);
bool buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The content as a C string, never NULL. */
const char *buf_text(const struct buf *buf);

/* Frees the memory; the buffer is empty and usable again, with the same limit. */
void buf_free(struct buf *buf);

/* The same for what is secret: it is overwritten first, as far as it was ever written. */
void buf_wipe(struct buf *buf);

#endif
