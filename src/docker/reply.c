/* From what http brought to what the caller gets. */
#include "base/json.h"
#include "docker/fields.h"
#include "docker/internal.h"
#include "docker/shapes.h"

#include <json-c/json_object.h>
#include <stdio.h>
#include <string.h>

static const char *subject_of(const struct docker_call *call, char out[128]) {
    docker_subject(out, 128, call->request.row, call->request.object);
    return out;
}

/* --- failures -------------------------------------------------------------------------------- */

/* Whoever changes something must look before it is sent again, once the engine may have seen it. */
static enum err_next next_after(const struct docker_call *call, enum http_failure failure) {
    bool unseen =
        failure == HTTP_FAIL_QUEUED || failure == HTTP_FAIL_CONNECT || failure == HTTP_FAIL_TLS;
    return unseen || strcmp(call->request.method, "GET") == 0 ? NEXT_RETRY : NEXT_RELIST;
}

void reply_timeout(struct err *err, const struct docker_call *call, enum http_failure failure) {
    static const char *const advice[] = {
        [HTTP_FAIL_QUEUED] = "it was still queued behind others; ask less at once or wait longer",
        [HTTP_FAIL_CONNECT] = "it does not answer; see whether it runs and what keeps it busy",
        [HTTP_FAIL_TIMEOUT] = "see what keeps it busy, or raise the timeout",
    };
    char subject[128];
    double seconds = (double)call->request.timeout / (double)LOOP_SECOND;
    bool known = failure == HTTP_FAIL_QUEUED || failure == HTTP_FAIL_CONNECT;
    err_set(err, ERR_TIMEOUT, "%sno reply from the Docker Engine at %s within %g s: %s",
            subject_of(call, subject), call->docker->host, seconds,
            advice[known ? failure : HTTP_FAIL_TIMEOUT]);
    err->next = next_after(call, failure);
}

/* Who leads there: whoever looks for an engine somewhere else starts with that. */
static void add_source(struct err *err, const char *source) {
    size_t length = strlen(err->message), room = sizeof err->message - length;
    if (strcmp(source, "probe") == 0) {
        snprintf(err->message + length, room, " (set DOCKER_HOST if it listens elsewhere)");
    } else {
        bool given = strcmp(source, "host") == 0;
        snprintf(err->message + length, room, " (%s says where it listens)",
                 given ? "-H or the option host" : source);
    }
}

void reply_failure(struct err *err, const struct docker_call *call, const struct http_reply *http) {
    char subject[128];
    /* libcurl's own limit for connecting is a time-out too, but not the call's. */
    if (http->err.kind == ERR_TIMEOUT && loop_now(call->docker->loop) >= call->expires) {
        reply_timeout(err, call, http->failure);
        return;
    }
    bool nobody = http->failure == HTTP_FAIL_CONNECT && http->err.kind == ERR_TRANSPORT;
    err_set(err, http->err.kind, "%s%s", subject_of(call, subject), http->err.message);
    if (nobody) {
        add_source(err, call->docker->source);
    }
    bool hopeless = err->kind == ERR_INVALID || err->kind == ERR_DENIED;
    err->next = hopeless ? NEXT_GIVE_UP : next_after(call, http->failure);
}

void reply_unexpected(struct err *err, const struct docker_call *call, const char *why,
                      const char *body, size_t length) {
    char subject[128], start[128];
    size_t shown = length < 120 ? length : 120;
    err_escape(start, sizeof start, body, shown);
    err_set(err, ERR_ENGINE,
            "%sunexpected reply from the engine at %s: %s; check that a Docker Engine answers "
            "there. It begins: %s",
            subject_of(call, subject), call->docker->host, why, length > 0 ? start : "(empty)");
    err->next = next_after(call, HTTP_FAIL_NONE);
}

/* --- success --------------------------------------------------------------------------------- */

