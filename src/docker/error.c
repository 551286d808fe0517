/* What an engine's error reply means. An engine's status alone does not tell: a taken port is a
 * 500, so is a request that it cannot read, and Podman answers 500 to nearly everything; so the
 * rules go by status and text. */
#include "base/json.h"
#include "docker/fields.h"
#include "docker/rules.h"
#include "docker/shapes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what the engine says -------------------------------------------------------------------- */

enum { SAID_SIZE = 1024 };

/* The words between the tags; white space of any kind and length is one blank. */
static void plain_text(char said[SAID_SIZE], const char *body, size_t length) {
    bool html = length > 0 && *body == '<', tag = false;
    size_t used = 0;
    for (size_t i = 0; i < length && used < SAID_SIZE - 1; i++) {
        tag = html && (tag || body[i] == '<');
        bool blank = tag || isspace((unsigned char)body[i]);
        if (!blank) {
            said[used++] = body[i];
        } else if (used > 0 && said[used - 1] != ' ') {
            said[used++] = ' ';
        }
        tag = tag && body[i] != '>';
    }
    used -= used > 0 && said[used - 1] == ' ';
    said[used] = '\0';
}

/* {"message"} of the engine, {"cause", "message"} of Podman; else text or HTML of old engines and
 * of proxies; or nothing. */
static void read_body(char said[SAID_SIZE], const char *body, size_t length) {
    struct json_object *json = NULL;
    const char *message = NULL;
    if (json_parse(body, length, &json_engine, &json, NULL)) {
        message = field_text(json, "message", field_text(json, "cause", NULL));
    }
    plain_text(said, message ? message : body, message ? strlen(message) : length);
    json_object_put(json);
}

/* --- which rule ------------------------------------------------------------------------------ */

/* Does an entry of "304|409 is not running" cover the reply? */
static bool is_done(const char *done, int status, const char *said) {
    while (done && *done) {
        char *text;
        char entry[64];
        int length = (int)strcspn(done, "|");
        snprintf(entry, sizeof entry, "%.*s", length, done);
        long wanted = strtol(entry, &text, 10);
        text += *text == ' ';
        if (wanted == status && strcasestr(said, text)) {
            return true;
        }
        done += length;
        done += *done == '|';
    }
    return false;
}

/* "network_*" is every row that begins so. */
static bool is_row(const char *pattern, const char *row) {
    size_t length = strcspn(pattern, "*");
    return strncmp(pattern, row, length) == 0 && (pattern[length] == '*' || row[length] == '\0');
}

static const struct docker_rule *find_rule(const char *row, int status, const char *said) {
    const struct docker_rule *rule = docker_rules;
    while ((rule->status != 0 && rule->status != status) ||
           (rule->row && !is_row(rule->row, row)) ||
           (rule->text && !strcasestr(said, rule->text))) {
        rule++; /* the last one fits everything */
    }
    return rule;
}

/* --- the message ----------------------------------------------------------------------------- */

/* How much of a text is shown: of an id as much as people know it by. */
static size_t shown_length(const char *text, size_t length) {
    return length == 64 && strspn(text, "0123456789abcdef") >= length ? 12 : length;
}

/* What follows the rule's text, without punctuation at its end. */
static void read_detail(char *detail, size_t size, const struct docker_rule *rule,
                        const char *said) {
    const char *found = rule->stop ? strcasestr(said, rule->text) : NULL;
    const char *start = found ? found + strlen(rule->text) : "";
    size_t length = strcspn(start, rule->stop ? rule->stop : "");
    while (length > 0 && strchr(":,.;", start[length - 1])) {
        length--;
    }
    snprintf(detail, size, "%.*s", (int)shown_length(start, length), start);
}

static void append(char *out, size_t size, const char *text, size_t length) {
    size_t used = strlen(out);
    snprintf(out + used, size - used, "%.*s", (int)length, text);
}

/* Copies `message` with every "{}" replaced. */
static void fill(char *out, size_t size, const char *message, const char *detail) {
    const char *mark;
    *out = '\0';
    for (; (mark = strstr(message, "{}")); message = mark + 2) {
        append(out, size, message, (size_t)(mark - message));
        append(out, size, detail, strlen(detail));
    }
    append(out, size, message, strlen(message));
}

void docker_subject(char *out, size_t size, const struct docker_row *row, const char *object) {
    *out = '\0';
    if (row->object && object) {
        int length = (int)shown_length(object, strnlen(object, 64));
        snprintf(out, size, "%s \"%.*s\": ", row->object, length, object);
    }
}

void docker_classify(struct err *err, const struct docker_row *row, const char *object, int status,
                     const char *body, size_t length) {
    char said[SAID_SIZE], detail[96], what[320], subject[128];
    read_body(said, body, length);
    if (is_done(row->done, status, said)) {
        *err = (struct err){.kind = ERR_NONE, .next = NEXT_DONE, .status = status};
        return;
    }
    const struct docker_rule *rule = find_rule(row->name, status, said);
    read_detail(detail, sizeof detail, rule, said);
    fill(what, sizeof what, rule->message, detail);
    docker_subject(subject, sizeof subject, row, object);
    if (*said) {
        err_set(err, rule->kind, "%s%s (engine: %s)", subject, what, said);
    } else {
        err_set(err, rule->kind, "%s%s (engine: status %d)", subject, what, status);
    }
    err->next = rule->next;
    err->status = status;
}
