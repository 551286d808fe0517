#include "base/json_scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The halfway point between the largest double and 2^1024: what reaches it rounds to infinity.
 * strtod is no help here, it follows the locale and needs a terminated copy. */
static const char overflow_digits[] =
    "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977"
    "587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845"
    "817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559"
    "699508093042880177904174497792";

enum { OVERFLOW_EXPONENT = 308 };

/* Far above any length of text, so that leading zeros cannot make up for it. */
static const long long exponent_ceiling = 100000000000000000;

struct number {
    const char *whole; /* without the sign */
    size_t whole_length;
    size_t digits_length; /* whole, point and fraction */
    long long exponent;
    bool negative;
    bool is_integer;
};

static bool is_digit(int byte) {
    return byte >= '0' && byte <= '9';
}

/* At least one digit. */
static bool scan_digits(struct json_scan *scan) {
    if (!is_digit(json_scan_peek(scan))) {
        return json_scan_fail(scan, "expected a digit");
    }
    while (is_digit(json_scan_peek(scan))) {
        scan->pos++;
    }
    return true;
}

static bool scan_exponent(struct json_scan *scan, struct number *number) {
    scan->pos++;
    bool negative = json_scan_peek(scan) == '-';
    if (negative || json_scan_peek(scan) == '+') {
        scan->pos++;
    }
    const char *digit = scan->text + scan->pos;
    if (!scan_digits(scan)) {
        return false;
    }
    for (; digit < scan->text + scan->pos; digit++) {
        if (number->exponent < exponent_ceiling) {
            number->exponent = number->exponent * 10 + (*digit - '0');
        }
    }
    number->exponent = negative ? -number->exponent : number->exponent;
    return true;
}

static bool scan_grammar(struct json_scan *scan, struct number *number) {
    number->negative = json_scan_peek(scan) == '-';
    scan->pos += number->negative;
    size_t start = scan->pos;
    number->whole = scan->text + start;
    number->is_integer = true;
    if (!scan_digits(scan)) {
        return false;
    }
    number->whole_length = scan->pos - start;
    if (number->whole[0] == '0' && number->whole_length > 1) {
        scan->pos = start + 1;
        return json_scan_fail(scan, "a number may not have leading zeros");
    }
    if (json_scan_peek(scan) == '.') {
        number->is_integer = false;
        scan->pos++;
        if (!scan_digits(scan)) {
            return false;
        }
    }
    number->digits_length = scan->pos - start;
    if (json_scan_peek(scan) == 'e' || json_scan_peek(scan) == 'E') {
        number->is_integer = false;
        return scan_exponent(scan, number);
    }
    return true;
}

static bool fits_integer(const struct number *number, bool clamp) {
    const char *limit = number->negative ? "9223372036854775808"
                        : clamp          ? "18446744073709551615"
                                         : "9223372036854775807";
    size_t length = strlen(limit);
    return number->whole_length < length ||
           (number->whole_length == length && memcmp(number->whole, limit, length) <= 0);
}

/* Compares the digits, whose first one is not 0, with overflow_digits. */
static bool below_overflow(const char *digit, const char *end) {
    for (const char *limit = overflow_digits; *limit != '\0'; limit++) {
        if (digit < end && *digit == '.') {
            digit++;
        }
        char value = '0';
        if (digit < end) {
            value = *digit++;
        }
        if (value != *limit) {
            return value < *limit;
        }
    }
    return false;
}

static bool fits_double(const struct number *number) {
    const char *first = number->whole;
    const char *end = first + number->digits_length;
    while (first < end && (*first == '0' || *first == '.')) {
        first++;
    }
    if (first == end) {
        return true;
    }
    long long position = number->whole + number->whole_length - first; /* of the point */
    long long exponent = number->exponent + (position > 0 ? position - 1 : position);
    if (exponent != OVERFLOW_EXPONENT) {
        return exponent < OVERFLOW_EXPONENT;
    }
    return below_overflow(first, end);
}

bool json_scan_number(struct json_scan *scan) {
    size_t start = scan->pos;
    struct number number = {0};
    if (!scan_grammar(scan, &number)) {
        return false;
    }
    size_t end = scan->pos;
    scan->pos = start;
    if (number.is_integer && !fits_integer(&number, scan->rules->clamp_integers)) {
        return json_scan_fail(scan, "the integer does not fit in 64 bits");
    }
    if (!number.is_integer && !fits_double(&number)) {
        return json_scan_fail(scan, "the number is too large for a double");
    }
    scan->pos = end;
    /* json-c would make -0 the integer 0 and lose the sign. */
    bool minus_zero = number.is_integer && number.negative && number.whole[0] == '0';
    return !minus_zero || scan->patch == NULL ||
           scan->patch(scan->context, start, end - start, "-0.0") ||
           json_scan_fail(scan, "out of memory");
}

void json_format_double(char out[JSON_DOUBLE_SIZE], double value) {
    char text[JSON_DOUBLE_SIZE];
    int precision = 15;
    do {
        snprintf(text, sizeof text, "%.*g", precision, value);
    } while (strtod(text, NULL) != value && ++precision <= 17);
    /* Whatever is no part of a number is the locale's decimal point, of one byte or more. */
    size_t used = 0;
    for (const char *byte = text; *byte != '\0'; byte++) {
        if (strchr("0123456789+-e", *byte) != NULL) {
            out[used++] = *byte;
        } else if (out[used - 1] != '.') {
            out[used++] = '.';
        }
    }
    out[used] = '\0';
    if (strpbrk(out, ".e") == NULL) {
        memcpy(out + used, ".0", sizeof ".0");
    }
}
