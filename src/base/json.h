/* JSON (RFC 8259): a strict one-pass scanner; json-c builds trees of what passed it. */
#ifndef MOONTIDE_BASE_JSON_H
#define MOONTIDE_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

struct json_rules {
    unsigned max_depth;  /* nested arrays and objects */
    size_t max_length;   /* bytes of text */
    bool clamp_integers; /* true: an integer up to 2^64-1 becomes 2^63-1 (engine counters use it as
                            "no limit"); false: outside of 64 bits signed is an error */
};

/* 100 deep, 64 MiB, no clamping. */
extern const struct json_rules json_strict;
/* 100 deep, 64 MiB, clamping. */
extern const struct json_rules json_engine;

struct json_error {
    size_t offset; /* of the byte where it went wrong */
    unsigned line;
    unsigned column; /* both from 1 */
    const char *reason;
};

/* True when `text` is one JSON value, only white space around it, within `rules`. Rejects NaN, raw
 * control characters, lone surrogates, invalid UTF-8, numbers that a double cannot hold. */
bool json_scan(const char *text, size_t length, const struct json_rules *rules,
               struct json_error *error);

/* Scans, then builds. Returns true and the value in `*value` (NULL is JSON's null), which the
 * caller owns (json_object_put). */
bool json_parse(const char *text, size_t length, const struct json_rules *rules,
                struct json_object **value, struct json_error *error);

/* Walks a scanned array element by element: `*cursor` starts at 0; returns false at the end. */
bool json_next(const char *text, size_t length, size_t *cursor, const char **element,
               size_t *element_length);

#endif
