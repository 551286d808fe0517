#include "base/url.h"

#include <string.h>

/* RFC 3986, 2.3. Not isalnum(): that follows the locale. */
static bool is_unreserved(unsigned char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("-._~", byte) != NULL);
}

/* Takes back what was appended since `length`. */
static bool undo(struct buf *out, size_t length) {
    out->length = length;
    if (out->data != NULL) {
        out->data[length] = '\0';
    }
    return false;
}

bool url_escape(struct buf *out, const char *text, size_t length) {
    size_t start = out->length;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool done =
            is_unreserved(byte) ? buf_append(out, &byte, 1) : buf_printf(out, "%%%02X", byte);
        if (!done) {
            return undo(out, start);
        }
    }
    return true;
}

bool url_query(struct buf *out, const char *name, const char *value) {
    size_t start = out->length;
    bool has_query = strchr(buf_text(out), '?') != NULL;
    bool done = buf_puts(out, has_query ? "&" : "?") && url_escape(out, name, strlen(name)) &&
                buf_puts(out, "=") && url_escape(out, value, strlen(value));
    return done || undo(out, start);
}
