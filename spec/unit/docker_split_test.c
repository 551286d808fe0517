/* Every case is fed whole, in two pieces at every position, and byte by byte: all must give the
 * same values and the same end. */
#include "base/json.h"
#include "docker/split.h"
#include "unit.h"

#include <stdint.h>
#include <stdlib.h>

enum { MAX_VALUE = 40, MAX_HELD = 100000 };

/* Writes each value as "<value>" and what came at the end: "end", "more" or the fault. */
static void take_all(struct split *split, struct buf *out) {
    const char *value;
    size_t length;
    while (split_next(split, &value, &length) == SPLIT_VALUE) {
        CHECK(buf_puts(out, "<") && buf_append(out, value, length) && buf_puts(out, ">"));
    }
}

static void take_end(struct split *split, struct buf *out) {
    const char *value, *fault = split_end_fault(split);
    size_t length;
    enum split_result result = split_next(split, &value, &length);
    CHECK((result == SPLIT_BROKEN) == (split->fault != NULL));
    CHECK(buf_puts(out, " "));
    CHECK(buf_puts(out, fault ? fault : result == SPLIT_END ? "end" : "more"));
    CHECK_INT(split_next(split, &value, &length), result);
}

/* Pieces of `step` bytes, the first one of `first` bytes. */
static void check_fed(enum split_form form, const char *text, size_t length, size_t first,
                      size_t step, size_t max_value, const char *want) {
    struct split split;
    struct buf out;
    split_init(&split, form, max_value, MAX_HELD);
    buf_init(&out, SIZE_MAX);
    size_t piece = first;
    for (size_t done = 0; done < length; done += piece, piece = step) {
        piece = piece < length - done ? piece : length - done;
        /* A copy of just that size, so that a read beyond it is seen. */
        char *copy = malloc(piece ? piece : 1);
        memcpy(copy, text + done, piece);
        CHECK(split_feed(&split, copy, piece));
        free(copy);
        take_all(&split, &out);
    }
    take_end(&split, &out);
    CHECK_STR(buf_text(&out), want);
    buf_free(&out);
    split_free(&split);
}

static void check_splits(enum split_form form, const char *text, size_t length, size_t max_value,
                         const char *want) {
    for (size_t first = 0; first <= length; first++) {
        check_fed(form, text, length, first, SIZE_MAX, max_value, want);
    }
    check_fed(form, text, length, 1, 1, max_value, want);
}

#define VALUE_ENDS "the stream ended in the middle of a value"
#define LIST_ENDS  "the stream ended in the middle of a list"
#define NO_VALUE   "expected a JSON value"
#define NO_COMMA   "expected ',' or ']' after an element"
#define NO_LIST    "expected a JSON list"
#define MORE       "there is more after the end of the list"
#define TOO_LONG   "a value is longer than the limit"

