#include "base/json_scan.h"

#include "base/utf8.h"

#include <string.h>

static const char ends_in_string[] = "the text ends inside a string";
static const char ends_in_container[] = "the text ends inside an array or object";

int json_scan_peek(const struct json_scan *scan) {
    return scan->pos < scan->length ? (unsigned char)scan->text[scan->pos] : -1;
}

bool json_scan_fail(struct json_scan *scan, const char *reason) {
    scan->reason = reason;
    return false;
}

static void skip_space(struct json_scan *scan) {
    int byte = json_scan_peek(scan);
    while (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
        scan->pos++;
        byte = json_scan_peek(scan);
    }
}

static bool starts_with(const struct json_scan *scan, const char *word) {
    size_t length = strlen(word);
    return scan->length - scan->pos >= length && memcmp(scan->text + scan->pos, word, length) == 0;
}

/* The value of the \uXXXX at `pos`, -1 when there is none. */
static int code_unit(const struct json_scan *scan, size_t pos) {
    if (scan->length - pos < 6 || scan->text[pos] != '\\' || scan->text[pos + 1] != 'u') {
        return -1;
    }
    int unit = 0;
    for (size_t i = pos + 2; i < pos + 6; i++) {
        char digit = scan->text[i];
        if (digit >= '0' && digit <= '9') {
            unit = unit * 16 + (digit - '0');
        } else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f') {
            unit = unit * 16 + ((digit | 0x20) - 'a' + 10);
        } else {
            return -1;
        }
    }
    return unit;
}

static bool scan_unicode_escape(struct json_scan *scan, bool is_key) {
    int unit = code_unit(scan, scan->pos);
    if (unit < 0) {
        return json_scan_fail(scan, "expected four hexadecimal digits after \\u");
    }
    size_t length = 6;
    if (unit >= 0xD800 && unit <= 0xDFFF) {
        int low = unit < 0xDC00 ? code_unit(scan, scan->pos + 6) : -1;
        if (low < 0xDC00 || low > 0xDFFF) {
            return json_scan_fail(scan, "half of a surrogate pair");
        }
        length = 12;
    }
    if (unit == 0 && is_key && scan->patch != NULL &&
        !scan->patch(scan->context, scan->pos, length, JSON_KEY_NUL)) {
        return json_scan_fail(scan, "out of memory");
    }
    scan->pos += length;
    return true;
}

static bool scan_escape(struct json_scan *scan, bool is_key) {
    if (scan->length - scan->pos < 2) {
        scan->pos = scan->length;
        return json_scan_fail(scan, ends_in_string);
    }
    char letter = scan->text[scan->pos + 1];
    if (letter == 'u') {
        return scan_unicode_escape(scan, is_key);
    }
    if (letter == '\0' || strchr("\"\\/bfnrt", letter) == NULL) {
        return json_scan_fail(scan, "unknown escape in a string");
    }
    scan->pos += 2;
    return true;
}

/* Past what means nothing but itself: nearly all of a string. */
static void skip_plain(struct json_scan *scan) {
    size_t pos = scan->pos, length = scan->length;
    const unsigned char *text = (const unsigned char *)scan->text;
    while (pos < length && text[pos] >= 0x20 && text[pos] < 0x80 && text[pos] != '"' &&
           text[pos] != '\\') {
        pos++;
    }
    scan->pos = pos;
}

static bool scan_string(struct json_scan *scan, bool is_key) {
    scan->pos++;
    for (;;) {
        skip_plain(scan);
        int byte = json_scan_peek(scan);
        if (byte == '"') {
            scan->pos++;
            return true;
        }
        if (byte < 0) {
            return json_scan_fail(scan, ends_in_string);
        }
        if (byte < 0x20) {
            return json_scan_fail(scan, "a control character in a string must be escaped");
        }
        if (byte == '\\') {
            if (!scan_escape(scan, is_key)) {
                return false;
            }
        } else {
            size_t size = utf8_length(scan->text + scan->pos, scan->length - scan->pos);
            if (size == 0) {
                return json_scan_fail(scan, "invalid UTF-8");
            }
            scan->pos += size;
        }
    }
}

