/* DOCKER_HOST and its relatives, versions, and what goes into a URL. */
#include "docker/host.h"
#include "base/url.h"
#include "docker/version.h"
#include "fuzz.h"

static void check_target(const char *text, bool tls) {
    struct docker_target target;
    struct err err = {0};
    if (!docker_target_parse(&target, "DOCKER_HOST", text, tls, &err)) {
        MUST(err.kind == ERR_INVALID && *err.message);
        return;
    }
    MUST(*target.host && strlen(target.host) < sizeof target.host);
    MUST(*target.unix_path || *target.base_url);
    MUST(!strpbrk(target.base_url, " \t\r\n\"<>\\^`{|}"));
    /* ssh takes what begins with a dash for an option, and a shell over there expands some. */
    MUST(*target.ssh_user != '-' && *target.ssh_host != '-');
    MUST(!strpbrk(target.ssh_socket, " \t\r\n\"'$`\\;&|<>*?()"));
}

static void check_escape(const char *text, size_t size) {
    struct buf out;
    buf_init(&out, 3 * size);
    MUST(url_escape(&out, text, size));
    for (size_t i = 0; i < out.length; i++) {
        MUST(out.data[i] > ' ' && out.data[i] < 127 && !strchr("/?#&=+\"", out.data[i]));
    }
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size);
    char written[VERSION_SIZE];
    check_target(text, size % 2 != 0);
    check_escape(text, size);
    version_write(written, version_read(text));
    version_after_refusal(version_read("1.44"), text, text);
    free(text);
    return 0;
}
