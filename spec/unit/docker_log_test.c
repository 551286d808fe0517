/* Every log is fed whole, in two pieces at every position, and byte by byte: all must give the same
 * lines, times, place and fault. */
#include "docker/log.h"
#include "unit.h"

#include <stdlib.h>

#define OUT_LIMIT (1 << 20)

/* Writes each line as "1|text" (1: stdout, 2: stderr), with its time "1@TIME|text", "~" after one
 * that was cut, a newline after each, and then the fault. */
static void hear(struct log_reader *reader, bool ended, struct buf *out) {
    struct log_line line;
    while (log_reader_next(reader, ended, &line)) {
        CHECK(buf_printf(out, "%d%s%.*s|", (int)line.source, line.time_text ? "@" : "",
                         (int)line.time_length, line.time_text ? line.time_text : ""));
        CHECK(buf_append(out, line.text, line.length));
        CHECK(buf_puts(out, line.cut ? "~\n" : "\n"));
    }
    const char *fault = log_reader_fault(reader);
    if (fault && ended) {
        CHECK(buf_printf(out, "!%s\n", fault));
    }
}

struct log {
    bool raw, timed;
    size_t max_line;
    const struct log_place *from;
    struct log_place place; /* at the end */
};

static void check_fed(struct log *log, const struct buf *text, size_t first, size_t step,
                      const char *want) {
    struct buf out;
    buf_init(&out, OUT_LIMIT);
    struct log_reader *reader = log_reader_new(log->raw, log->timed, log->from, log->max_line);
    size_t piece = first;
    for (size_t done = 0; done < text->length; done += piece, piece = step) {
        piece = piece < text->length - done ? piece : text->length - done;
        char *copy = malloc(piece ? piece : 1);
        memcpy(copy, text->data + done, piece);
        CHECK(log_reader_feed(reader, copy, piece));
        free(copy);
        hear(reader, false, &out);
    }
    hear(reader, true, &out);
    CHECK(log_reader_fault(reader) || log_reader_held(reader) == 0);
    log->place = log_reader_place(reader);
    CHECK_STR(buf_text(&out), want);
    buf_free(&out);
    log_reader_free(reader);
}

/* `every`: how far apart the positions are, for what is too long for each of them. */
static void check_log(struct log *log, const struct buf *text, size_t every, const char *want) {
    check_fed(log, text, 1, 1, want);
    struct log_place place = log->place;
    for (size_t first = 0; first <= text->length; first += every) {
        check_fed(log, text, first, OUT_LIMIT, want);
        CHECK(memcmp(&place, &log->place, sizeof place) == 0);
    }
}

static void frame(struct buf *text, int source, const char *time, const char *message) {
    size_t length = strlen(message) + (*time ? strlen(time) + 1 : 0);
    char header[8] = {(char)source, 0, 0, 0, 0, 0, (char)(length >> 8), (char)length};
    CHECK(buf_append(text, header, 8) &&
          buf_printf(text, "%s%s%s", time, *time ? " " : "", message));
}

#define T(second, fraction) "2026-11-22T21:48:" #second "." #fraction "Z"
#define T1                  T(50, 000000001)
#define T2                  T(50, 000000002)
#define T3                  T(50, 000000003)

/* Messages as {source, time, text}; source 0 ends them. */
struct message {
    int source;
    const char *time, *text;
};

static void frames_of(struct buf *text, const struct message *messages) {
    buf_init(text, OUT_LIMIT);
    for (; messages->source; messages++) {
        frame(text, messages->source, messages->time, messages->text);
    }
}