static bool scan_scalar(struct json_scan *scan) {
    static const char *const words[] = {"true", "false", "null"};
    int byte = json_scan_peek(scan);
    if (byte == '"') {
        return scan_string(scan, false);
    }
    if (byte == '-' || (byte >= '0' && byte <= '9')) {
        return json_scan_number(scan);
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (starts_with(scan, words[i])) {
            scan->pos += strlen(words[i]);
            return true;
        }
    }
    if (byte < 0) {
        return json_scan_fail(scan, "the text ends where a value is expected");
    }
    return json_scan_fail(scan, byte == '\'' ? "a string must be in double quotes"
                                : starts_with(scan, "\xEF\xBB\xBF")
                                    ? "a byte order mark is not JSON"
                                    : "expected a value");
}

/* A member's name and the colon. */
static bool scan_key(struct json_scan *scan) {
    skip_space(scan);
    int byte = json_scan_peek(scan);
    if (byte != '"') {
        return json_scan_fail(scan,
                              byte < 0 ? ends_in_container : "expected a key in double quotes");
    }
    if (!scan_string(scan, true)) {
        return false;
    }
    skip_space(scan);
    if (json_scan_peek(scan) != ':') {
        return json_scan_fail(scan, json_scan_peek(scan) < 0 ? ends_in_container : "expected ':'");
    }
    scan->pos++;
    return true;
}

static bool in_object(const struct json_scan *scan) {
    return scan->objects[scan->depth / 8] >> (scan->depth % 8) & 1;
}

static bool open_container(struct json_scan *scan) {
    if (scan->depth >= scan->rules->max_depth || scan->depth >= JSON_DEPTH_CEILING) {
        return json_scan_fail(scan, "nested too deep");
    }
    scan->depth++;
    scan->deepest = scan->depth > scan->deepest ? scan->depth : scan->deepest;
    unsigned char bit = (unsigned char)(1u << (scan->depth % 8));
    if (scan->text[scan->pos] == '{') {
        scan->objects[scan->depth / 8] |= bit;
    } else {
        scan->objects[scan->depth / 8] &= (unsigned char)~bit;
    }
    scan->pos++;
    return true;
}

/* Takes the closer of the innermost container when it stands here. */
static bool close_container(struct json_scan *scan) {
    if (json_scan_peek(scan) != (in_object(scan) ? '}' : ']')) {
        return false;
    }
    scan->pos++;
    scan->depth--;
    return true;
}

/* Takes what opens containers up to the next scalar or empty container, and that. */
static bool scan_value(struct json_scan *scan) {
    for (;;) {
        skip_space(scan);
        int byte = json_scan_peek(scan);
        if (byte != '[' && byte != '{') {
            return scan_scalar(scan);
        }
        if (!open_container(scan)) {
            return false;
        }
        skip_space(scan);
        if (close_container(scan)) {
            return true;
        }
        if (in_object(scan) && !scan_key(scan)) {
            return false;
        }
    }
}

bool json_scan_run(struct json_scan *scan) {
    if (scan->length > scan->rules->max_length) {
        scan->pos = scan->rules->max_length;
        return json_scan_fail(scan, "the text is longer than the limit");
    }
    while (scan_value(scan)) {
        do {
            skip_space(scan);
        } while (scan->depth > 0 && close_container(scan));
        int byte = json_scan_peek(scan);
        if (scan->depth == 0) {
            return byte < 0 || json_scan_fail(scan, "expected nothing after the value");
        }
        if (byte != ',') {
            return json_scan_fail(scan, byte < 0          ? ends_in_container
                                        : in_object(scan) ? "expected ',' or '}'"
                                                          : "expected ',' or ']'");
        }
        scan->pos++;
        if (in_object(scan) && !scan_key(scan)) {
            return false;
        }
    }
    return false;
}
