/* The figures of a stats reply. CPU is counted against the clock on the wall: the formula of the
 * docker CLI needs system_cpu_usage, which Podman counts without idle time, and a number of CPUs,
 * which cgroup v2 and old engines do not give. */
#include "docker/fields.h"
#include "docker/shapes.h"

#include <json-c/linkhash.h>

static bool read_sample(struct docker_sample *sample, struct json_object *reply, const char *time,
                        const char *cpu) {
    struct json_object *usage =
        field(field(reply, cpu, json_type_object), "cpu_usage", json_type_object);
    struct docker_sample found;
    if (!docker_time(field_text(reply, time, ""), &found.read) ||
        !field_count(usage, "total_usage", &found.cpu)) {
        return false;
    }
    *sample = found;
    return true;
}

/* `before` is of an earlier reply. This one's own earlier reading is nearer, but one-shot, in a
 * stream's first frame and always so on Podman 4 without stream there is none. */
static void add_cpu(struct build *out, struct json_object *reply, struct docker_sample *before) {
    struct docker_sample now = {0}, start = *before;
    if (!read_sample(&now, reply, "read", "cpu_stats")) {
        return;
    }
    *before = now;
    if (!read_sample(&start, reply, "preread", "precpu_stats") && start.read == 0) {
        return;
    }
    /* Counters that went back: the container was started again in between. */
    if (now.read > start.read && now.cpu >= start.cpu) {
        double share = (double)(now.cpu - start.cpu) / (double)(now.read - start.read);
        build_double(out, "cpu_percent", share * 100);
    }
}

/* What docker stats shows: file pages that nobody used for a while are no pressure. cgroup v1 knows
 * it as total_inactive_file, v2 as inactive_file, Podman not at all. */
static int64_t without_cache(struct json_object *memory, int64_t usage) {
    struct json_object *stats = field(memory, "stats", json_type_object);
    int64_t cache;
    if ((field_count(stats, "total_inactive_file", &cache) && cache < usage) ||
        (field_count(stats, "inactive_file", &cache) && cache < usage)) {
        return usage - cache;
    }
    return usage;
}

static void add_memory(struct build *out, struct json_object *reply) {
    struct json_object *memory = field(reply, "memory_stats", json_type_object);
    int64_t usage = 0, limit = 0;
    bool used = field_count(memory, "usage", &usage);
    bool limited = field_count(memory, "limit", &limit) && limit > 0;
    usage = without_cache(memory, usage);
    if (used) {
        build_int(out, "mem_usage", usage);
    }
    if (limited) {
        build_int(out, "mem_limit", limit);
    }
    if (used && limited) {
        build_double(out, "mem_percent", (double)usage / (double)limit * 100);
    }
}

static int64_t sum(int64_t a, int64_t b) {
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

/* Host networking has no "networks": the figures would be the host's. */
static void add_networks(struct build *out, struct json_object *reply) {
    struct json_object *networks = field(reply, "networks", json_type_object);
    if (!networks) {
        return;
    }
    int64_t received = 0, sent = 0, count;
    json_object_object_foreach(networks, name, network) {
        (void)name;
        received = sum(received, field_count(network, "rx_bytes", &count) ? count : 0);
        sent = sum(sent, field_count(network, "tx_bytes", &count) ? count : 0);
    }
    build_int(out, "net_rx", received);
    build_int(out, "net_tx", sent);
}

/* "Read" on cgroup v1, "read" on v2; "Sync" and "Total" repeat them. null until the first transfer.
 */
static void add_blocks(struct build *out, struct json_object *reply) {
    struct json_object *blkio = field(reply, "blkio_stats", json_type_object);
    struct json_object *rows = field(blkio, "io_service_bytes_recursive", json_type_array);
    int64_t read = 0, written = 0, count;
    size_t length = rows ? json_object_array_length(rows) : 0;
    for (size_t i = 0; i < length; i++) {
        struct json_object *row = json_object_array_get_idx(rows, i);
        char op = *field_text(row, "op", "");
        if (!field_count(row, "value", &count)) {
            continue;
        }
        if (op == 'r' || op == 'R') {
            read = sum(read, count);
        } else if (op == 'w' || op == 'W') {
            written = sum(written, count);
        }
    }
    if (blkio) {
        build_int(out, "block_read", read);
        build_int(out, "block_write", written);
    }
}

struct json_object *docker_stats(struct json_object *reply, struct docker_sample *sample) {
    if (!json_object_is_type(reply, json_type_object)) {
        return NULL;
    }
    struct build out = build_new();
    int64_t read, pids;
    /* Of a container that does not run the engine sends a frame of zeroes, read in the year 1. */
    if (docker_time(field_text(reply, "read", ""), &read)) {
        add_cpu(&out, reply, sample);
        add_memory(&out, reply);
        add_networks(&out, reply);
        add_blocks(&out, reply);
        if (field_count(field(reply, "pids_stats", json_type_object), "current", &pids)) {
            build_int(&out, "pids", pids);
        }
    }
    build_text(&out, "source", "engine");
    return out.object;
}