static const struct {
    bool timed;
    struct message messages[6];
    const char *want;
} framed[] = {
    {false, {{1, "", "one\n"}, {2, "", "two\n"}, {1, "", "\n"}}, "1|one\n2|two\n1|\n"},
    {false, {{1, "", "on"}, {2, "", "two\n"}, {1, "", "e\n"}}, "2|two\n1|one\n"},
    {false, {{1, "", "a\nb\nc"}, {1, "", ""}, {1, "", "d\ne"}}, "1|a\n1|b\n1|cd\n1|e\n"},
    {false, {{1, "", "end"}, {2, "", "less"}}, "1|end\n2|less\n"},
    {false, {{1, "", "cr\r\n"}, {1, "", "\x80\xFF\n"}}, "1|cr\r\n1|\x80\xFF\n"},
    {false,
     {{1, "", "a\n"}, {3, "", "the driver died\n"}, {1, "", "b\n"}},
     "1|a\n!the driver died\n"},
    {false, {{1, "", "a\n"}, {3, "", ""}, {1, "", "b\n"}}, "1|a\n1|b\n"},
    {false, {{1, "", "a\n"}, {4, "", "b\n"}}, "1|a\n!expected the header of a frame\n"},
    {true,
     {{1, T1, "one\n"}, {2, T2, "two\n"}, {1, T3, "\n"}},
     "1@" T1 "|one\n2@" T2 "|two\n1@" T3 "|\n"},
    {true, {{1, T1, "on"}, {2, T2, "two\n"}, {1, T3, "e\n"}}, "2@" T2 "|two\n1@" T1 "|one\n"},
    {true, {{1, T1, "a\nb\n"}, {1, "", "none\n"}}, "1@" T1 "|a\n1@" T1 "|b\n1@" T1 "|none\n"},
    {true,
     {{1, "", "none\n"}, {1, "", "2026-11-22 later\n"}, {1, "2026", "x"}},
     "1|none\n1|2026-11-22 later\n1|2026 x\n"},
    {true, {{1, "", "2026-11-22T21:48"}, {1, "", ":50Z x\n"}}, "1|2026-11-22T21:48:50Z x\n"},
    {true, {{1, "2026-11-22T22:48:50+01:00", "podman\n"}}, "1@2026-11-22T22:48:50+01:00|podman\n"},
    {true,
     {{1, "2026-11-22T22:48:50.204636804+01:00", "zone\n"}},
     "1@2026-11-22T22:48:50.204636804+01:00|zone\n"},
    {true,
     {{1, T1, T2 " twice\n"}, {1, T1, " two blanks\n"}},
     "1@" T1 "|" T2 " twice\n1@" T1 "| two blanks\n"},
    {true, {{1, T1, "end"}}, "1@" T1 "|end\n"},
    {true, {{1, T1, ""}}, "1@" T1 "|\n"},
};

TEST(log_lines_of_frames) {
    for (size_t i = 0; i < sizeof framed / sizeof *framed; i++) {
        struct buf text;
        struct log log = {.timed = framed[i].timed, .max_line = 1000};
        unit_case = framed[i].want;
        frames_of(&text, framed[i].messages);
        check_log(&log, &text, 1, framed[i].want);
        buf_free(&text);
    }
}

static const struct {
    bool timed;
    const char *text, *want;
} terminal[] = {
    {false, "", ""},
    {false, "one\r\ntwo\n\r\nthree", "1|one\n1|two\n1|\n1|three\n"},
    {false, "a\rb\r\r\n\r\r", "1|a\rb\r\n1|\r\r\n"},
    {true, T1 " one\r\n" T2 " two\r\n" T3 " ", "1@" T1 "|one\n1@" T2 "|two\n1@" T3 "|\n"},
    {true, T1 " one\r\nnone\r\n" T2, "1@" T1 "|one\n1@" T1 "|none\n1@" T1 "|" T2 "\n"},
    {true, T1 "\n" T1 "x y\n", "1|" T1 "\n1|" T1 "x y\n"},
};

TEST(log_lines_of_a_terminal) {
    for (size_t i = 0; i < sizeof terminal / sizeof *terminal; i++) {
        struct buf text;
        struct log log = {.raw = true, .timed = terminal[i].timed, .max_line = 1000};
        unit_case = terminal[i].want;
        buf_init(&text, OUT_LIMIT);
        CHECK(buf_puts(&text, terminal[i].text));
        check_log(&log, &text, 1, terminal[i].want);
        buf_free(&text);
    }
}

TEST(log_lines_may_hold_nul) {
    struct log log = {.max_line = 1000};
    struct buf text = {.data = (char[]){1, 0, 0, 0, 0, 0, 0, 4, 'a', 0, 'b', '\n'}, .length = 12};
    struct log_line line;
    for (size_t first = 0; first <= text.length; first++) {
        struct log_reader *reader = log_reader_new(false, false, NULL, log.max_line);
        CHECK(log_reader_feed(reader, text.data, first));
        bool found = log_reader_next(reader, false, &line);
        CHECK(found == (first == text.length));
        CHECK(found || (log_reader_feed(reader, text.data + first, text.length - first) &&
                        log_reader_next(reader, false, &line)));
        CHECK(line.length == 3 && memcmp(line.text, "a\0b", 3) == 0);
        log_reader_free(reader);
    }
}

