/* What the scanner takes, json-c builds, and what is written of it the scanner takes again; an
 * array is cut into as many elements as it has, each of them JSON. */
#include "base/json.h"
#include "fuzz.h"

#include <json-c/json_object.h>

static void check_elements(const char *text, size_t length, struct json_object *value) {
    const char *element;
    size_t size, cursor = 0, count = 0;
    while (json_next(text, length, &cursor, &element, &size)) {
        MUST(json_scan(element, size, &json_engine, NULL));
        count++;
    }
    bool is_array = json_object_is_type(value, json_type_array);
    MUST(count == (is_array ? json_object_array_length(value) : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size); /* where reading past the end is seen */
    struct json_error error = {0};
    struct json_object *value = NULL;
    bool good = json_scan(text, size, &json_engine, &error);
    MUST(good || (error.reason && error.offset <= size && error.line > 0 && error.column > 0));
    MUST(json_parse(text, size, &json_engine, &value, NULL) == good);
    MUST(good || !json_scan(text, size, &json_strict, NULL));
    if (good) {
        size_t length;
        const char *again =
            json_object_to_json_string_length(value, JSON_C_TO_STRING_PLAIN, &length);
        /* Not so what JSON_KEY_NUL stands for, which is no UTF-8. */
        MUST(memmem(again, length, "\xC0\x80", 2) || json_scan(again, length, &json_engine, NULL));
        check_elements(text, size, value);
    }
    json_object_put(value);
    free(text);
    return 0;
}
