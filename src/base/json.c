#include "base/json.h"

#include "base/buf.h"
#include "base/json_scan.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdint.h>

static const char out_of_memory[] = "out of memory";

const struct json_rules json_strict = {.max_depth = 100, .max_length = 64u << 20};
const struct json_rules json_engine = {
    .max_depth = 100, .max_length = 64u << 20, .clamp_integers = true};

/* The text with its patches; stays empty while there are none. */
struct rewrite {
    const char *text;
    size_t copied;
    struct buf out;
};

/* The column counts characters: not the later bytes of UTF-8. */
static bool report(const char *text, size_t offset, const char *reason, struct json_error *error) {
    if (error == NULL) {
        return false;
    }
    *error = (struct json_error){.offset = offset, .line = 1, .column = 1, .reason = reason};
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            error->line++;
            error->column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            error->column++;
        }
    }
    return false;
}

bool json_scan(const char *text, size_t length, const struct json_rules *rules,
               struct json_error *error) {
    struct json_scan scan = {.text = text, .length = length, .rules = rules};
    return json_scan_run(&scan) || report(text, scan.pos, scan.reason, error);
}

static bool add_patch(void *context, size_t offset, size_t length, const char *replacement) {
    struct rewrite *rewrite = context;
    bool done =
        buf_append(&rewrite->out, rewrite->text + rewrite->copied, offset - rewrite->copied) &&
        buf_puts(&rewrite->out, replacement);
    rewrite->copied = offset + length;
    return done;
}

/* What has been scanned can only fail for want of memory. `depth` is the text's own: json-c takes
 * memory for every level that there might be. */
static bool build(const char *text, size_t length, unsigned depth, struct json_object **value) {
    json_tokener *tokener = json_tokener_new_ex((int)depth + 1); /* the value itself is a level */
    if (tokener == NULL) {
        return false;
    }
    enum json_tokener_error state = json_tokener_continue;
    while (length > 0 && state == json_tokener_continue) {
        int piece = length < INT_MAX ? (int)length : INT_MAX;
        *value = json_tokener_parse_ex(tokener, text, piece);
        state = json_tokener_get_error(tokener);
        text += piece;
        length -= (size_t)piece;
    }
    if (state == json_tokener_continue) {
        /* A number ends with what follows it. */
        *value = json_tokener_parse_ex(tokener, " ", 1);
        state = json_tokener_get_error(tokener);
    }
    json_tokener_free(tokener);
    return state == json_tokener_success;
}

bool json_parse(const char *text, size_t length, const struct json_rules *rules,
                struct json_object **value, struct json_error *error) {
    *value = NULL;
    struct rewrite rewrite = {.text = text};
    buf_init(&rewrite.out, SIZE_MAX);
    struct json_scan scan = {
        .text = text, .length = length, .rules = rules, .patch = add_patch, .context = &rewrite};
    bool done = json_scan_run(&scan) || report(text, scan.pos, scan.reason, error);
    if (done && rewrite.copied > 0) {
        done = add_patch(&rewrite, length, 0, "") &&
               build(rewrite.out.data, rewrite.out.length, scan.deepest, value);
    } else if (done) {
        done = build(text, length, scan.deepest, value);
    }
    if (!done && scan.reason == NULL) {
        report(text, length, out_of_memory, error);
    }
    buf_free(&rewrite.out);
    return done;
}

static bool is_space(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static size_t skip_string(const char *text, size_t length, size_t pos) {
    for (pos++; pos < length && text[pos] != '"'; pos++) {
        pos += text[pos] == '\\';
    }
    return pos;
}

/* The end of the element at `pos`: the comma or bracket after it. */
static size_t skip_element(const char *text, size_t length, size_t pos) {
    size_t depth = 0;
    for (; pos < length; pos++) {
        char byte = text[pos];
        if (byte == '"') {
            pos = skip_string(text, length, pos);
        } else if (byte == '[' || byte == '{') {
            depth++;
        } else if (depth == 0 && (byte == ',' || byte == ']')) {
            return pos;
        } else if (byte == ']' || byte == '}') {
            depth -= depth > 0;
        }
    }
    return length;
}

static size_t skip_space(const char *text, size_t length, size_t pos) {
    while (pos < length && is_space(text[pos])) {
        pos++;
    }
    return pos;
}

bool json_next(const char *text, size_t length, size_t *cursor, const char **element,
               size_t *element_length) {
    size_t pos = skip_space(text, length, *cursor);
    if (pos >= length || text[pos] != (*cursor == 0 ? '[' : ',')) {
        return false;
    }
    pos = skip_space(text, length, pos + 1);
    size_t end = skip_element(text, length, pos);
    size_t next = end;
    while (end > pos && is_space(text[end - 1])) {
        end--;
    }
    if (end == pos) {
        return false;
    }
    *cursor = next; /* the comma, or the closing bracket, after which there is nothing */
    *element = text + pos;
    *element_length = end - pos;
    return true;
}
