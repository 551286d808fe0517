/* A log is the same lines, however the stream is cut; and what is asked for again from a place
 * begins with the line after it. */
#include "docker/log.h"
#include "fuzz.h"

enum { MAX_LINE = 64, TIME_SIZE = 36 };

struct lines {
    uint64_t seen;
    size_t count;
    bool broken;
    struct log_place place;
};

static void take(struct log_reader *reader, bool ended, struct lines *lines) {
    struct log_line line;
    while (log_reader_next(reader, ended, &line)) {
        MUST(line.length <= MAX_LINE + TIME_SIZE);
        MUST(line.source == FRAME_STDOUT || line.source == FRAME_STDERR);
        lines->seen = fuzz_note(lines->seen, &line.source, sizeof line.source);
        lines->seen = fuzz_note(lines->seen, &line.time, sizeof line.time);
        lines->seen = fuzz_note(lines->seen, line.text, line.length);
        lines->seen = fuzz_note(lines->seen, "\n", 1);
        lines->count++;
    }
}

static struct lines read_all(const char *data, size_t size, uint8_t how, uint8_t cut,
                             const struct log_place *from) {
    struct lines lines = {.seen = FUZZ_NOTHING};
    struct log_reader *reader = log_reader_new(how & 1, how & 2, from, MAX_LINE);
    MUST(reader);
    for (size_t at = 0, length; at < size && !log_reader_fault(reader); at += length) {
        length = fuzz_piece(cut, size - at);
        MUST(log_reader_feed(reader, data + at, length));
        take(reader, false, &lines);
    }
    take(reader, true, &lines);
    lines.broken = log_reader_fault(reader) != NULL;
    lines.place = log_reader_place(reader);
    log_reader_free(reader);
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) {
        return 0;
    }
    const char *stream = (const char *)data + 2;
    struct lines whole = read_all(stream, size - 2, data[1], 0, NULL);
    struct lines cut = read_all(stream, size - 2, data[1], data[0], NULL);
    MUST(whole.seen == cut.seen && whole.count == cut.count && whole.broken == cut.broken);
    struct lines rest = read_all(stream, size - 2, data[1], data[0], &whole.place);
    MUST(rest.count <= whole.count);
    return 0;
}
