/* What stands above the scanner: limits, the tree, cutting arrays, writing doubles. */
#include "base/json.h"

#include "unit.h"

#include <json-c/json.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static json_object *parse(const char *text, const struct json_rules *rules) {
    struct json_error error = {.reason = ""};
    json_object *value = NULL;
    if (!json_parse(text, strlen(text), rules, &value, &error)) {
        UNIT_CHECK(0, "%s: %s", text, error.reason);
    }
    return value;
}

/* `depth` times `open`, then `middle`, then as many times `close`; to be freed. */
static char *nest(unsigned depth, const char *open, const char *middle, const char *close) {
    char *text = calloc(depth * (strlen(open) + strlen(close)) + strlen(middle) + 1, 1);
    char *end = text;
    for (unsigned i = 0; i < depth; i++) {
        end = stpcpy(end, open);
    }
    end = stpcpy(end, middle);
    for (unsigned i = 0; i < depth; i++) {
        end = stpcpy(end, close);
    }
    return text;
}

static bool parses_nested(unsigned depth, unsigned max_depth, const char *open,
                          const char *middle) {
    struct json_rules rules = {.max_depth = max_depth, .max_length = SIZE_MAX};
    char *text = nest(depth, open, middle, *open == '[' ? "]" : "}");
    json_object *value;
    struct json_error error;
    bool passed = json_parse(text, strlen(text), &rules, &value, &error);
    CHECK(passed || strcmp(error.reason, "nested too deep") == 0);
    CHECK(passed || error.offset == max_depth * strlen(open) ||
          error.offset == JSON_DEPTH_CEILING * strlen(open));
    json_object_put(value);
    free(text);
    return passed;
}

TEST(depth_is_limited) {
    static const unsigned limits[] = {0, 1, 2, 7, 8, 9, 100, JSON_DEPTH_CEILING};
    for (size_t i = 0; i < COUNT(limits); i++) {
        unsigned limit = limits[i];
        CHECK(parses_nested(limit, limit, "[", limit > 0 ? "" : "1"));
        CHECK(parses_nested(limit, limit, "[", "1"));
        CHECK(parses_nested(limit, limit, "{\"a\":", "1"));
        CHECK(!parses_nested(limit + 1, limit, "[", ""));
        CHECK(!parses_nested(limit + 1, limit, "{\"a\":", "1"));
    }
    CHECK(!parses_nested(JSON_DEPTH_CEILING + 1, UINT32_MAX, "[", ""));
    CHECK(!parses_nested(1000000, UINT32_MAX, "[", ""));
}

/* The scanner keeps a bit per level: closers must match, at every depth. */
TEST(levels_do_not_mix) {
    for (unsigned depth = 1; depth < 40; depth++) {
        char *text = nest(depth, "[{\"a\":", "[]", "}]");
        CHECK(json_scan(text, strlen(text), &json_strict, NULL));
        char *wrong = nest(depth, "[{\"a\":", "[]", "]}");
        CHECK(!json_scan(wrong, strlen(wrong), &json_strict, NULL));
        free(text);
        free(wrong);
    }
}

TEST(length_is_limited) {
    struct json_rules rules = {.max_depth = 1, .max_length = 3};
    struct json_error error;
    CHECK(json_scan("123", 3, &rules, &error));
    CHECK(!json_scan("1234", 4, &rules, &error));
    CHECK_INT(error.offset, 3);
    CHECK_STR(error.reason, "the text is longer than the limit");
}

TEST(integers_are_exact) {
    static const int64_t integers[] = {0, 1, -1, 9007199254740993, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < COUNT(integers); i++) {
        char text[32];
        snprintf(text, sizeof text, "%lld", (long long)integers[i]);
        json_object *value = parse(text, &json_strict);
        CHECK_INT(json_object_get_type(value), json_type_int);
        CHECK_INT(json_object_get_int64(value), integers[i]);
        json_object_put(value);
    }
}

TEST(clamping_takes_unsigned_integers) {
    json_object *value = parse("[9223372036854775808,18446744073709551615,-1]", &json_engine);
    for (size_t i = 0; i < 3; i++) {
        json_object *item = json_object_array_get_idx(value, i);
        CHECK_INT(json_object_get_type(item), json_type_int);
        CHECK_INT(json_object_get_int64(item), i < 2 ? INT64_MAX : -1);
    }
    json_object_put(value);
    CHECK(!json_scan("18446744073709551616", 20, &json_engine, NULL));
    CHECK(!json_scan("-9223372036854775809", 20, &json_engine, NULL));
}

TEST(doubles_stay_doubles) {
    static const struct {
        const char *text;
        double want;
    } doubles[] = {{"1.0", 1.0}, {"1e2", 100.0}, {"0.1", 0.1}, {"-0", -0.0}, {"-0.0", -0.0}};
    for (size_t i = 0; i < COUNT(doubles); i++) {
        json_object *value = parse(doubles[i].text, &json_strict);
        double got = json_object_get_double(value);
        CHECK_INT(json_object_get_type(value), json_type_double);
        CHECK(memcmp(&got, &doubles[i].want, sizeof got) == 0);
        json_object_put(value);
    }
}