/* Found by make fuzz: a NUL ends a C string, but no time. */
TEST(log_times_hold_no_nul) {
    static const char text[] = "2026-11-22T10:00:00.000Z\0/\n /\n";
    for (size_t first = 0; first < sizeof text; first++) {
        struct log_reader *reader = log_reader_new(true, true, NULL, 64);
        struct log_line line;
        size_t lines = 0;
        CHECK(log_reader_feed(reader, text, first));
        while (log_reader_next(reader, false, &line)) {
            lines++;
        }
        CHECK(log_reader_feed(reader, text + first, sizeof text - 1 - first));
        while (log_reader_next(reader, true, &line)) {
            CHECK(line.time == LOG_NO_TIME);
            lines++;
        }
        CHECK_INT(lines, 2);
        log_reader_free(reader);
    }
}

/* In the middle of a frame nothing is known to be whole: half a line is none. */
TEST(log_that_ends_in_a_frame) {
    struct buf text;
    struct log log = {.max_line = 1000};
    frames_of(&text, (struct message[]){{1, "", "one\n"}, {1, "", "two and a half"}, {0}});
    text.length -= 5;
    check_log(&log, &text, 1, "1|one\n!the stream ended in the middle of a frame\n");
    text.length = 12 + 7;
    check_log(&log, &text, 1, "1|one\n!the stream ended in the middle of a frame\n");
    buf_free(&text);
}

enum { FRAGMENT = 16 * 1024 };

static const char *repeated(char byte, size_t length, const char *end) {
    static char text[3 * FRAGMENT + 2];
    memset(text, byte, length);
    strcpy(text + length, end);
    return text;
}

/* A line of 40,000 bytes, and one of exactly a fragment, as the engine stores them. */
TEST(log_joins_the_fragments_of_a_long_line) {
    enum { REST = 40000 - 2 * FRAGMENT };
    for (int raw = 0; raw < 2; raw++) {
        struct buf text, want;
        struct log log = {.raw = raw, .timed = true, .max_line = 100000};
        buf_init(&text, OUT_LIMIT);
        buf_init(&want, OUT_LIMIT);
        const struct {
            const char *time, *end;
            size_t length;
        } parts[] = {{T1, "", FRAGMENT},
                     {T2, "", FRAGMENT},
                     {T3, "\n", REST},
                     {T1, "", FRAGMENT},
                     {T2, "\n", 0}};
        for (size_t i = 0; i < 5; i++) {
            const char *message = repeated('x', parts[i].length, parts[i].end);
            if (raw) {
                CHECK(buf_printf(&text, "%s %s", parts[i].time, message));
            } else {
                frame(&text, 1, parts[i].time, message);
            }
        }
        CHECK(buf_printf(&want, "1@%s|%s\n", T1, repeated('x', 40000, "")));
        CHECK(buf_printf(&want, "1@%s|%s\n", T1, repeated('x', FRAGMENT, "")));
        check_log(&log, &text, 997, buf_text(&want));
        for (size_t i = FRAGMENT; i < FRAGMENT + 80; i++) {
            check_fed(&log, &text, i, OUT_LIMIT, buf_text(&want));
        }
        buf_free(&text);
        buf_free(&want);
    }
}

/* An engine that stores a long line whole: there is no time in the middle of it. */
TEST(log_of_a_terminal_with_long_lines_in_one_piece) {
    struct buf text, want;
    struct log log = {.raw = true, .timed = true, .max_line = 100000};
    buf_init(&text, OUT_LIMIT);
    buf_init(&want, OUT_LIMIT);
    CHECK(buf_printf(&text, T1 " %s", repeated('x', 40000, "\r\n")));
    CHECK(buf_printf(&want, "1@" T1 "|%s", repeated('x', 40000, "\n")));
    check_log(&log, &text, 997, buf_text(&want));
    buf_free(&text);
    buf_free(&want);
}

