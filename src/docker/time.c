#include "docker/shapes.h"

#include <string.h>

#define NS_PER_SECOND INT64_C(1000000000)

/* Reads exactly `count` digits and the character after them; returns -1 if they are not there. */
static int take(const char **text, int count, char after) {
    int value = 0;
    for (int i = 0; i < count; i++) {
        char digit = (*text)[i];
        if (digit < '0' || digit > '9') {
            return -1;
        }
        value = value * 10 + (digit - '0');
    }
    *text += count;
    if (after != '\0' && *(*text)++ != after) {
        return -1;
    }
    return value;
}

/* Days from 1970-01-01 in the Gregorian calendar; years begin in March, so that the leap day is the
 * last one. */
static int64_t days(int year, int month, int day) {
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    return 365 * y + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

/* ".204636804": any number of digits, of which 9 count. False when a point has no digit after it.
 */
static bool fraction(const char **text, int64_t *ns) {
    *ns = 0;
    if (**text != '.') {
        return true;
    }
    const char *digit = ++*text;
    for (int64_t unit = NS_PER_SECOND / 10; *digit >= '0' && *digit <= '9'; digit++, unit /= 10) {
        *ns += (*digit - '0') * unit;
    }
    bool some = digit != *text;
    *text = digit;
    return some;
}

/* "Z" or "+02:00" (Podman writes local time), and nothing after it. */
static bool zone(const char *text, int64_t *seconds) {
    *seconds = 0;
    if (*text == 'Z' || *text == 'z') {
        return text[1] == '\0';
    }
    if (*text != '+' && *text != '-') {
        return false;
    }
    bool east = *text++ == '+';
    int64_t hours = take(&text, 2, ':');
    int64_t minutes = hours < 0 ? -1 : take(&text, 2, '\0');
    *seconds = (hours * 60 + minutes) * (east ? 60 : -60);
    return minutes >= 0 && *text == '\0';
}

bool docker_time(const char *text, int64_t *ns) {
    /* Each reads on where the one before stopped; none reads beyond a NUL. */
    int year = take(&text, 4, '-');
    int month = year < 0 ? -1 : take(&text, 2, '-');
    int day = month < 0 ? -1 : take(&text, 2, 'T');
    int64_t hour = day < 0 ? -1 : take(&text, 2, ':');
    int64_t minute = hour < 0 ? -1 : take(&text, 2, ':');
    int second = minute < 0 ? -1 : take(&text, 2, '\0');
    int64_t nanoseconds, offset;
    bool fits = second >= 0 && year >= 1970 && year < 2262 && month >= 1 && month <= 12 &&
                day >= 1 && day <= 31 && hour < 24 && minute < 60 && second <= 60;
    if (!fits || !fraction(&text, &nanoseconds) || !zone(text, &offset)) {
        return false;
    }
    int64_t seconds = days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
    *ns = seconds * NS_PER_SECOND + nanoseconds;
    return true;
}
