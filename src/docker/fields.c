#include "docker/fields.h"

struct json_object *field(struct json_object *object, const char *key, enum json_type type) {
    struct json_object *value = NULL;
    if (!json_object_is_type(object, json_type_object) ||
        !json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type)) {
        return NULL;
    }
    return value;
}

const char *field_text(struct json_object *object, const char *key, const char *fallback) {
    struct json_object *value = field(object, key, json_type_string);
    return value ? json_object_get_string(value) : fallback;
}

bool field_count(struct json_object *object, const char *key, int64_t *value) {
    struct json_object *number = field(object, key, json_type_int);
    number = number ? number : field(object, key, json_type_double);
    if (!number || json_object_get_int64(number) < 0) {
        return false;
    }
    *value = json_object_get_int64(number);
    return true;
}

bool field_true(struct json_object *object, const char *key) {
    struct json_object *value = field(object, key, json_type_boolean);
    return value && json_object_get_boolean(value);
}

struct build build_new(void) {
    return (struct build){json_object_new_object()};
}

void build_add(struct build *build, const char *key, struct json_object *value) {
    if (build->object && value && json_object_object_add(build->object, key, value) == 0) {
        return;
    }
    json_object_put(value);
    json_object_put(build->object);
    build->object = NULL;
}

void build_text(struct build *build, const char *key, const char *text) {
    build_add(build, key, json_object_new_string(text));
}

void build_int(struct build *build, const char *key, int64_t value) {
    build_add(build, key, json_object_new_int64(value));
}

void build_double(struct build *build, const char *key, double value) {
    build_add(build, key, json_object_new_double(value));
}
