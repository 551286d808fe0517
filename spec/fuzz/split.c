/* A stream of JSON is the same values, however it is cut; an array that is JSON is cut into its
 * elements. */
#include "docker/split.h"
#include "base/json.h"
#include "fuzz.h"

#include <json-c/json_object.h>

enum { MAX_VALUE = 4096, MAX_HELD = 1 << 20 };

struct values {
    uint64_t seen;
    size_t count;
    bool broken, unfinished;
};

static void take(struct split *split, struct values *values) {
    const char *value;
    size_t length;
    while (split_next(split, &value, &length) == SPLIT_VALUE) {
        MUST(length > 0 && length <= MAX_VALUE);
        values->seen = fuzz_note(fuzz_note(values->seen, value, length), "\n", 1);
        values->count++;
    }
}

static struct values read_all(const char *data, size_t size, enum split_form form, uint8_t cut) {
    struct values values = {.seen = FUZZ_NOTHING};
    struct split split;
    split_init(&split, form, MAX_VALUE, MAX_HELD);
    for (size_t at = 0, length; at < size; at += length) {
        length = fuzz_piece(cut, size - at);
        MUST(split_feed(&split, data + at, length));
        take(&split, &values);
    }
    values.broken = split.fault != NULL;
    values.unfinished = split_end_fault(&split) != NULL;
    split_free(&split);
    return values;
}

static void check_array(const char *text, size_t size, const struct values *values) {
    struct json_object *value = NULL;
    bool is_array = size <= MAX_VALUE && json_parse(text, size, &json_engine, &value, NULL) &&
                    json_object_is_type(value, json_type_array);
    MUST(!is_array || (!values->broken && !values->unfinished &&
                       values->count == json_object_array_length(value)));
    json_object_put(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) {
        return 0;
    }
    const char *stream = (const char *)data + 2;
    enum split_form form = data[1] & 1 ? SPLIT_ARRAY : SPLIT_SEQUENCE;
    struct values whole = read_all(stream, size - 2, form, 0);
    struct values cut = read_all(stream, size - 2, form, data[0]);
    MUST(whole.seen == cut.seen && whole.count == cut.count);
    MUST(whole.broken == cut.broken && whole.unfinished == cut.unfinished);
    if (form == SPLIT_ARRAY) {
        check_array(stream, size - 2, &whole);
    }
    return 0;
}