/* 2^1024 - 2^970 exactly, where rounding goes to infinity: one less passes, in every notation. */
TEST(the_largest_double_is_the_limit) {
    static const char *const tails[] = {"92.0", "91.999", "91e0", "92e0"};
    static const char head[] =
        "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017"
        "977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273"
        "854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704"
        "3427115596995080930428801779041744977";
    for (size_t i = 0; i < COUNT(tails); i++) {
        char text[400];
        snprintf(text, sizeof text, "%s%s", head, tails[i]);
        bool fits = json_scan(text, strlen(text), &json_strict, NULL);
        CHECK_INT(fits, tails[i][1] == '1');
        CHECK_INT(fits, strtod(text, NULL) <= 1.7976931348623157e308);
    }
}

TEST(strings_and_keys_keep_nul) {
    json_object *value = parse("{\"a\\u0000b\":\"c\\u0000d\",\"a\":\"\\u0000\"}", &json_strict);
    CHECK_INT(json_object_object_length(value), 2);
    json_object *text = json_object_object_get(value, "a" JSON_KEY_NUL "b");
    CHECK_INT(json_object_get_string_len(text), 3);
    CHECK(memcmp(json_object_get_string(text), "c\0d", 4) == 0);
    json_object_put(value);
}

TEST(escapes_become_characters) {
    json_object *value = parse("\"\\u00e9\\uD83C\\uDF19\\\"\\\\\\/\\b\\f\\n\\r\\t\"", &json_strict);
    CHECK_STR(json_object_get_string(value), "\xC3\xA9\xF0\x9F\x8C\x99\"\\/\b\f\n\r\t");
    json_object_put(value);
}

TEST(the_last_of_equal_keys_wins) {
    json_object *value = parse("{\"a\":1,\"b\":2,\"a\":3}", &json_strict);
    CHECK_INT(json_object_object_length(value), 2);
    CHECK_INT(json_object_get_int64(json_object_object_get(value, "a")), 3);
    json_object_put(value);
}

TEST(null_is_a_value) {
    json_object *value = (json_object *)"";
    CHECK(json_parse("null", 4, &json_strict, &value, NULL));
    CHECK(value == NULL);
    CHECK(json_parse(" [null] ", 8, &json_strict, &value, NULL));
    CHECK_INT(json_object_array_length(value), 1);
    json_object_put(value);
}

static const struct {
    const char *text;
    const char *elements; /* each followed by '|' */
} arrays[] = {
    {"[]", ""},
    {" [ \n] ", ""},
    {"[1]", "1|"},
    {"[1,2,3]", "1|2|3|"},
    {" [ 1 ,\t2 ] ", "1|2|"},
    {"[[1,2],[],[[3]]]", "[1,2]|[]|[[3]]|"},
    {"[{\"a\":[1,{}],\"b\":2},null]", "{\"a\":[1,{}],\"b\":2}|null|"},
    {"[\"a,b]\",\"\\\"]\",\"\\\\\",\"{\"]", "\"a,b]\"|\"\\\"]\"|\"\\\\\"|\"{\"|"},
    {"{\"a\":[1]}", ""},
    {"1", ""},
    {"\"[1]\"", ""},
    {"", ""},
};

TEST(an_array_is_cut_into_its_elements) {
    for (size_t i = 0; i < COUNT(arrays); i++) {
        char got[100] = "";
        size_t cursor = 0, length, end = strlen(arrays[i].text);
        const char *element;
        unit_case = arrays[i].text;
        while (json_next(arrays[i].text, end, &cursor, &element, &length)) {
            CHECK(json_scan(element, length, &json_strict, NULL));
            strncat(got, element, length);
            strcat(got, "|");
        }
        CHECK_STR(got, arrays[i].elements);
        CHECK(!json_next(arrays[i].text, end, &cursor, &element, &length));
    }
}

static const struct {
    double value;
    const char *want;
} written[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {3.0, "3.0"},
    {0.1, "0.1"},
    {-2.5, "-2.5"},
    {1.0 / 3.0, "0.3333333333333333"},
    {0.1 + 0.2, "0.30000000000000004"},
    {1e15, "1e+15"},
    {123456789012345.0, "123456789012345.0"},
    {9007199254740993.0, "9007199254740992.0"},
    {1e300, "1e+300"},
    {5e-324, "4.94065645841247e-324"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {-1.7976931348623157e308, "-1.7976931348623157e+308"},
};

static void check_written(void) {
    for (size_t i = 0; i < COUNT(written); i++) {
        char text[JSON_DOUBLE_SIZE];
        json_format_double(text, written[i].value);
        CHECK_STR(text, written[i].want);
    }
}

TEST(doubles_are_written_short) {
    check_written();
}

/* Skipped where the machine has no locale with another decimal point. */
TEST(the_locale_changes_nothing) {
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (setlocale(LC_ALL, names[i]) != NULL) {
            check_written();
            json_object *value = parse("1.5", &json_strict);
            CHECK(json_object_get_double(value) == 1.5);
            json_object_put(value);
        }
    }
    setlocale(LC_ALL, "C");
}
