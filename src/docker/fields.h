/* Lenient reading of what engines say, and building of what moontide says instead: null, missing
 * and a wrong type count as one thing, because engines mix them freely. */
#ifndef MOONTIDE_DOCKER_FIELDS_H
#define MOONTIDE_DOCKER_FIELDS_H

#include <json-c/json_object.h>
#include <stdbool.h>
#include <stdint.h>

/* The field `key` of `object` if it has that type, else NULL. `object` may be NULL or no object. */
struct json_object *field(struct json_object *object, const char *key, enum json_type type);

/* The same for a string; `fallback` if there is none. */
const char *field_text(struct json_object *object, const char *key, const char *fallback);

/* Reads a number that counts something: true and at least 0 in `*value`, or false. */
bool field_count(struct json_object *object, const char *key, int64_t *value);

bool field_true(struct json_object *object, const char *key);

/* An object under construction. After the first failure nothing more is added. */
struct build {
    struct json_object *object; /* NULL: memory ran out */
};

struct build build_new(void);
/* Takes `value` over; NULL counts as out of memory. */
void build_add(struct build *build, const char *key, struct json_object *value);
void build_text(struct build *build, const char *key, const char *text);
void build_int(struct build *build, const char *key, int64_t value);
void build_double(struct build *build, const char *key, double value);

#endif