static const struct {
    enum split_form form;
    const char *text, *want;
} cases[] = {
    {SPLIT_SEQUENCE, "", " more"},
    {SPLIT_SEQUENCE, " \r\n\t", " more"},
    {SPLIT_SEQUENCE, "{}", "<{}> more"},
    {SPLIT_SEQUENCE, "{\"a\":1}\n{\"b\":2}\n", "<{\"a\":1}><{\"b\":2}> more"},
    {SPLIT_SEQUENCE, "{\"a\":1}\r\n{\"b\":2}\r\n", "<{\"a\":1}><{\"b\":2}> more"},
    {SPLIT_SEQUENCE, "{\"a\":[1]}{\"b\":{}}[]", "<{\"a\":[1]}><{\"b\":{}}><[]> more"},
    {SPLIT_SEQUENCE, "  {\"a\" :\n1 }  ", "<{\"a\" :\n1 }> more"},
    {SPLIT_SEQUENCE, "{\"}\":\"{[\"}{}", "<{\"}\":\"{[\"}><{}> more"},
    {SPLIT_SEQUENCE, "{\"\\\"}\":\"\\\\\"}{}", "<{\"\\\"}\":\"\\\\\"}><{}> more"},
    {SPLIT_SEQUENCE, "{\"a\":\"\\u007d\\\\\\\"\"}", "<{\"a\":\"\\u007d\\\\\\\"\"}> more"},
    {SPLIT_SEQUENCE, "1 -2.5e3\nnull true\tfalse\n", "<1><-2.5e3><null><true><false> more"},
    {SPLIT_SEQUENCE, "\"a\\\"b\" \"\"", "<\"a\\\"b\"><\"\"> more"},
    {SPLIT_SEQUENCE, "1{}null[]2\"s\"3 ", "<1><{}><null><[]><2><\"s\"><3> more"},
    {SPLIT_SEQUENCE, "nonsense }", "<nonsense> " NO_VALUE}, /* json_scan refuses it */
    {SPLIT_SEQUENCE, "{]", "<{]> more"},                    /* and this */
    {SPLIT_SEQUENCE, "1", " " VALUE_ENDS},
    {SPLIT_SEQUENCE, "{}{\"a\"", "<{}> " VALUE_ENDS},
    {SPLIT_SEQUENCE, "{}{\"a", "<{}> " VALUE_ENDS},
    {SPLIT_SEQUENCE, "{}{\"a\\", "<{}> " VALUE_ENDS},
    {SPLIT_SEQUENCE, "\"a", " " VALUE_ENDS},
    {SPLIT_SEQUENCE, "{},{}", "<{}> " NO_VALUE},
    {SPLIT_SEQUENCE, "{}}", "<{}> " NO_VALUE},
    {SPLIT_SEQUENCE, "]", " " NO_VALUE},
    {SPLIT_SEQUENCE, "{} <html> {}", "<{}> " NO_VALUE},
    {SPLIT_SEQUENCE, "{}\xEF\xBB\xBF{}", "<{}> " NO_VALUE},
    {SPLIT_SEQUENCE, "1,", "<1> " NO_VALUE},
    {SPLIT_SEQUENCE, "{\"0123456789\":\"01234567890123456789012\"}",
     "<{\"0123456789\":\"01234567890123456789012\"}> more"}, /* 40 bytes */
    {SPLIT_SEQUENCE, "{}{\"0123456789\":\"012345678901234567890123\"}", "<{}> " TOO_LONG},
    {SPLIT_SEQUENCE, "{}{\"0123456789\":\"01234567890123456789012345", "<{}> " TOO_LONG},
    {SPLIT_SEQUENCE, "1234567890123456789012345678901234567890 {}",
     "<1234567890123456789012345678901234567890><{}> more"},
    {SPLIT_SEQUENCE, "12345678901234567890123456789012345678901 {}", " " TOO_LONG},

    {SPLIT_ARRAY, "[]", " end"},
    {SPLIT_ARRAY, "\r\n [ ]\n ", " end"},
    {SPLIT_ARRAY, "[{\"a\":1},{\"b\":[2,3]}]\n", "<{\"a\":1}><{\"b\":[2,3]}> end"},
    {SPLIT_ARRAY, " [ {\"a\" : 1} ,\n{} ] ", "<{\"a\" : 1}><{}> end"},
    {SPLIT_ARRAY, "[1,-2 , null,true,\"a,]\",[[]]]", "<1><-2><null><true><\"a,]\"><[[]]> end"},
    {SPLIT_ARRAY, "[{\"a\":\"]\\\"\"}]", "<{\"a\":\"]\\\"\"}> end"},
    {SPLIT_ARRAY, "", " " LIST_ENDS},
    {SPLIT_ARRAY, "[", " " LIST_ENDS},
    {SPLIT_ARRAY, "[{}", "<{}> " LIST_ENDS},
    {SPLIT_ARRAY, "[{},", "<{}> " LIST_ENDS},
    {SPLIT_ARRAY, "[{},{\"a", "<{}> " VALUE_ENDS},
    {SPLIT_ARRAY, "[1", " " VALUE_ENDS},
    {SPLIT_ARRAY, "[{},]", "<{}> " NO_VALUE},
    {SPLIT_ARRAY, "[,{}]", " " NO_VALUE},
    {SPLIT_ARRAY, "[{},,{}]", "<{}> " NO_VALUE},
    {SPLIT_ARRAY, "[{}{}]", "<{}> " NO_COMMA},
    {SPLIT_ARRAY, "[{}}", "<{}> " NO_COMMA},
    {SPLIT_ARRAY, "[1{}]", "<1> " NO_COMMA},
    {SPLIT_ARRAY, "[{}:{}]", "<{}> " NO_COMMA},
    {SPLIT_ARRAY, "[}", " " NO_VALUE},
    {SPLIT_ARRAY, "[][]", " " MORE},
    {SPLIT_ARRAY, "[{}]]", "<{}> " MORE},
    {SPLIT_ARRAY, "[{}] ,", "<{}> " MORE},
    {SPLIT_ARRAY, "{}", " " NO_LIST},
    {SPLIT_ARRAY, "null", " " NO_LIST},
    {SPLIT_ARRAY, "404 page not found", " " NO_LIST},
    {SPLIT_ARRAY, "[{},\"0123456789012345678901234567890123456789\"]", "<{}> " TOO_LONG},
};

