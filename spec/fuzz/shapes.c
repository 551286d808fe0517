/* Whatever JSON an engine sends, it is a summary, figures or an event, or none. */
#include "docker/shapes.h"
#include "base/json.h"
#include "docker/event.h"
#include "fuzz.h"

#include <json-c/json_object.h>

static void check_event(struct json_object *value) {
    struct docker_event event;
    if (!docker_event_read(&event, value)) {
        return;
    }
    MUST(*event.type && event.action && event.id && event.time_nano > 0);
    MUST(event.action_length <= strlen(event.action));
}

static void check_shape(struct json_object *shape, struct json_object *value) {
    MUST(!shape || json_object_is_type(value, json_type_object));
    json_object_put(shape);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct json_object *value = NULL;
    int64_t ns;
    struct docker_sample sample = {0};
    char *text = fuzz_text(data, size);
    docker_time(text, &ns);
    if (json_parse(text, size, &json_engine, &value, NULL)) {
        check_shape(docker_summary_of_listed(value), value);
        check_shape(docker_summary_of_inspected(value), value);
        check_shape(docker_stats(value, &sample), value);
        check_event(value);
    }
    struct err err;
    docker_classify(&err, docker_row("start"), "web", size > 0 ? 400 + data[0] % 200 : 500, text,
                    size);
    MUST(strlen(err.message) < sizeof err.message);
    json_object_put(value);
    free(text);
    return 0;
}
