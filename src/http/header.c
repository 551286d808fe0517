/* Reading raw header lines. */
#include "http/http.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

bool http_header(const struct buf *headers, const char *name, char *value, size_t size) {
    size_t name_length = strlen(name);
    const char *line = buf_text(headers);
    for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
        if (strncasecmp(line, name, name_length) != 0 || line[name_length] != ':')
            continue;
        const char *first = line + name_length + 1, *last = end;
        while (first < last && is_blank(*first))
            first++;
        while (first < last && is_blank(last[-1]))
            last--;
        snprintf(value, size, "%.*s", (int)(last - first), first);
        return true;
    }
    return false;
}
