#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

void buf_init(struct buf *buf, size_t limit) {
    /* One byte stays free for the NUL, so that length + 1 cannot overflow. */
    *buf = (struct buf){.limit = limit < SIZE_MAX ? limit : SIZE_MAX - 1};
}

/* Makes room for `length` more bytes and a NUL. */
static bool reserve(struct buf *buf, size_t length) {
    if (length > buf->limit - buf->length) {
        return false;
    }
    size_t needed = buf->length + length + 1;
    if (needed <= buf->capacity) {
        return true;
    }
    size_t capacity = buf->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : buf->capacity;
    while (capacity < needed) {
        capacity = capacity <= buf->limit / 2 ? capacity * 2 : buf->limit + 1;
    }
    if (capacity > buf->limit + 1) {
        capacity = buf->limit + 1;
    }
    char *data = realloc(buf->data, capacity);
    if (data == NULL) {
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

bool buf_append(struct buf *buf, const void *data, size_t length) {
    if (length == 0) {
        return true;
    }
    if (!reserve(buf, length)) {
        return false;
    }
    memcpy(buf->data + buf->length, data, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
    return true;
}

bool buf_puts(struct buf *buf, const char *text) {
    return buf_append(buf, text, strlen(text));
}

bool buf_printf(struct buf *buf, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !reserve(buf, (size_t)length)) {
        return false;
    }
    va_start(arguments, format);
    vsnprintf(buf->data + buf->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buf->length += (size_t)length;
    return true;
}

const char *buf_text(const struct buf *buf) {
    return buf->data != NULL ? buf->data : "";
}

void buf_free(struct buf *buf) {
    free(buf->data);
    buf_init(buf, buf->limit);
}

void buf_wipe(struct buf *buf) {
    if (buf->data != NULL)
        explicit_bzero(buf->data, buf->capacity);
    buf_free(buf);
}