TEST(log_cuts_lines_that_are_too_long) {
    for (int raw = 0; raw < 2; raw++) {
        struct buf text, want;
        struct log log = {.raw = raw, .timed = true, .max_line = 64};
        static const size_t lengths[] = {63, 64, 65, 128, 129, 0};
        buf_init(&text, OUT_LIMIT);
        buf_init(&want, OUT_LIMIT);
        for (size_t i = 0; i < 6; i++) {
            const char *message = repeated('y', lengths[i], "\n");
            if (raw) {
                CHECK(buf_printf(&text, T1 " %s", message));
            } else {
                frame(&text, 1, T1, message);
            }
            size_t left = lengths[i];
            for (; left > 64; left -= 64) {
                CHECK(buf_printf(&want, "1@" T1 "|%s~\n", repeated('y', 64, "")));
            }
            CHECK(buf_printf(&want, "1@" T1 "|%s\n", repeated('y', left, "")));
        }
        check_log(&log, &text, 1, buf_text(&want));
        buf_free(&text);
        buf_free(&want);
    }
}

/* --- a log that is asked for again ----------------------------------------------------------- */

/* Stored in this order. All but the first one may cross with another: those of stdout and stderr
 * cross; equal times; a line in fragments around another one; seconds that pass, so that the place
 * moves on. */
static const struct message stored[] = {
    {1, T(50, 000000003), "_\n"},
    {1, T(50, 000000005), "a\n"},
    {2, T(50, 000000004), "b\n"},
    {1, T(50, 000000005), "c\n"},
    {1, T(50, 000000005), "d\n"},
    {2, T(51, 000000006), "e\n"},
    {2, T(51, 000000006), "f\n"},
    {1, T(51, 000000005), "g\n"},
    {1, T(52, 500000000), "h-"},
    {2, T(52, 600000000), "i\n"},
    {1, T(52, 700000000), "h\n"},
    {2, T(52, 650000000), "j\n"},
    {1, T(54, 000000000), "k\n"},
    {1, T(54, 000000000), "l\n"},
    {2, T(55, 500000000), "m\n"},
    {1, T(55, 400000000), "n\n"},
    {1, T(57, 000000000), "o\n"},
    {1, T(57, 000000000), "p\n"},
    {1, T(58, 500000000), "q\n"},
    {1, T(58, 500000000), "r\n"},
    {1, T(58, 600000000), "s-"},
    {2, T(59, 700000000), "t\n"},
    {2, "2026-11-22T21:49:00.800000000Z", "u\n"},
    {2, "2026-11-22T21:49:02.000000000Z", "v\n"},
    {1, "2026-11-22T21:49:03.500000000Z", "s\n"},
    {1, "2026-11-22T21:49:03.500000000Z", "w\n"},
    {1, "2026-11-22T21:49:05.000000000Z", "x\n"},
    {1, "2026-11-22T21:49:06.500000000Z", "y\n"},
};
static const char *const handed_out = "_abcdefgih-hjklmnopqrtuvs-swxy";
enum { STORED = sizeof stored / sizeof *stored };

static int64_t time_of(const char *text) {
    long long minute = strtoll(text + 14, NULL, 10), second = strtoll(text + 17, NULL, 10),
              ns = strtoll(text + 20, NULL, 10);
    return (INT64_C(1795384080) + (minute - 48) * 60 + second) * 1000000000 + ns;
}

/* What the engine gives from `since` on. */
static void asked(struct buf *text, const struct message *messages, size_t count, int64_t since) {
    buf_init(text, OUT_LIMIT);
    for (size_t i = 0; i < count; i++) {
        if (since == LOG_NO_TIME || time_of(messages[i].time) >= since) {
            frame(text, messages[i].source, messages[i].time, messages[i].text);
        }
    }
}

/* Reads up to `lines` lines; adds each to `letters`. */
static struct log_place read_some(const struct log_place *from, const struct buf *text,
                                  size_t lines, char *letters) {
    struct log_reader *reader = log_reader_new(false, true, from, 1000);
    struct log_line line;
    CHECK(log_reader_feed(reader, buf_text(text), text->length));
    while (lines-- > 0 && log_reader_next(reader, false, &line)) {
        strncat(letters, line.text, line.length);
    }
    struct log_place place = log_reader_place(reader);
    log_reader_free(reader);
    return place;
}

/* Found by make fuzz: each is looked at for a time, and none of them has one or ends the line. */
TEST(log_cuts_a_line_of_many_small_frames) {
    struct log log = {.timed = true, .max_line = 64};
    struct buf text, want;
    buf_init(&text, OUT_LIMIT);
    buf_init(&want, OUT_LIMIT);
    for (int i = 0; i < 20; i++) {
        frame(&text, 1, "", "yyyyyyyyyyyyyyyyyyyy");
        CHECK(buf_puts(&want, i % 4 == 0 ? "1|" : "") && buf_puts(&want, "yyyyyyyyyyyyyyyyyyyy") &&
              buf_puts(&want, i == 19      ? "\n"
                              : i % 4 == 3 ? "~\n"
                                           : ""));
    }
    check_log(&log, &text, 1, buf_text(&want));
    buf_free(&text);
    buf_free(&want);
}

