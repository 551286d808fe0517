#include "docker/version.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number of at most three digits; -1 if there is none. */
static int number(const char **text) {
    size_t digits = strspn(*text, "0123456789");
    if (digits == 0 || digits > 3) {
        return -1;
    }
    int value = (int)strtol(*text, NULL, 10);
    *text += digits;
    return value;
}

int version_read(const char *text) {
    text += *text == 'v';
    int major = number(&text);
    if (major <= 0 || *text++ != '.') {
        return VERSION_NONE;
    }
    int minor = number(&text);
    return minor < 0 ? VERSION_NONE : major * 1000 + minor;
}

void version_write(char out[VERSION_SIZE], int version) {
    if (version == VERSION_NONE) {
        *out = '\0';
    } else {
        snprintf(out, VERSION_SIZE, "%d.%d", version / 1000, version % 1000);
    }
}

int version_choose(int newest) {
    return newest == VERSION_NONE || newest > VERSION_OURS ? VERSION_OURS : newest;
}

/* The version that `text` names after `mark`. */
static int version_after(const char *text, const char *mark) {
    const char *found = strcasestr(text, mark);
    return found ? version_read(found + strlen(mark)) : VERSION_NONE;
}

int version_after_refusal(int tried, const char *header, const char *text) {
    int newest = version_read(header);
    int next = version_choose(newest);
    if (newest == VERSION_NONE) {
        newest = version_after(text, "maximum supported api version is ");
        /* The text names only one end of the range: the other is on our side of it. */
        next = newest != VERSION_NONE ? version_choose(newest)
                                      : version_after(text, "minimum supported api version is ");
    }
    bool possible = next >= VERSION_LOWEST && next <= VERSION_OURS && next != tried;
    return possible ? next : VERSION_NONE;
}
