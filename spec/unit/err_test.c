#include "base/err.h"

#include "base/utf8.h"
#include "unit.h"

TEST(set_fills_every_field) {
    struct err err = {.kind = ERR_DENIED, .next = NEXT_RETRY, .status = 500, .message = "old"};
    err_set(&err, ERR_NOT_FOUND, "no container %s", "web");
    CHECK_INT(err.kind, ERR_NOT_FOUND);
    CHECK_INT(err.next, NEXT_GIVE_UP);
    CHECK_INT(err.status, 0);
    CHECK_STR(err.message, "no container web");
}

TEST(message_may_quote_itself) {
    struct err err;
    err_set(&err, ERR_ENGINE, "refused");
    err_set(&err, ERR_ENGINE, "create: %s", err.message);
    CHECK_STR(err.message, "create: refused");
}

TEST(message_drives_no_terminal) {
    struct err err;
    err_set(&err, ERR_ENGINE, "%s", "\033[31mred\n");
    CHECK_STR(err.message, "\\x1B[31mred\\x0A");
}

/* Every length around the size of the message. */
TEST(long_message_is_cut) {
    char text[600];
    for (size_t length = 490; length < sizeof text; length++) {
        memset(text, 'x', length);
        text[length] = '\0';
        struct err err;
        err_set(&err, ERR_ENGINE, "%s", text);
        if (length < sizeof err.message) {
            CHECK_STR(err.message, text);
        } else {
            CHECK_INT(strlen(err.message), sizeof err.message - 1);
            CHECK_STR(err.message + sizeof err.message - 5, "x...");
        }
    }
}

/* A character of three bytes, or an escape, at every place where the cut may fall. */
TEST(the_cut_splits_nothing) {
    static const char *const units[] = {"\xE2\x82\xAC", "\033"};
    for (size_t which = 0; which < 2; which++) {
        for (size_t lead = 0; lead < 8; lead++) {
            char text[1024] = "";
            memset(text, 'x', lead);
            while (strlen(text) < 700) {
                strcat(text, units[which]);
            }
            struct err err;
            err_set(&err, ERR_ENGINE, "%s", text);
            size_t length = strlen(err.message);
            CHECK(length > sizeof err.message - 8);
            CHECK_STR(err.message + length - 3, "...");
            for (size_t i = 0; i < length;) {
                size_t size = utf8_length(err.message + i, length - i);
                CHECK(size > 0);
                i += size > 0 ? size : 1;
            }
            CHECK(which == 0 || strcmp(err.message + length - 7, "\\x1B...") == 0);
        }
    }
}

static const struct {
    const char *text;
    size_t length;
    const char *want;
} escapes[] = {
    {"", 0, ""},
    {"plain ~ text", 12, "plain ~ text"},
    {"tab\t", 4, "tab\\x09"},
    {"a\0b", 3, "a\\x00b"},
    {"\x7F", 1, "\\x7F"},
    {"back\\slash", 10, "back\\slash"},
    {"\xC3\xA9", 2, "\xC3\xA9"},
    {"\xC2\x9B", 2, "\\xC2\\x9B"},          /* C1: CSI */
    {"\xC2\xA0", 2, "\xC2\xA0"},            /* the first after C1 */
    {"\xC3", 1, "\\xC3"},                   /* cut */
    {"\xA9", 1, "\\xA9"},                   /* no lead */
    {"\xC0\x80", 2, "\\xC0\\x80"},          /* overlong */
    {"\xC1\xBF", 2, "\\xC1\\xBF"},          /* overlong */
    {"\xE0\x9F\xBF", 3, "\\xE0\\x9F\\xBF"}, /* overlong */
    {"\xE0\xA0\x80", 3, "\xE0\xA0\x80"},    /* U+0800 */
    {"\xED\x9F\xBF", 3, "\xED\x9F\xBF"},    /* U+D7FF */
    {"\xED\xA0\x80", 3, "\\xED\\xA0\\x80"}, /* surrogate */
    {"\xF0\x8F\xBF\xBF", 4, "\\xF0\\x8F\\xBF\\xBF"},
    {"\xF0\x9F\x8C\x99", 4, "\xF0\x9F\x8C\x99"},
    {"\xF4\x8F\xBF\xBF", 4, "\xF4\x8F\xBF\xBF"}, /* U+10FFFF */
    {"\xF4\x90\x80\x80", 4, "\\xF4\\x90\\x80\\x80"},
    {"\xF5\x80\x80\x80", 4, "\\xF5\\x80\\x80\\x80"},
    {"\xE2\x82x", 3, "\\xE2\\x82x"},
};

TEST(escape_shows_what_is_not_text) {
    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
        char out[64];
        unit_case = escapes[i].want;
        err_escape(out, sizeof out, escapes[i].text, escapes[i].length);
        CHECK_STR(out, escapes[i].want);
    }
}

TEST(escape_keeps_to_its_size) {
    static const char *const want[] = {"", "a", "a", "a", "a", "a\\x01", "a\\x01b", "a\\x01b"};
    for (size_t size = 1; size <= 8; size++) {
        char out[10];
        memset(out, '#', sizeof out);
        err_escape(out, size, "a\001b", 3);
        CHECK_STR(out, want[size - 1]);
        CHECK(out[size] == '#');
    }
    char untouched = '#';
    err_escape(&untouched, 0, "abc", 3);
    CHECK(untouched == '#');
}

TEST(names) {
    CHECK_STR(err_kind_name(ERR_NONE), "none");
    CHECK_STR(err_kind_name(ERR_INVALID), "invalid");
    CHECK_STR(err_kind_name(ERR_NOT_FOUND), "not_found");
    CHECK_STR(err_kind_name(ERR_CONFLICT), "conflict");
    CHECK_STR(err_kind_name(ERR_DENIED), "denied");
    CHECK_STR(err_kind_name(ERR_TRANSPORT), "transport");
    CHECK_STR(err_kind_name(ERR_TIMEOUT), "timeout");
    CHECK_STR(err_kind_name(ERR_CANCELLED), "cancelled");
    CHECK_STR(err_kind_name(ERR_ENGINE), "engine");
    CHECK_STR(err_kind_name(ERR_SCRIPT), "script");
    CHECK_STR(err_next_name(NEXT_GIVE_UP), "give_up");
    CHECK_STR(err_next_name(NEXT_DONE), "done");
    CHECK_STR(err_next_name(NEXT_RETRY), "retry");
    CHECK_STR(err_next_name(NEXT_WAIT), "wait");
    CHECK_STR(err_next_name(NEXT_RELIST), "relist");
}
