/* The scanner: RFC 8259's grammar, rule by rule, and where and why it refuses. */
#include "base/json.h"

#include "unit.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>

#define TEXT(literal) (literal), sizeof(literal) - 1
#define COUNT(table)  (sizeof(table) / sizeof(table)[0])

struct text {
    const char *bytes;
    size_t length;
};

static const struct text accepted[] = {
    /* white space, literals */
    {TEXT("null")},
    {TEXT("true")},
    {TEXT("false")},
    {TEXT(" \t\r\n null \t\r\n ")},
    /* arrays, objects */
    {TEXT("[]")},
    {TEXT("[ ]")},
    {TEXT("{}")},
    {TEXT("{ \n }")},
    {TEXT("[1]")},
    {TEXT("[1,2]")},
    {TEXT("[ 1 , 2 ]")},
    {TEXT("[[],[[]],{}]")},
    {TEXT("[{},[],{\"a\":[]},[{}]]")},
    {TEXT("[null,true,false,\"\",0,{}]")},
    {TEXT("{\"a\":1}")},
    {TEXT("{ \"a\" : 1 , \"b\" : 2 }")},
    {TEXT("{\"a\":{\"b\":[{\"c\":null}]}}")},
    {TEXT("{\"\":0}")},
    {TEXT("{\"a\":1,\"a\":2}")},
    /* numbers */
    {TEXT("0")},
    {TEXT("-0")},
    {TEXT("7")},
    {TEXT("-7")},
    {TEXT("10")},
    {TEXT("0.0")},
    {TEXT("-0.0")},
    {TEXT("0.5")},
    {TEXT("1.25e2")},
    {TEXT("1e0")},
    {TEXT("1E5")},
    {TEXT("1e+5")},
    {TEXT("1E-5")},
    {TEXT("1e05")},
    {TEXT("0e0")},
    {TEXT("9223372036854775807")},
    {TEXT("-9223372036854775808")},
    {TEXT("[-0,-0 ,-0]")},
    {TEXT("{\"a\":-0}")},
    {TEXT("1e308")},
    {TEXT("1.7976931348623157e308")},
    {TEXT("1.7976931348623158e+308")},
    {TEXT("0.0000000017976931348623157e317")},
    {TEXT("17976931348623157.0e292")},
    {TEXT("1797693134862315807.937e290")},
    {TEXT("1e-400")},
    {TEXT("5e-324")},
    {TEXT("0e400")},
    {TEXT("0.000e99999999999999999999")},
    {TEXT("1e-99999999999999999999")},
    {TEXT("123456789012345678901234567890.0")},
    /* strings */
    {TEXT("\"\"")},
    {TEXT("\"plain ~\"")},
    {TEXT("\"\x7F\"")},
    {TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")},
    {TEXT("\"\\u0000\"")},
    {TEXT("\"\\u00e9\\u00E9\\uABCD\\uabcd\"")},
    {TEXT("\"\\uD7FF\\uE000\\uFFFF\"")},
    {TEXT("\"\\uD83C\\uDF19\"")},
    {TEXT("\"\\uD800\\uDC00\"")},
    {TEXT("\"\\uDBFF\\uDFFF\"")},
    {TEXT("\"\\u005C\\u0022\"")},
    {TEXT("{\"\\u0000\":1}")},
    {TEXT("{\"a\\u0000b\":-0,\"a\\u0000c\":[-0]}")},
    {TEXT("\"\xC3\xA9\"")},
    {TEXT("\"\xE2\x82\xAC\"")},
    {TEXT("\"\xF0\x9F\x8C\x99\"")},
    {TEXT("\"\xED\x9F\xBF\xEE\x80\x80\"")},
    {TEXT("\"\xF4\x8F\xBF\xBF\"")},
    {TEXT("\"\xE2\x80\xA8\"")},
    {TEXT("\"\xEF\xBB\xBF\"")},
    {TEXT("\"/* no comment */\"")},
};

static const struct {
    struct text text;
    size_t offset;
    const char *reason; /* its beginning */
} rejected[] = {
    /* no value, or more than one */
    {{TEXT("")}, 0, "the text ends where"},
    {{TEXT(" \n")}, 2, "the text ends where"},
    {{TEXT("[")}, 1, "the text ends where"},
    {{TEXT("[1,")}, 3, "the text ends where"},
    {{TEXT("[1")}, 2, "the text ends inside an array"},
    {{TEXT("{")}, 1, "the text ends inside an array"},
    {{TEXT("{\"a\"")}, 4, "the text ends inside an array"},
    {{TEXT("{\"a\":")}, 5, "the text ends where"},
    {{TEXT("{\"a\":1")}, 6, "the text ends inside an array"},
    {{TEXT("{\"a\":1,")}, 7, "the text ends inside an array"},
    {{TEXT("1 2")}, 2, "expected nothing after"},
    {{TEXT("{}{}")}, 2, "expected nothing after"},
    {{TEXT("[]]")}, 2, "expected nothing after"},
    {{TEXT("{}}")}, 2, "expected nothing after"},
    {{TEXT("nullnull")}, 4, "expected nothing after"},
    {{TEXT("null\0")}, 4, "expected nothing after"},
    {{TEXT("1,")}, 1, "expected nothing after"},
    {{TEXT("\"a\":1")}, 3, "expected nothing after"},
    {{TEXT("[] // end")}, 3, "expected nothing after"},
    {{TEXT("]")}, 0, "expected a value"},
    {{TEXT("}")}, 0, "expected a value"},
    {{TEXT(",")}, 0, "expected a value"},
    {{TEXT("\0")}, 0, "expected a value"},
    {{TEXT("\xEF\xBB\xBF[]")}, 0, "a byte order mark"},
    {{TEXT("\xFF\xFE[\0]\0")}, 0, "expected a value"},
    {{TEXT("\f1")}, 0, "expected a value"},
    {{TEXT("\v1")}, 0, "expected a value"},
    {{TEXT("\xC2\xA0"
           "1")},
     0,
     "expected a value"},
    {{TEXT("/* a */1")}, 0, "expected a value"},
    /* literals */
    {{TEXT("nul")}, 0, "expected a value"},
    {{TEXT("Null")}, 0, "expected a value"},
    {{TEXT("TRUE")}, 0, "expected a value"},
    {{TEXT("truex")}, 4, "expected nothing after"},
    {{TEXT("undefined")}, 0, "expected a value"},
    {{TEXT("NaN")}, 0, "expected a value"},
    {{TEXT("Infinity")}, 0, "expected a value"},
    {{TEXT("inf")}, 0, "expected a value"},
    {{TEXT("a")}, 0, "expected a value"},
    {{TEXT("'a'")}, 0, "a string must be in double"},
    /* arrays */
    {{TEXT("[,]")}, 1, "expected a value"},
    {{TEXT("[,1]")}, 1, "expected a value"},
    {{TEXT("[1,]")}, 3, "expected a value"},
    {{TEXT("[1,,2]")}, 3, "expected a value"},
    {{TEXT("[1 2]")}, 3, "expected ',' or ']'"},
    {{TEXT("[1;2]")}, 2, "expected ',' or ']'"},
    {{TEXT("[1:2]")}, 2, "expected ',' or ']'"},
    {{TEXT("[1}")}, 2, "expected ',' or ']'"},
    {{TEXT("[\"a\":1]")}, 4, "expected ',' or ']'"},
    {{TEXT("[{}")}, 3, "the text ends inside an array"},
    {{TEXT("[}")}, 1, "expected a value"},
    /* objects */
    {{TEXT("{,}")}, 1, "expected a key"},
    {{TEXT("{]")}, 1, "expected a key"},
    {{TEXT("{a:1}")}, 1, "expected a key"},
    {{TEXT("{'a':1}")}, 1, "expected a key"},
    {{TEXT("{1:1}")}, 1, "expected a key"},
    {{TEXT("{null:1}")}, 1, "expected a key"},
    {{TEXT("{[]:1}")}, 1, "expected a key"},
    {{TEXT("{\"a\"}")}, 4, "expected ':'"},
    {{TEXT("{\"a\" 1}")}, 5, "expected ':'"},
    {{TEXT("{\"a\",1}")}, 4, "expected ':'"},
    {{TEXT("{\"a\"=1}")}, 4, "expected ':'"},
    {{TEXT("{\"a\"::1}")}, 5, "expected a value"},
    {{TEXT("{\"a\":}")}, 5, "expected a value"},
    {{TEXT("{\"a\":1,}")}, 7, "expected a key"},
    {{TEXT("{\"a\":1,,}")}, 7, "expected a key"},
    {{TEXT("{\"a\":1 \"b\":2}")}, 7, "expected ',' or '}'"},
    {{TEXT("{\"a\":1]")}, 6, "expected ',' or '}'"},
    {{TEXT("{\"a\":[1}]")}, 7, "expected ',' or ']'"},
    /* numbers */
    {{TEXT("-")}, 1, "expected a digit"},
    {{TEXT("--1")}, 1, "expected a digit"},
    {{TEXT("-a")}, 1, "expected a digit"},
    {{TEXT("- 1")}, 1, "expected a digit"},
    {{TEXT("-Infinity")}, 1, "expected a digit"},
    {{TEXT("+1")}, 0, "expected a value"},
    {{TEXT(".5")}, 0, "expected a value"},
    {{TEXT("-.5")}, 1, "expected a digit"},
    {{TEXT("1.")}, 2, "expected a digit"},
    {{TEXT("[1.]")}, 3, "expected a digit"},
    {{TEXT("1.e5")}, 2, "expected a digit"},
    {{TEXT("1.-5")}, 2, "expected a digit"},
    {{TEXT("1e")}, 2, "expected a digit"},
    {{TEXT("1e+")}, 3, "expected a digit"},
    {{TEXT("[1e]")}, 3, "expected a digit"},
    {{TEXT("1ee5")}, 2, "expected a digit"},
    {{TEXT("1e+-5")}, 3, "expected a digit"},
    {{TEXT("1e5.5")}, 3, "expected nothing after"},
    {{TEXT("1.2.3")}, 3, "expected nothing after"},
    {{TEXT("01")}, 1, "a number may not have leading"},
    {{TEXT("-01")}, 2, "a number may not have leading"},
    {{TEXT("00")}, 1, "a number may not have leading"},
    {{TEXT("00.5")}, 1, "a number may not have leading"},
    {{TEXT("0x10")}, 1, "expected nothing after"},
    {{TEXT("1_000")}, 1, "expected nothing after"},
    {{TEXT("[1,000]")}, 4, "a number may not have leading"},
    {{TEXT("1,5")}, 1, "expected nothing after"},
    {{TEXT("\xEF\xBC\x91")}, 0, "expected a value"},
    {{TEXT("9223372036854775808")}, 0, "the integer does not fit"},
    {{TEXT("-9223372036854775809")}, 0, "the integer does not fit"},
    {{TEXT("[1,18446744073709551615]")}, 3, "the integer does not fit"},
    {{TEXT("10000000000000000000000")}, 0, "the integer does not fit"},
    {{TEXT("1e309")}, 0, "the number is too large"},
    {{TEXT("-1e400")}, 0, "the number is too large"},
    {{TEXT("[1e99999999999999999999]")}, 1, "the number is too large"},
    {{TEXT("1.7976931348623159e308")}, 0, "the number is too large"},
    {{TEXT("17976931348623159.0e292")}, 0, "the number is too large"},
    {{TEXT("0.00017976931348623159e312")}, 0, "the number is too large"},
    {{TEXT("1797693134862315807.94e290")}, 0, "the number is too large"},
    /* strings */
    {{TEXT("\"")}, 1, "the text ends inside a string"},
    {{TEXT("\"a")}, 2, "the text ends inside a string"},
    {{TEXT("\"\\")}, 2, "the text ends inside a string"},
    {{TEXT("\"\\\"")}, 3, "the text ends inside a string"},
    {{TEXT("\"a\nb\"")}, 2, "a control character"},
    {{TEXT("\"\t\"")}, 1, "a control character"},
    {{TEXT("\"\0\"")}, 1, "a control character"},
    {{TEXT("\"\x1F\"")}, 1, "a control character"},
    {{TEXT("{\"\n\":1}")}, 2, "a control character"},
    {{TEXT("\"\\x41\"")}, 1, "unknown escape"},
    {{TEXT("\"\\a\"")}, 1, "unknown escape"},
    {{TEXT("\"\\'\"")}, 1, "unknown escape"},
    {{TEXT("\"\\0\"")}, 1, "unknown escape"},
    {{TEXT("\"\\\0\"")}, 1, "unknown escape"},
    {{TEXT("\"\\U0041\"")}, 1, "unknown escape"},
    {{TEXT("\"\\u\"")}, 1, "expected four hexa"},
    {{TEXT("\"\\u12")}, 1, "expected four hexa"},
    {{TEXT("\"\\u123\"")}, 1, "expected four hexa"},
    {{TEXT("\"\\u12G4\"")}, 1, "expected four hexa"},
    {{TEXT("\"\\u+123\"")}, 1, "expected four hexa"},
    {{TEXT("\"\\u 123\"")}, 1, "expected four hexa"},
    {{TEXT("\"\\uD800\"")}, 1, "half of a surrogate"},
    {{TEXT("\"\\uDC00\"")}, 1, "half of a surrogate"},
    {{TEXT("\"\\uDC00\\uD800\"")}, 1, "half of a surrogate"},
    {{TEXT("\"\\uD800\\uD800\"")}, 1, "half of a surrogate"},
    {{TEXT("\"\\uD800\\uE000\"")}, 1, "half of a surrogate"},
    {{TEXT("\"\\uDC00\\uDC00\"")}, 1, "half of a surrogate"},
    {{TEXT("\"\\uD800\\u0041\"")}, 1, "half of a surrogate"},
    {{TEXT("\"\\uD800\\uDC0\"")}, 1, "half of a surrogate"},
    {{TEXT("\"\\uD800xuDC00\"")}, 1, "half of a surrogate"},
    {{TEXT("\"\\uD800")}, 1, "half of a surrogate"},
    {{TEXT("{\"\\uDFFF\":1}")}, 2, "half of a surrogate"},
    {{TEXT("\"\x80\"")}, 1, "invalid UTF-8"},
    {{TEXT("\"\xC3\"")}, 1, "invalid UTF-8"},
    {{TEXT("\"\xC0\x80\"")}, 1, "invalid UTF-8"},
    {{TEXT("\"\xE0\x80\x80\"")}, 1, "invalid UTF-8"},
    {{TEXT("\"\xED\xA0\x80\"")}, 1, "invalid UTF-8"},
    {{TEXT("\"\xF0\x80\x80\x80\"")}, 1, "invalid UTF-8"},
    {{TEXT("\"\xF4\x90\x80\x80\"")}, 1, "invalid UTF-8"},
    {{TEXT("\"\xE2\x82\"")}, 1, "invalid UTF-8"},
    {{TEXT("\"a\xE2\x82")}, 2, "invalid UTF-8"},
    {{TEXT("\"\xFF\"")}, 1, "invalid UTF-8"},
    {{TEXT("{\"\xFF\":1}")}, 2, "invalid UTF-8"},
};

/* Scans and parses a copy of exactly that size, so that the sanitizer sees a byte read too much. */
static bool parses(const char *bytes, size_t length, struct json_error *error) {
    char *copy = malloc(length > 0 ? length : 1);
    memcpy(copy, bytes, length);
    struct json_error other = {0};
    json_object *value;
    bool scanned = json_scan(copy, length, &json_strict, error);
    bool parsed = json_parse(copy, length, &json_strict, &value, &other);
    CHECK_INT(parsed, scanned);
    CHECK(scanned || (other.offset == error->offset && other.reason == error->reason));
    json_object_put(value);
    free(copy);
    return scanned;
}

TEST(takes_what_the_grammar_has) {
    for (size_t i = 0; i < COUNT(accepted); i++) {
        struct json_error error = {0};
        unit_case = accepted[i].bytes;
        CHECK(parses(accepted[i].bytes, accepted[i].length, &error));
    }
}

TEST(says_where_and_why_it_refuses) {
    for (size_t i = 0; i < COUNT(rejected); i++) {
        struct json_error error = {.reason = ""};
        unit_case = rejected[i].text.bytes;
        CHECK(!parses(rejected[i].text.bytes, rejected[i].text.length, &error));
        CHECK_INT(error.offset, rejected[i].offset);
        CHECK(strncmp(error.reason, rejected[i].reason, strlen(rejected[i].reason)) == 0);
    }
}

/* Of a string, array, object or literal no beginning is a value. */
TEST(refuses_every_beginning) {
    for (size_t i = 0; i < COUNT(accepted); i++) {
        const char *bytes = accepted[i].bytes;
        unit_case = bytes;
        if (strchr("\"[{tfn", bytes[0]) != NULL) {
            for (size_t length = 0; length < accepted[i].length; length++) {
                struct json_error error;
                CHECK(!parses(bytes, length, &error));
                CHECK(error.offset <= length);
            }
        }
    }
}

TEST(counts_lines_and_characters) {
    struct json_error error;
    static const char text[] = "{\n  \"\xC3\xA9\xE2\x82\xAC\": x\n}";
    CHECK(!json_scan(text, sizeof text - 1, &json_strict, &error));
    CHECK_INT(error.offset, 13);
    CHECK_INT(error.line, 2);
    CHECK_INT(error.column, 9);
    CHECK(!json_scan("", 0, &json_strict, &error));
    CHECK_INT(error.line, 1);
    CHECK_INT(error.column, 1);
    CHECK(!json_scan("[\r\n", 3, &json_strict, &error));
    CHECK_INT(error.line, 2);
    CHECK_INT(error.column, 1);
    CHECK(!json_scan("x", 1, &json_strict, NULL));
}
