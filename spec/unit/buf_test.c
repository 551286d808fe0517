#include "base/buf.h"

#include "unit.h"

#include <stdint.h>

TEST(starts_empty) {
    struct buf buf;
    buf_init(&buf, 10);
    CHECK_INT(buf.length, 0);
    CHECK(buf.data == NULL);
    CHECK_STR(buf_text(&buf), "");
    buf_free(&buf);
}

TEST(appends_in_order) {
    struct buf buf;
    buf_init(&buf, 1000);
    CHECK(buf_puts(&buf, "one"));
    CHECK(buf_append(&buf, "\0x", 2));
    CHECK(buf_printf(&buf, "%s-%d", "two", 2));
    CHECK_INT(buf.length, 10);
    CHECK(memcmp(buf_text(&buf), "one\0xtwo-2", 11) == 0);
    buf_free(&buf);
}

TEST(appending_nothing_is_fine) {
    struct buf buf;
    buf_init(&buf, 0);
    CHECK(buf_append(&buf, NULL, 0));
    CHECK(buf_puts(&buf, ""));
    CHECK(buf_printf(&buf, "%s", ""));
    CHECK_STR(buf_text(&buf), "");
    CHECK(!buf_puts(&buf, "x"));
    buf_free(&buf);
}

/* Every limit up to a few doublings, filled byte by byte: full exactly at the limit. */
TEST(holds_its_limit_and_no_more) {
    for (size_t limit = 1; limit < 300; limit++) {
        struct buf buf;
        buf_init(&buf, limit);
        size_t taken = 0;
        while (taken < 1000 && buf_append(&buf, "x", 1)) {
            taken++;
        }
        CHECK_INT(taken, limit);
        CHECK_INT(buf.length, limit);
        CHECK_INT(strlen(buf_text(&buf)), limit);
        CHECK(buf.capacity <= limit + 1);
        buf_free(&buf);
    }
}

/* Every way to split a text in two, at every limit. */
TEST(a_refused_append_changes_nothing) {
    static const char text[] = "0123456789";
    for (size_t limit = 0; limit <= 12; limit++) {
        for (size_t first = 0; first <= 10; first++) {
            struct buf buf;
            buf_init(&buf, limit);
            bool fits = buf_append(&buf, text, first);
            CHECK_INT(fits, first <= limit);
            size_t before = buf.length;
            CHECK_INT(before, fits ? first : 0);
            CHECK_INT(buf_puts(&buf, text + first), before + 10 - first <= limit);
            CHECK_INT(buf.length, before + 10 - first <= limit ? before + 10 - first : before);
            buf_free(&buf);
        }
    }
}

TEST(a_refused_printf_changes_nothing) {
    struct buf buf;
    buf_init(&buf, 5);
    CHECK(buf_puts(&buf, "abc"));
    CHECK(!buf_printf(&buf, "%03d", 7));
    CHECK_STR(buf_text(&buf), "abc");
    CHECK(buf_printf(&buf, "%02d", 7));
    CHECK_STR(buf_text(&buf), "abc07");
    buf_free(&buf);
}

TEST(no_limit_does_not_overflow) {
    struct buf buf;
    buf_init(&buf, SIZE_MAX);
    CHECK(buf_puts(&buf, "abc"));
    CHECK(!buf_append(&buf, "x", SIZE_MAX - 3));
    CHECK(!buf_append(&buf, "x", SIZE_MAX));
    CHECK_STR(buf_text(&buf), "abc");
    buf_free(&buf);
}

TEST(is_usable_after_wipe) {
    struct buf buf;
    buf_init(&buf, 3);
    buf_wipe(&buf);
    CHECK(buf_puts(&buf, "abc"));
    buf_wipe(&buf);
    CHECK_INT(buf.length, 0);
    CHECK(buf.data == NULL);
    CHECK(buf_puts(&buf, "def"));
    CHECK_STR(buf_text(&buf), "def");
    buf_wipe(&buf);
}

TEST(is_usable_after_free) {
    struct buf buf;
    buf_init(&buf, 3);
    CHECK(buf_puts(&buf, "abc"));
    buf_free(&buf);
    buf_free(&buf);
    CHECK_INT(buf.length, 0);
    CHECK(buf_puts(&buf, "def"));
    CHECK(!buf_puts(&buf, "g"));
    CHECK_STR(buf_text(&buf), "def");
    buf_free(&buf);
}
