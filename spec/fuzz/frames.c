/* Frames of two outputs are the same bytes of the same outputs, however the stream is cut. */
#include "docker/frames.h"
#include "fuzz.h"

struct outputs {
    uint64_t seen[4];
    bool broken, unfinished;
};

static struct outputs read_all(const char *data, size_t size, bool raw, uint8_t cut) {
    struct outputs out = {{FUZZ_NOTHING, FUZZ_NOTHING, FUZZ_NOTHING, FUZZ_NOTHING}, false, false};
    struct frames frames;
    frames_init(&frames, raw);
    for (size_t at = 0, length; at < size && !frames.fault; at += length) {
        length = fuzz_piece(cut, size - at);
        const char *from = data + at, *piece;
        size_t left = length, piece_length;
        enum frame_source source;
        while (frames_next(&frames, &from, &left, &source, &piece, &piece_length)) {
            MUST(piece_length > 0 && source <= FRAME_SYSTEM_ERROR);
            MUST(piece >= data + at && piece + piece_length <= data + at + length);
            out.seen[source] = fuzz_note(out.seen[source], piece, piece_length);
        }
        MUST(frames.fault || left == 0);
    }
    out.broken = frames.fault != NULL;
    out.unfinished = frames_end_fault(&frames) != NULL;
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) {
        return 0;
    }
    const char *stream = (const char *)data + 2;
    struct outputs whole = read_all(stream, size - 2, data[1] & 1, 0);
    struct outputs cut = read_all(stream, size - 2, data[1] & 1, data[0]);
    MUST(memcmp(whole.seen, cut.seen, sizeof whole.seen) == 0);
    MUST(whole.broken == cut.broken && whole.unfinished == cut.unfinished);
    return 0;
}