/* The connection dies after any number of messages, and again after any number of the rest. */
TEST(log_goes_on_with_no_line_lost_or_doubled) {
    for (size_t first = 1; first <= STORED; first++) {
        for (size_t second = first; second <= STORED; second++) {
            char letters[STORED + 64] = "", name[48];
            struct buf text;
            snprintf(name, sizeof name, "cut after %zu and %zu messages", first, second);
            unit_case = name;
            asked(&text, stored, first, LOG_NO_TIME);
            struct log_place place = read_some(NULL, &text, STORED, letters);
            buf_free(&text);
            asked(&text, stored, second, place.time);
            place = read_some(&place, &text, STORED, letters);
            buf_free(&text);
            asked(&text, stored, STORED, place.time);
            read_some(&place, &text, STORED, letters);
            buf_free(&text);
            CHECK_STR(letters, handed_out);
        }
    }
}

/* A reader that stops in the middle of what has come: only what it has handed out counts. */
TEST(log_counts_what_was_handed_out) {
    for (size_t lines = 0; lines <= STORED; lines++) {
        char letters[STORED + 64] = "";
        struct buf text;
        asked(&text, stored, STORED, LOG_NO_TIME);
        struct log_place place = read_some(NULL, &text, lines, letters);
        buf_free(&text);
        asked(&text, stored, STORED, place.time);
        read_some(lines > 0 ? &place : NULL, &text, STORED, letters);
        buf_free(&text);
        CHECK_STR(letters, handed_out);
    }
}

TEST(log_places) {
    struct buf text;
    struct log log = {.max_line = 1000};
    frames_of(&text, (struct message[]){{1, "", "a\n"}, {0}});
    check_log(&log, &text, 1, "1|a\n");
    CHECK(log.place.time == LOG_NO_TIME);
    buf_free(&text);
    asked(&text, stored, STORED, LOG_NO_TIME);
    char letters[STORED + 64] = "";
    struct log_place place = read_some(NULL, &text, STORED, letters);
    CHECK(place.last == time_of("2026-11-22T21:49:06.500000000Z"));
    /* No more is asked for again than what may cross. */
    CHECK(place.time == time_of("2026-11-22T21:49:05.000000000Z"));
    CHECK_INT(place.count, 2);
    buf_free(&text);
}

/* The engine has thrown away what was to be skipped: later lines are new all the same. */
TEST(log_of_which_old_lines_are_gone) {
    struct buf text;
    const struct log_place from = {time_of(T1), 5, time_of(T2)};
    struct log log = {.timed = true, .max_line = 1000, .from = &from};
    frames_of(&text,
              (struct message[]){{1, T2, "old\n"}, {1, T3, "new\n"}, {1, T1, "newer\n"}, {0}});
    check_log(&log, &text, 1, "1@" T3 "|new\n1@" T1 "|newer\n");
    buf_free(&text);
}

/* An engine whose `since` is coarser than its times gives more than was asked for. */
TEST(log_skips_what_was_not_asked_for) {
    struct buf text;
    const struct log_place from = {time_of(T2), 1, 0}; /* its last time is not known */
    struct log log = {.timed = true, .max_line = 1000, .from = &from};
    frames_of(&text, (struct message[]){
                         {1, "", "?\n"}, {1, T1, "a\n"}, {1, T2, "b\n"}, {1, T3, "c\n"}, {0}});
    check_log(&log, &text, 1, "1@" T3 "|c\n");
    buf_free(&text);
    frames_of(&text, (struct message[]){{1, T1, "a\n"}, {1, T2, "b"}, {0}});
    check_log(&log, &text, 1, "");
    buf_free(&text);
}

TEST(log_holds_little) {
    struct log_reader *reader = log_reader_new(true, false, NULL, 1000);
    struct log_line line;
    for (int i = 0; i < 1000; i++) {
        CHECK(log_reader_feed(reader, "0123456789", 10));
        CHECK(log_reader_next(reader, false, &line) == (i % 100 == 0 && i > 0));
        CHECK(log_reader_held(reader) <= 1000);
    }
    log_reader_free(reader);
    log_reader_free(NULL);
}
