/* The engine's stream of two outputs in one: frames with a header of 8 bytes (which output, 3 zero
 * bytes, length as 32 bits big-endian), cut anywhere. A frame is no line, and may be of any length:
 * pieces are handed out as they come, nothing is held. No I/O, no memory of its own. */
#ifndef MOONTIDE_DOCKER_FRAMES_H
#define MOONTIDE_DOCKER_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_source { FRAME_STDIN, FRAME_STDOUT, FRAME_STDERR, FRAME_SYSTEM_ERROR };

struct frames {
    bool raw; /* a terminal's output: no frames, all of it is stdout */
    unsigned char header[8];
    unsigned header_length;
    uint32_t left;     /* bytes of this frame that are still to come */
    const char *fault; /* what is wrong with the stream; NULL: nothing */
};

void frames_init(struct frames *frames, bool raw);

/* Takes the next piece from `*data`, which moves on past it. True: `*piece` (inside of *data, at
 * least 1 byte) is of `*source`. False: there is no more in these bytes, or fault is set. */
bool frames_next(struct frames *frames, const char **data, size_t *length,
                 enum frame_source *source, const char **piece, size_t *piece_length);

/* No more bytes will come: NULL when the stream may end here, else what is missing, for people. */
const char *frames_end_fault(const struct frames *frames);

#endif
