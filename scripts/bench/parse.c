/* parse.c: how fast events are read without Lua: cut out of the stream, scanned, built, understood.
 *
 *   parse <EVENTS     prints the seconds of CPU time that it took, and how many there were */
#include "base/json.h"
#include "docker/event.h"
#include "docker/split.h"

#include <json-c/json_object.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SLICE = 65536, MAX_INPUT = 1 << 26 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int is_event(const char *text, size_t length) {
    struct docker_event event;
    struct json_object *json;
    if (!json_parse(text, length, &json_engine, &json, NULL))
        return 0;
    int is = docker_event_read(&event, json);
    json_object_put(json);
    return is;
}

int main(void) {
    char *input = malloc(MAX_INPUT);
    size_t length = input ? fread(input, 1, MAX_INPUT, stdin) : 0;
    struct split split;
    long count = 0;
    split_init(&split, SPLIT_SEQUENCE, 1 << 20, 1 << 22);
    double begin = now();
    for (size_t at = 0; at < length; at += SLICE) {
        const char *value;
        size_t size;
        split_feed(&split, input + at, length - at < SLICE ? length - at : SLICE);
        while (split_next(&split, &value, &size) == SPLIT_VALUE)
            count += is_event(value, size);
    }
    printf("%.4f %ld\n", now() - begin, count);
    split_free(&split);
    free(input);
    return 0;
}
