#include "base/err.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char ellipsis[] = "...";

/* C0, DEL and C1: U+009B, two bytes in UTF-8, starts an escape sequence as ESC [ does. */
static bool is_control(const char *text, size_t size) {
    unsigned char first = (unsigned char)text[0];
    if (size == 1) {
        return first < 0x20 || first == 0x7F;
    }
    return size == 2 && first == 0xC2 && (unsigned char)text[1] < 0xA0;
}

/* As err_escape; neither an escape nor a character is cut in two. False when it did not all fit. */
static bool escape(char *out, size_t size, const char *text, size_t length) {
    size_t used = 0;
    bool fits = size > 0;
    for (size_t i = 0; i < length && fits;) {
        size_t sequence = utf8_length(text + i, length - i);
        bool plain = sequence > 0 && !is_control(text + i, sequence);
        size_t needed = plain ? sequence : 4;
        fits = needed < size - used;
        if (fits && plain) {
            memcpy(out + used, text + i, sequence);
        } else if (fits) {
            snprintf(out + used, size - used, "\\x%02X", (unsigned char)text[i]);
        }
        used += fits ? needed : 0;
        i += plain ? sequence : 1;
    }
    if (size > 0) {
        out[used] = '\0';
    }
    return fits;
}

void err_escape(char *out, size_t size, const char *text, size_t length) {
    escape(out, size, text, length);
}

void err_set(struct err *err, enum err_kind kind, const char *format, ...) {
    /* Apart from err->message, which may be one of the arguments. */
    char raw[sizeof err->message];
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    if (written < 0) {
        snprintf(raw, sizeof raw, "%s", format);
    }
    bool whole = written < (int)sizeof raw;
    size_t length = strlen(raw);
    *err = (struct err){.kind = kind, .next = NEXT_GIVE_UP};
    if (!whole || !escape(err->message, sizeof err->message, raw, length)) {
        escape(err->message, sizeof err->message - strlen(ellipsis), raw, length);
        size_t end = strlen(err->message);
        snprintf(err->message + end, sizeof err->message - end, "%s", ellipsis);
    }
}

const char *err_kind_name(enum err_kind kind) {
    static const char *const names[] = {
        [ERR_NONE] = "none",         [ERR_INVALID] = "invalid",     [ERR_NOT_FOUND] = "not_found",
        [ERR_CONFLICT] = "conflict", [ERR_DENIED] = "denied",       [ERR_TRANSPORT] = "transport",
        [ERR_TIMEOUT] = "timeout",   [ERR_CANCELLED] = "cancelled", [ERR_ENGINE] = "engine",
        [ERR_SCRIPT] = "script",
    };
    return names[kind];
}

const char *err_next_name(enum err_next next) {
    static const char *const names[] = {
        [NEXT_GIVE_UP] = "give_up", [NEXT_DONE] = "done",     [NEXT_RETRY] = "retry",
        [NEXT_WAIT] = "wait",       [NEXT_RELIST] = "relist",
    };
    return names[next];
}
