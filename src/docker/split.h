/* Cuts a stream of JSON into its values as the bytes come, wherever they are cut: a sequence
 * (events, pull, stats: one after another, usually a line each), or the elements of one array (a
 * long list). A value is found by its brackets and strings; whether it is JSON says json_scan. No
 * I/O. */
#ifndef MOONTIDE_DOCKER_SPLIT_H
#define MOONTIDE_DOCKER_SPLIT_H

#include "base/buf.h"

enum split_form { SPLIT_SEQUENCE, SPLIT_ARRAY };

struct split { /* split_init fills it; split.c's own, but for fault */
    size_t max_value, max_held;
    struct buf held; /* twice max_held at most: what was handed out goes when that pays */
    size_t start;    /* of the value that is being looked for */
    size_t scanned;  /* up to here every byte has been looked at, once */
    enum split_expect {
        SPLIT_EXPECTS_ARRAY,
        SPLIT_EXPECTS_FIRST, /* element, or the array's end */
        SPLIT_EXPECTS_VALUE,
        SPLIT_EXPECTS_COMMA, /* or the array's end */
        SPLIT_EXPECTS_NOTHING,
    } expects; /* between values */
    enum split_inside { SPLIT_BETWEEN, SPLIT_IN_SCALAR, SPLIT_IN_BRACKETS, SPLIT_IN_STRING } inside;
    unsigned depth;
    bool escaped, array;
    const char *fault; /* what is wrong with the stream; NULL: nothing */
};

enum split_result {
    SPLIT_VALUE,  /* here is one */
    SPLIT_MORE,   /* none is complete */
    SPLIT_END,    /* the array has ended */
    SPLIT_BROKEN, /* fault says why; there will be no more values */
};

/* Values up to `max_value` bytes (a longer one breaks the stream, as nesting beyond
 * JSON_DEPTH_CEILING does), `max_held` bytes that are not handed out at once. */
void split_init(struct split *split, enum split_form form, size_t max_value, size_t max_held);
void split_free(struct split *split);

/* Adds bytes. False, with nothing added, when they would be more than it may hold or the memory
 * does not allow it. Ends the life of what split_next has given. What comes to a broken stream is
 * dropped. */
bool split_feed(struct split *split, const char *data, size_t length);

/* The next value; `*value` lives until the next split_feed. A number, true, false or null ends with
 * the byte after it. */
enum split_result split_next(struct split *split, const char **value, size_t *length);

/* Bytes that are held. */
size_t split_held(const struct split *split);

/* No more bytes will come, and split_next has given all: NULL when the stream may end here, else
 * what is missing, for people. */
const char *split_end_fault(const struct split *split);

#endif
