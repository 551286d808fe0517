/* Reading raw header lines. */
#include "http/call.h"

#include <stdio.h>
#include <stdlib.h>
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

int header_status(const struct buf *headers) {
    const char *line = buf_text(headers);
    bool known = strncmp(line, "HTTP/1.0 ", 9) == 0 || strncmp(line, "HTTP/1.1 ", 9) == 0;
    if (!known || line[9] == '0' || strspn(line + 9, "0123456789") != 3 ||
        !strchr(" \r\n", line[12]))
        return 0;
    return (int)strtol(line + 9, NULL, 10);
}

/* What is wrong with a line, whatever it is about. */
static const char *line_fault(const struct field *field) {
    if (field->name_length == 0)
        return "one of its headers has no name";
    if (is_blank(field->name[field->name_length - 1]))
        return "there is a blank before a header's colon";
    return NULL;
}

/* Whether there are two of that name that differ. `first` has no value before the first one. */
static bool differs(struct field *first, const struct field *field) {
    bool other = first->value && (first->value_length != field->value_length ||
                                  memcmp(first->value, field->value, field->value_length) != 0);
    *first = *field;
    return other;
}

/* The fields that say where the body ends. */
static const char *framing_fault(const char *at) {
    struct field length = {0};
    bool encoded = false, framing = false;
    for (struct field field; next_field(&at, &field);) {
        if (is_blank(*field.name) && !framing)
            continue; /* of the header before */
        if (is_blank(*field.name))
            return "the length of its body goes on in a second line";
        framing = is_named(&field, "Transfer-Encoding") || is_named(&field, "Content-Length");
        const char *fault = line_fault(&field);
        if (fault)
            return fault;
        if (is_named(&field, "Transfer-Encoding")) {
            if (encoded || field.value_length != 7 || strncasecmp(field.value, "chunked", 7) != 0)
                return "it is encoded in a way that nobody asked for";
            encoded = true;
        }
        if (!is_named(&field, "Content-Length"))
            continue;
        if (!is_length(&field))
            return "its Content-Length is no number";
        if (differs(&length, &field))
            return "it has two different Content-Length";
    }
    return length.value && encoded ? "it has both Content-Length and Transfer-Encoding" : NULL;
}

const char *header_fault(const struct buf *headers, bool duplex) {
    const char *text = buf_text(headers), *rest = strchr(text, '\n');
    int status = header_status(headers);
    if (headers->length > 0 && memchr(text, '\0', headers->length))
        return "one of its headers holds a byte of value 0";
    if (status == 0 || !rest)
        return "its first line is no status of HTTP/1";
    if (status == 101 && !duplex)
        return "it changes to a protocol that nobody asked for";
    return framing_fault(rest + 1);
}
