/* JSON (RFC 8259): a strict one-pass scanner; json-c builds trees of what passed it. */
#ifndef MOONTIDE_BASE_JSON_H
#define MOONTIDE_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

enum { JSON_DEPTH_CEILING = 1000, JSON_DOUBLE_SIZE = 32 };

struct json_rules {
    unsigned max_depth; /* nested arrays and objects; more than JSON_DEPTH_CEILING counts as that */
    size_t max_length;  /* bytes of text */
    bool clamp_integers; /* true: an integer up to 2^64-1 is taken, as 2^63-1 (engine counters use
                            it as "no limit"); false: outside of 64 bits signed is an error */
};

/* 100 deep, 64 MiB, no clamping. */
extern const struct json_rules json_strict;
/* 100 deep, 64 MiB, clamping. */
extern const struct json_rules json_engine;

struct json_error {
    size_t offset; /* of the byte where it went wrong */
    unsigned line;
    unsigned column;    /* in characters; both from 1 */
    const char *reason; /* for people, static: "expected a value" */
};

/* True when `text` is one JSON value, only white space around it, within `rules`. Rejects NaN, raw
 * control characters, lone surrogates, invalid UTF-8, a byte order mark and numbers that a double
 * cannot hold. `error` (may be NULL) is filled on false only. Time is linear in `length`. */
bool json_scan(const char *text, size_t length, const struct json_rules *rules,
               struct json_error *error);

/* Scans, then builds. Returns true and the value in `*value` (NULL is JSON's null), which the
 * caller owns (json_object_put); false and `error` as json_scan, or when memory ran out.
 *
 * - Integers have json_type_int: read them with json_object_get_int64, which clamps. -0, and what
 *   has a fraction or an exponent, has json_type_double.
 * - Strings may hold NUL: use json_object_get_string_len. A key is a C string, so U+0000 in a key
 *   is the two bytes JSON_KEY_NUL, which valid UTF-8 never has.
 * - Of equal keys the last one wins. */
bool json_parse(const char *text, size_t length, const struct json_rules *rules,
                struct json_object **value, struct json_error *error);

#define JSON_KEY_NUL "\xC0\x80"

/* Cuts a scanned array into its elements, without building: `*cursor` starts at 0; returns true and
 * the text of the next element, false at the end or when `text` is no array. */
bool json_next(const char *text, size_t length, size_t *cursor, const char **element,
               size_t *element_length);

/* Writes the finite `value` with as few digits, 15 to 17, as read back the same, whatever the
 * locale; with a point or an exponent, so that it stays a double: 3.0, 0.1, 1e+300. */
void json_format_double(char out[JSON_DOUBLE_SIZE], double value);

#endif
