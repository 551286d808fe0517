/* The docker CLI's files: a config, a context's meta.json, what a credential helper prints. */
#include "docker/config.h"
#include "base/digest.h"
#include "docker/auth.h"
#include "fuzz.h"

#include <json-c/json_object.h>

static void check_auth(struct json_object *config, const char *image) {
    char registry[256];
    struct docker_auth auth;
    struct err err = {0};
    struct buf header;
    buf_init(&header, (size_t)1 << 20);
    docker_registry_of(registry, image);
    if (docker_auth_find(&auth, config, registry, &err)) {
        MUST(docker_auth_header(&header, &auth));
        docker_auth_free(&auth);
    } else {
        MUST(err.kind == ERR_INVALID && *err.message);
    }
    buf_free(&header);
}

static void check_base64(const char *text, size_t size) {
    struct buf bytes, again;
    buf_init(&bytes, size);
    buf_init(&again, 2 * size + 4);
    if (base64_decode(&bytes, text, size)) {
        struct buf twice;
        buf_init(&twice, size);
        MUST(base64_encode(&again, bytes.data, bytes.length, true));
        MUST(base64_decode(&twice, buf_text(&again), again.length));
        MUST(twice.length == bytes.length &&
             memcmp(buf_text(&twice), buf_text(&bytes), bytes.length) == 0);
        buf_free(&twice);
    }
    buf_free(&bytes);
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size);
    struct json_object *config = NULL;
    struct docker_context context;
    struct docker_auth auth;
    struct err err = {0};
    if (docker_config_parse(text, size, "config.json", &config, &err)) {
        docker_config_context(config);
        check_auth(config, "nginx");
        check_auth(config, "localhost:5000/me/web:1@sha256:00");
        check_auth(config, text);
    } else {
        MUST(err.kind == ERR_INVALID && *err.message);
    }
    if (docker_context_parse(&context, text, size, "build", &err)) {
        MUST(strlen(context.host) < sizeof context.host);
    }
    docker_auth_begin(&auth, "registry", "helper");
    docker_auth_read_helper(&auth, text, size, &err);
    docker_auth_free(&auth);
    check_base64(text, size);
    json_object_put(config);
    free(text);
    return 0;
}
