/* Every stream is fed whole, in two pieces at every position, and byte by byte: all must give the
 * same bytes of the same sources. */
#include "base/buf.h"
#include "docker/frames.h"
#include "unit.h"

#include <stdlib.h>

#define MAX_STREAM 20000

/* Writes the bytes of each run of one source as "1:bytes ", and the end's fault. */
struct heard {
    struct buf out;
    int source;
};

static void hear(struct frames *frames, struct heard *heard, const char *data, size_t length) {
    enum frame_source source;
    const char *piece, *end = data + length;
    size_t piece_length;
    while (frames_next(frames, &data, &length, &source, &piece, &piece_length)) {
        CHECK(piece_length > 0 && data == piece + piece_length && end == data + length);
        if ((int)source != heard->source) {
            CHECK(buf_printf(&heard->out, "%s%d:", heard->source < 0 ? "" : " ", source));
        }
        heard->source = (int)source;
        CHECK(buf_append(&heard->out, piece, piece_length));
    }
    CHECK(frames->fault || length == 0);
}

static void check_fed(bool raw, const char *text, size_t length, size_t first, size_t step,
                      const char *want) {
    struct frames frames;
    struct heard heard = {.source = -1};
    buf_init(&heard.out, MAX_STREAM);
    frames_init(&frames, raw);
    size_t piece = first;
    for (size_t done = 0; done < length; done += piece, piece = step) {
        piece = piece < length - done ? piece : length - done;
        char *copy = malloc(piece ? piece : 1);
        memcpy(copy, text + done, piece);
        hear(&frames, &heard, copy, piece);
        free(copy);
    }
    const char *fault = frames_end_fault(&frames);
    CHECK(buf_printf(&heard.out, "%s%s", fault ? "|" : "", fault ? fault : ""));
    CHECK_STR(buf_text(&heard.out), want);
    buf_free(&heard.out);
}

#define TEXT(bytes) bytes, sizeof bytes - 1
#define CUT         "|the stream ended in the middle of a frame"
#define NO_FRAME    "|expected the header of a frame"

static const struct {
    bool raw;
    const char *text;
    size_t length;
    const char *want;
} cases[] = {
    {false, TEXT(""), ""},
    {false, TEXT("\1\0\0\0\0\0\0\2hi"), "1:hi"},
    {false, TEXT("\1\0\0\0\0\0\0\2hi\2\0\0\0\0\0\0\3bad\1\0\0\0\0\0\0\1!"), "1:hi 2:bad 1:!"},
    {false, TEXT("\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\2\0\0\0\0\0\0\1x\1\0\0\0\0\0\0\0"), "2:x"},
    {false, TEXT("\0\0\0\0\0\0\0\2in\3\0\0\0\0\0\0\5error"), "0:in 3:error"},
    {false, TEXT("\1\0\0\0\0\0\0\12\1\0\0\0\0\0\0\1\1\0"),
     "1:\1"}, /* a header inside, up to its NUL */
    {false, TEXT("\1\0\0\0\0\0\0\2h"), "1:h" CUT},
    {false, TEXT("\1\0\0\0\0\0\0\2"), CUT},
    {false, TEXT("\1\0\0\0\0\0\0"), CUT},
    {false, TEXT("\1"), CUT},
    {false, TEXT("\1\0\0\0\xFF\xFF\xFF\xFFhi"), "1:hi" CUT},
    {false, TEXT("\4\0\0\0\0\0\0\2hi"), NO_FRAME},
    {false, TEXT("\1\1\0\0\0\0\0\2hi"), NO_FRAME},
    {false, TEXT("\1\0\1\0\0\0\0\2hi"), NO_FRAME},
    {false, TEXT("\1\0\0\x80\0\0\0\2hi"), NO_FRAME},
    {false, TEXT("\1\0\0\0\0\0\0\2hihello there, no frame\1\0\0\0\0\0\0\2hi"), "1:hi" NO_FRAME},
    {true, TEXT(""), ""},
    {true, TEXT("\1\0"), "1:\1"},
    {true, TEXT("hello\r\n"), "1:hello\r\n"},
};

TEST(frames_are_told_apart_wherever_the_bytes_are_cut) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[24];
        snprintf(name, sizeof name, "case %zu", i);
        unit_case = name;
        for (size_t first = 0; first <= cases[i].length; first++) {
            check_fed(cases[i].raw, cases[i].text, cases[i].length, first, MAX_STREAM,
                      cases[i].want);
        }
        check_fed(cases[i].raw, cases[i].text, cases[i].length, 1, 1, cases[i].want);
    }
}

TEST(frames_may_be_longer_than_any_buffer) {
    enum { LENGTH = 70000, AT_ONCE = 1000 };
    static char text[8 + LENGTH] = "\2\0\0\0\0\1\x11\x70"; /* 70,000 */
    const char *data = text, *piece;
    size_t heard = 0, piece_length;
    enum frame_source source;
    struct frames frames;
    frames_init(&frames, false);
    for (size_t fed = 0; fed < sizeof text; fed += AT_ONCE) {
        size_t length = sizeof text - fed < AT_ONCE ? sizeof text - fed : AT_ONCE;
        while (frames_next(&frames, &data, &length, &source, &piece, &piece_length)) {
            CHECK_INT(source, FRAME_STDERR);
            heard += piece_length;
        }
    }
    CHECK_INT(heard, LENGTH);
    CHECK(!frames_end_fault(&frames));
}

TEST(frames_stop_at_a_fault) {
    struct frames frames;
    frames_init(&frames, false);
    const char *data = "HTTP/1.1 200", *piece;
    size_t length = 12, piece_length;
    enum frame_source source;
    CHECK(!frames_next(&frames, &data, &length, &source, &piece, &piece_length));
    CHECK(frames.fault);
    data = "\1\0\0\0\0\0\0\1x";
    length = 9;
    CHECK(!frames_next(&frames, &data, &length, &source, &piece, &piece_length));
    CHECK_INT(length, 9);
    CHECK(frames_end_fault(&frames) == frames.fault);
}
