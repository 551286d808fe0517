/* Reading raw header lines. */
#include "http/internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct field {
    const char *name, *value;
    size_t name_length, value_length;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

/* The field in the line at `*at`, which moves on; false at the end. A line without a colon, as the
 * status line is, has no name. */
static bool next_field(const char **at, struct field *field) {
    const char *line = *at, *end = strchr(line, '\n');
    if (!end)
        return false;
    const char *colon = memchr(line, ':', (size_t)(end - line));
    const char *first = colon ? colon + 1 : line, *last = end;
    while (first < last && is_blank(*first))
        first++;
    while (first < last && is_blank(last[-1]))
        last--;
    *field =
        (struct field){line, first, colon ? (size_t)(colon - line) : 0, (size_t)(last - first)};
    *at = end + 1;
    return true;
}

static bool is_named(const struct field *field, const char *name) {
    return field->name_length == strlen(name) &&
           strncasecmp(field->name, name, field->name_length) == 0;
}

bool http_header(const struct buf *headers, const char *name, char *value, size_t size) {
    const char *at = buf_text(headers);
    for (struct field field; next_field(&at, &field);) {
        if (!is_named(&field, name))
            continue;
        snprintf(value, size, "%.*s", (int)field.value_length, field.value);
        return true;
    }
    return false;
}

static bool is_length(const struct field *field) {
    return field->value_length > 0 && field->value_length <= 18 &&
           strspn(field->value, "0123456789") >= field->value_length;
}

const char *header_fault(const struct buf *headers) {
    struct field length = {0};
    bool encoded = false;
    const char *at = buf_text(headers);
    if (strncmp(at, "HTTP/1.1 101", 12) == 0)
        return "it changes to a protocol that nobody asked for";
    for (struct field field; next_field(&at, &field);) {
        if (field.name_length > 0 && !is_blank(*field.name) &&
            is_blank(field.name[field.name_length - 1]))
            return "there is a blank before a header's colon";
        encoded = encoded || is_named(&field, "Transfer-Encoding");
        if (!is_named(&field, "Content-Length"))
            continue;
        if (!is_length(&field))
            return "its Content-Length is no number";
        if (length.value && (length.value_length != field.value_length ||
                             memcmp(length.value, field.value, field.value_length) != 0))
            return "it has two different Content-Length";
        length = field;
    }
    return length.value && encoded ? "it has both Content-Length and Transfer-Encoding" : NULL;
}
