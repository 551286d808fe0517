#include "http/chunked.h"

#include <string.h>

#define MAX_LINE     4096U
#define MAX_TRAILERS ((size_t)64 * 1024)

enum {
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER,
    TRAILER_LINE,
    TRAILER_LF,
    END_LF
};

static int digit_of(char c) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)((at - digits) % 16) : -1;
}

/* The state after `c` of the line with the size; -1 when it may not stand there. */
static int read_size(struct chunked *chunked, char c) {
    int digit = digit_of(c);
    if (digit >= 0 && chunked->line < 16) {
        chunked->left = chunked->left << 4 | (unsigned)digit;
        chunked->line++;
        return SIZE;
    }
    if (chunked->line == 0 || digit >= 0 || chunked->left > INT64_MAX)
        return -1;
    if (c == '\r')
        return SIZE_LF;
    return c == ';' || c == ' ' || c == '\t' ? EXTENSION : -1;
}

/* Trailers are of no use here. */
static int read_trailer(struct chunked *chunked, char c) {
    if (++chunked->trailers > MAX_TRAILERS || c == '\0')
        return -1;
    if (chunked->state == TRAILER)
        return c == '\r' ? END_LF : c == '\n' ? -1 : TRAILER_LINE;
    return c == '\r' ? TRAILER_LF : TRAILER_LINE;
}

static int read_extension(struct chunked *chunked, char c) {
    if (c == '\r')
        return SIZE_LF;
    return c == '\n' || c == '\0' || ++chunked->line > MAX_LINE ? -1 : EXTENSION;
}

static int step(struct chunked *chunked, char c) {
    switch (chunked->state) {
    case SIZE:
        return read_size(chunked, c);
    case EXTENSION:
        return read_extension(chunked, c);
    case SIZE_LF:
        return c != '\n' ? -1 : chunked->left > 0 ? DATA : TRAILER;
    case DATA_CR:
        return c == '\r' ? DATA_LF : -1;
    case DATA_LF:
        chunked->line = 0;
        return c == '\n' ? SIZE : -1;
    case TRAILER:
    case TRAILER_LINE:
        return read_trailer(chunked, c);
    case TRAILER_LF:
        return c == '\n' ? TRAILER : -1;
    default: /* END_LF, and what comes after the end */
        if (c != '\n' || chunked->ended)
            return -1;
        chunked->ended = true;
        return END_LF;
    }
}

size_t chunked_next(struct chunked *chunked, const char *data, size_t length, const char **body,
                    size_t *size) {
    size_t used = 0;
    *size = 0;
    while (used < length && !chunked->fault) {
        if (chunked->state == DATA) {
            *body = data + used;
            *size = length - used < chunked->left ? length - used : (size_t)chunked->left;
            chunked->left -= *size;
            if (chunked->left == 0)
                chunked->state = DATA_CR;
            return used + *size;
        }
        int next = step(chunked, data[used++]);
        if (next < 0)
            chunked->fault = "one of the chunks that it comes in is malformed";
        else
            chunked->state = next;
    }
    return used;
}
