#include "docker/frames.h"

#include <string.h>

void frames_init(struct frames *frames, bool raw) {
    *frames = (struct frames){.raw = raw};
}

static void move(const char **data, size_t *length, size_t count) {
    *data += count;
    *length -= count;
}

/* Takes bytes of a header; true when it is complete, and then `left` says how long the frame is. */
static bool take_header(struct frames *frames, const char **data, size_t *length) {
    size_t count = sizeof frames->header - frames->header_length;
    count = count < *length ? count : *length;
    if (count > 0) {
        memcpy(frames->header + frames->header_length, *data, count);
        frames->header_length += (unsigned)count;
        move(data, length, count);
    }
    if (frames->header_length < sizeof frames->header) {
        return false;
    }
    const unsigned char *header = frames->header;
    if (header[0] > FRAME_SYSTEM_ERROR || header[1] || header[2] || header[3]) {
        frames->fault = "expected the header of a frame";
        return false;
    }
    frames->left = (uint32_t)header[4] << 24 | (uint32_t)header[5] << 16 |
                   (uint32_t)header[6] << 8 | (uint32_t)header[7];
    frames->header_length = 0;
    return true;
}

bool frames_next(struct frames *frames, const char **data, size_t *length,
                 enum frame_source *source, const char **piece, size_t *piece_length) {
    /* A frame may be empty: its header is all there is of it. */
    while (!frames->raw && frames->left == 0) {
        if (frames->fault || !take_header(frames, data, length)) {
            return false;
        }
    }
    if (*length == 0) {
        return false;
    }
    size_t count = frames->raw || *length < frames->left ? *length : frames->left;
    *source = frames->raw ? FRAME_STDOUT : (enum frame_source)frames->header[0];
    *piece = *data;
    *piece_length = count;
    move(data, length, count);
    frames->left -= frames->raw ? 0 : (uint32_t)count;
    return true;
}

const char *frames_end_fault(const struct frames *frames) {
    bool inside = frames->left > 0 || frames->header_length > 0;
    return frames->fault ? frames->fault
           : inside      ? "the stream ended in the middle of a frame"
                         : NULL;
}