TEST(split_cuts_wherever_the_bytes_are_cut) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unit_case = cases[i].text;
        check_splits(cases[i].form, cases[i].text, strlen(cases[i].text), MAX_VALUE, cases[i].want);
    }
}

TEST(split_takes_nul_and_invalid_utf8_only_inside_of_values) {
    check_splits(SPLIT_SEQUENCE, "{}\0{}", 5, MAX_VALUE, "<{}> " NO_VALUE);
    check_splits(SPLIT_SEQUENCE, "\x80", 1, MAX_VALUE, " " NO_VALUE);
    check_splits(SPLIT_SEQUENCE, "{\xFF\"\x80\"}{}", 8, MAX_VALUE, "<{\xFF\"\x80\"}><{}> more");
}

TEST(split_refuses_what_no_scanner_takes_for_its_depth) {
    char text[2 * JSON_DEPTH_CEILING + 4], want[sizeof text + 64];
    for (size_t extra = 0; extra < 2; extra++) {
        size_t depth = JSON_DEPTH_CEILING + extra;
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        snprintf(want, sizeof want, "<%.*s> more", (int)(2 * depth), text);
        const char *expected = extra ? " a value is nested too deep" : want;
        check_fed(SPLIT_SEQUENCE, text, 2 * depth, SIZE_MAX, 1, 10000, expected);
        check_fed(SPLIT_SEQUENCE, text, 2 * depth, 1, 1, 10000, expected);
        check_fed(SPLIT_SEQUENCE, text, 2 * depth, 1000, 1, 10000, expected);
    }
}

TEST(split_holds_no_more_than_it_may) {
    struct split split;
    const char *value;
    size_t length;
    split_init(&split, SPLIT_SEQUENCE, 100, 10);
    CHECK(split_feed(&split, "{\"a\":1}{\"b", 10));
    CHECK(!split_feed(&split, "\"", 1));
    CHECK_INT(split_held(&split), 10);
    CHECK_INT(split_next(&split, &value, &length), SPLIT_VALUE);
    CHECK_INT(split_held(&split), 3);
    CHECK(split_feed(&split, "\":2}  {", 7));
    CHECK_INT(split_next(&split, &value, &length), SPLIT_VALUE);
    CHECK(length == 7 && memcmp(value, "{\"b\":2}", 7) == 0);
    CHECK_INT(split_next(&split, &value, &length), SPLIT_MORE);
    CHECK_INT(split_held(&split), 1);
    split_free(&split);
    CHECK_INT(split_held(&split), 0);
}

/* White space is not held, however much there is; bytes of a broken stream neither. */
TEST(split_drops_what_is_no_value) {
    struct split split;
    const char *value;
    size_t length;
    split_init(&split, SPLIT_SEQUENCE, 10, 10);
    for (int i = 0; i < 1000; i++) {
        CHECK(split_feed(&split, "  \r\n ", 5));
        CHECK_INT(split_next(&split, &value, &length), SPLIT_MORE);
        CHECK_INT(split_held(&split), 0);
    }
    CHECK(split_feed(&split, "}", 1));
    CHECK_INT(split_next(&split, &value, &length), SPLIT_BROKEN);
    for (int i = 0; i < 1000; i++) {
        CHECK(split_feed(&split, "0123456789", 10));
    }
    CHECK(split_held(&split) <= 10);
    split_free(&split);
}

/* A reader that lags by nearly all that may be held, fed in small pieces: the buffer may not be
 * moved for each of them. Moving 8 MiB 40,000 times would take a minute. */
TEST(split_moves_its_buffer_rarely) {
    enum { HELD = 8 << 20, PIECES = 40000 };
    struct split split;
    const char *value;
    size_t length;
    split_init(&split, SPLIT_SEQUENCE, 100, HELD);
    while (split_feed(&split, "{\"a\":1}\n", 8)) {
    }
    for (int i = 0; i < PIECES; i++) {
        CHECK_INT(split_next(&split, &value, &length), SPLIT_VALUE);
        CHECK_INT(split_next(&split, &value, &length), SPLIT_VALUE);
        CHECK_INT(length, 7);
        CHECK(split_feed(&split, "{\"a\":1}\n", 8));
    }
    CHECK(split.held.capacity <= 2 * HELD + 1);
    size_t values = 0;
    while (split_next(&split, &value, &length) == SPLIT_VALUE) {
        values++;
    }
    CHECK_INT(values, HELD / 8 - PIECES);
    split_free(&split);
}