/* Why the value is not what the row's calls reply with; NULL when it is. */
static const char *mismatch(enum docker_expect expect, struct json_object *json) {
    bool object = json_object_is_type(json, json_type_object);
    bool array = json_object_is_type(json, json_type_array);
    if ((expect == EXPECT_OBJECT || expect == EXPECT_FRAME) && !object) {
        return "it is no JSON object";
    }
    return expect == EXPECT_ARRAY && !array ? "it is no JSON array" : NULL;
}

/* "null" stands for an empty list, as everywhere in the API. */
static struct json_object *null_as_empty(enum docker_expect expect, struct json_object *json) {
    return expect == EXPECT_ARRAY && !json ? json_object_new_array() : json;
}

static void read_success(struct docker_reply *reply, const struct docker_call *call) {
    enum docker_expect expect = call->request.row->expect;
    struct json_error error;
    char why[96];
    if (expect == EXPECT_NOTHING || expect == EXPECT_BYTES || call->request.on_data) {
        return;
    }
    if (expect == EXPECT_FRAME && reply->length == 0) {
        reply->text = "{}";
        reply->length = 2;
    }
    if (!json_parse(reply->text, reply->length, &json_engine, &reply->json, &error)) {
        snprintf(why, sizeof why, "%s at line %u, column %u", error.reason, error.line,
                 error.column);
        reply_unexpected(&reply->err, call, why, reply->text, reply->length);
        return;
    }
    reply->json = null_as_empty(expect, reply->json);
    const char *wrong = mismatch(expect, reply->json);
    if (wrong) {
        reply_unexpected(&reply->err, call, wrong, reply->text, reply->length);
        json_object_put(reply->json);
        reply->json = NULL;
    }
}

/* All that a ping says is in its headers; the names are those of /version and /info. */
static void read_pong(struct docker_reply *reply, const struct docker_call *call,
                      const struct buf *headers) {
    static const char *const fields[][2] = {
        {"Api-Version", "ApiVersion"}, {"OSType", "OSType"}, {"Server", "Server"}};
    char value[128];
    struct build build = build_new();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (http_header(headers, fields[i][0], value, sizeof value)) {
            build_text(&build, fields[i][1], value);
        }
    }
    reply->json = build.object;
    if (!reply->json) {
        err_set(&reply->err, ERR_ENGINE, "not enough memory for the reply");
    } else if (!field(reply->json, "ApiVersion", json_type_string) &&
               strcmp(reply->text, "OK") != 0) {
        reply_unexpected(&reply->err, call, "GET /_ping is not answered with OK", reply->text,
                         reply->length);
    }
}

void reply_read(struct docker_reply *reply, const struct docker_call *call,
                const struct http_reply *http) {
    const struct docker_row *row = call->request.row;
    *reply = (struct docker_reply){
        .status = http->status, .text = buf_text(&http->body), .length = http->body.length};
    bool is_2xx = http->err.kind == ERR_NONE && http->status / 100 == 2;
    if (call->page.length > 0) {
        reply_unexpected(&reply->err, call, "it is a web page", buf_text(&call->page),
                         call->page.length);
    } else if (http->err.kind != ERR_NONE) {
        reply_failure(&reply->err, call, http);
    } else if (is_2xx && row->expect == EXPECT_BYTES && !call->begun) {
        reply_unexpected(&reply->err, call,
                         row->duplex ? "it does not hand the connection over" : "it is a web page",
                         reply->text, reply->length);
    } else if (row->expect == EXPECT_ANYTHING) {
        /* The raw call: every reply is one, and what is no JSON is text. */
        if (!json_parse(reply->text, reply->length, &json_engine, &reply->json, NULL)) {
            reply->json = NULL;
        }
    } else if (row->expect == EXPECT_PONG && http->status == 200) {
        read_pong(reply, call, &http->headers);
    } else if (is_2xx || call->begun) { /* begun: with 101, too */
        read_success(reply, call);
    } else {
        docker_classify(&reply->err, row, call->request.object, http->status, reply->text,
                        reply->length);
    }
}
