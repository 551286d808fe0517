#include "host/keys.h"
#include "unit.h"

static const struct {
    const char *bytes;
    int next, all; /* the first key's length; when nothing more comes */
    int letters;
} cases[] = {
    {"a", 1, 1, 1},          {"ab", 1, 1, 2},       {"\xc3\xa9", 2, 2, 2},
    {"\xc3", 0, 1, 0},       {"\xe2\x82", 0, 2, 0}, {"\xe2\x82\xac!", 3, 3, 4},
    {"\xff", 1, 1, 1},       {"\xc3(", 1, 1, 2},    {"\x80\x80", 1, 1, 2},
    {"a\tb", 1, 1, 1},       {"\r", 1, 1, 0},       {"\x7f", 1, 1, 0},
    {"\033", 0, 1, 0},       {"\033[", 0, 2, 0},    {"\033[A", 3, 3, 0},
    {"\033[Ax", 3, 3, 0},    {"\033[1;5", 0, 5, 0}, {"\033[1;5C", 6, 6, 0},
    {"\033[[A", 4, 4, 0},    {"\033[[", 0, 3, 0},   {"\033O", 0, 2, 0},
    {"\033OH", 3, 3, 0},     {"\033b", 2, 2, 0},    {"\033\xc3\xa9", 3, 3, 0},
    {"\033\033[A", 4, 4, 0}, {"\x16", 0, 1, 0},     {"\x16\t", 2, 2, 0},
    {"\x18\x18", 2, 2, 0},
};

TEST(keys_are_cut) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length = strlen(cases[i].bytes);
        unit_case = cases[i].bytes + (*cases[i].bytes == '\033');
        CHECK_INT(keys_next(cases[i].bytes, length, false), cases[i].next);
        CHECK_INT(keys_next(cases[i].bytes, length, true), cases[i].all);
        CHECK_INT(keys_letters(cases[i].bytes, length), cases[i].letters);
    }
    CHECK_INT(keys_next("", 0, true), 0);
    CHECK_INT(keys_next("\0", 1, false), 1);
}

TEST(letters_come_back_as_they_were) {
    static const char *const texts[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8c\x99"};
    char bytes[4];
    wchar_t letter;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t length = strlen(texts[i]);
        unit_case = texts[i];
        CHECK_INT(keys_decode(&letter, texts[i], length), length);
        CHECK_INT(keys_encode(bytes, letter), length);
        CHECK(memcmp(bytes, texts[i], length) == 0);
    }
    for (int byte = 0x80; byte <= 0xff; byte++) {
        char one = (char)byte;
        CHECK_INT(keys_decode(&letter, &one, 1), 1);
        CHECK_INT(keys_encode(bytes, letter), 1);
        CHECK_INT(bytes[0], one);
    }
    CHECK_INT(keys_decode(&letter, "\0", 1), 1);
    CHECK_INT(letter, 0);
}
