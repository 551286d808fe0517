#include "base/url.h"

#include "unit.h"

static const struct {
    const char *text;
    size_t length;
    const char *want;
} escapes[] = {
    {"", 0, ""},
    {"AZaz09-._~", 10, "AZaz09-._~"},
    {" ", 1, "%20"},
    {"+", 1, "%2B"},
    {"%41", 3, "%2541"},
    {"a/b?c#d", 7, "a%2Fb%3Fc%23d"},
    {"a&b=c", 5, "a%26b%3Dc"},
    {"{\"label\":[\"a\"]}", 15, "%7B%22label%22%3A%5B%22a%22%5D%7D"},
    {"\xC3\xA9", 2, "%C3%A9"},
    {"\xFF\x80", 2, "%FF%80"},
    {"a\0b", 3, "a%00b"},
    {"\r\n", 2, "%0D%0A"},
};

TEST(escape_leaves_only_unreserved) {
    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
        struct buf out;
        buf_init(&out, 100);
        CHECK(url_escape(&out, escapes[i].text, escapes[i].length));
        CHECK_STR(buf_text(&out), escapes[i].want);
        buf_free(&out);
    }
}

TEST(every_byte_is_itself_or_percent) {
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (int byte = 1; byte < 256; byte++) {
        char text[2] = {(char)byte, '\0'};
        char percent[4];
        snprintf(percent, sizeof percent, "%%%02X", (unsigned)byte);
        struct buf out;
        buf_init(&out, 3);
        CHECK(url_escape(&out, text, 1));
        CHECK_STR(buf_text(&out), strchr(unreserved, byte) != NULL ? text : percent);
        buf_free(&out);
    }
}

TEST(query_joins_with_question_mark_then_ampersand) {
    struct buf out;
    buf_init(&out, 100);
    CHECK(buf_puts(&out, "/containers/json"));
    CHECK(url_query(&out, "all", "1"));
    CHECK(url_query(&out, "na me", "a&b"));
    CHECK(url_query(&out, "empty", ""));
    CHECK_STR(buf_text(&out), "/containers/json?all=1&na%20me=a%26b&empty=");
    buf_free(&out);
}

TEST(query_on_nothing) {
    struct buf out;
    buf_init(&out, 100);
    CHECK(url_query(&out, "a", "b"));
    CHECK_STR(buf_text(&out), "?a=b");
    buf_free(&out);
}

/* At every limit: the whole, or what stood there before. */
TEST(a_full_buffer_keeps_its_content) {
    static const char whole[] = "/x?a=%20b";
    for (size_t limit = 0; limit < sizeof whole + 2; limit++) {
        struct buf out;
        buf_init(&out, limit);
        bool begun = buf_puts(&out, "/x");
        bool done = url_query(&out, "a", " b");
        if (begun) {
            CHECK_INT(done, limit >= strlen(whole));
            CHECK_STR(buf_text(&out), done ? whole : "/x");
            CHECK_INT(out.length, strlen(buf_text(&out)));
        }
        buf_free(&out);
    }
}
