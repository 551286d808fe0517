/* What an engine's error reply means. An engine's status alone does not tell: a taken port is a
 * 500, so is a request that it cannot read, and Podman answers 500 to nearly everything; so the
 * rules go by status and text. */
#include "base/json.h"
#include "docker/fields.h"
#include "docker/shapes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first rule that fits holds. */
static const struct rule {
    int status;       /* 0: any */
    const char *row;  /* NULL: any */
    const char *text; /* found in what the engine says, in any case; NULL: any */
    const char *stop; /* "{}" stands for what follows `text` up to one of these; NULL: none */
    enum err_kind kind;
    enum err_next next;
    const char *message; /* what happened; what to do next */
} rules[] = {
    /* Which engine, which version */
    {400, NULL, "HTTP request to an HTTPS server", NULL, ERR_TRANSPORT, NEXT_GIVE_UP,
     "the engine speaks TLS only; set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH"},
    {400, NULL, "client version ", NULL, ERR_ENGINE, NEXT_GIVE_UP,
     "the engine refuses the API versions that moontide speaks, 1.24 to 1.44; update the older of "
     "the "
     "two"},
    {0, NULL, "not a swarm manager", NULL, ERR_ENGINE, NEXT_GIVE_UP,
     "the engine is no Swarm manager; run \"docker swarm init\" there or connect to a manager"},
    {0, NULL, "does not have a leader", NULL, ERR_ENGINE, NEXT_RETRY,
     "the Swarm has no leader now; bring back more than half of its managers"},

    /* create */
    {0, "create", "No such image: ", " \n", ERR_NOT_FOUND, NEXT_GIVE_UP,
     "image \"{}\" is not on the engine; pull it first: docker pull {}"},
    {0, "create", "No such image", NULL, ERR_NOT_FOUND, NEXT_GIVE_UP,
     "the image is not on the engine; pull it first with docker pull"},
    {0, NULL, "already in use by container \"", "\"", ERR_CONFLICT, NEXT_RELIST,
     "the name is already in use by container {}; remove or rename that one, or choose another "
     "name"},
    {0, NULL, "already in use by \"", "\"", ERR_CONFLICT, NEXT_RELIST,
     "the name is already in use by container {}; remove or rename that one, or choose another "
     "name"},
    {0, NULL, "already in use by ", ". \n", ERR_CONFLICT, NEXT_RELIST, /* Podman's */
     "the name is already in use by container {}; remove or rename that one, or choose another "
     "name"},
    {0, NULL, "name is already in use", NULL, ERR_CONFLICT, NEXT_RELIST,
     "the name is already in use; remove or rename its container, or choose another name"},
    {0, NULL, "Minimum memory limit allowed is ", ",;", ERR_INVALID, NEXT_GIVE_UP,
     "the memory limit is below this engine's minimum, {}; raise resources.memory"},
    {0, NULL, "Range of CPUs is from ", ",;", ERR_INVALID, NEXT_GIVE_UP,
     "the engine's host can give from {} CPUs; change resources.cpu"},
    {0, NULL, "invalid reference format", NULL, ERR_INVALID, NEXT_GIVE_UP,
     "the image name is malformed; write name:tag in lower case"},
    {0, NULL, "Invalid container name", NULL, ERR_INVALID, NEXT_GIVE_UP,
     "that is no name for a container; use at least two letters, digits, \"_\", \".\", \"-\", the "
     "first a letter or a digit"},
    {0, NULL, "invalid port specification: ", "\n", ERR_INVALID, NEXT_GIVE_UP,
     "the engine cannot read the port {}; write ports as {[\"80/tcp\"] = 8080}"},
    {0, NULL, "No command specified", NULL, ERR_INVALID, NEXT_GIVE_UP,
     "the image has no command of its own; give one with command="},

    /* start */
    {0, NULL, "Bind for ", " ", ERR_CONFLICT, NEXT_RETRY,
     "port {} is already taken by another container; stop that one or choose another port (0: "
     "any)"},
    {0, NULL, "bind: permission denied", NULL, ERR_DENIED, NEXT_GIVE_UP,
     "the engine may not use a port that low; choose one from 1024 on (0: any free one)"},
    {0, NULL, "cannot assign requested address", NULL, ERR_INVALID, NEXT_GIVE_UP,
     "the engine's host does not have the address that a port is bound to; change the HostIp"},
    {0, NULL, "listen tcp4 ", " ", ERR_CONFLICT, NEXT_RETRY,
     "port {} is already taken on the engine's host; choose another port (0: any free one)"},
    {0, NULL, "listen tcp ", " ", ERR_CONFLICT, NEXT_RETRY,
     "port {} is already taken on the engine's host; choose another port (0: any free one)"},
    {0, NULL, "port is already allocated", NULL, ERR_CONFLICT, NEXT_RETRY,
     "a port is already taken by another container; choose another port (0: any free one)"},
    {0, NULL, "address already in use", NULL, ERR_CONFLICT, NEXT_RETRY,
     "a port is already taken on the engine's host; choose another port (0: any free one)"},
    {0, NULL, "cannot listen", NULL, ERR_CONFLICT, NEXT_RETRY,
     "a port is already taken on the engine's host; choose another port (0: any free one)"},
    {404, "start", "network ", " ", ERR_NOT_FOUND, NEXT_GIVE_UP,
     "its network {} does not exist; create that network or change networks="},
    {0, NULL, "unable to find network with name or ID ", ":", ERR_NOT_FOUND, NEXT_GIVE_UP,
     "its network {} does not exist; create that network or change networks="},
    {409, NULL, "marked for removal", NULL, ERR_CONFLICT, NEXT_RELIST,
     "it is being removed; create another one"},
    {400, "start", "exec: ", ":", ERR_INVALID, NEXT_GIVE_UP,
     "the image has no program {} that can be run; change command= or entrypoint="},
    {0, "start", "exec format error", NULL, ERR_INVALID, NEXT_GIVE_UP,
     "its program is for another kind of machine; use an image for the engine's architecture"},
    {0, "start", "executable file", NULL, ERR_INVALID, NEXT_GIVE_UP,
     "the image has no such program; change command= or entrypoint="},
    {0, NULL, "no space left on device", NULL, ERR_ENGINE, NEXT_RETRY,
     "the disk of the engine's host is full; free space there (docker system df)"},

    /* The state of the container does not allow it */
    {409, NULL, "already in progress", NULL, ERR_CONFLICT, NEXT_WAIT,
     "its removal is already in progress; wait until it is gone"},
    {0, "remove", "running container", NULL, ERR_CONFLICT, NEXT_GIVE_UP,
     "it is running; stop it first or remove it with force=true"},
    {0, "remove", "is running", NULL, ERR_CONFLICT, NEXT_GIVE_UP,
     "it is running; stop it first or remove it with force=true"},
    {409, NULL, "is paused", NULL, ERR_CONFLICT, NEXT_GIVE_UP, "it is paused; unpause it first"},
    {409, NULL, "a paused container", NULL, ERR_CONFLICT, NEXT_GIVE_UP,
     "it is paused; unpause it first"},
    {409, NULL, "is restarting", NULL, ERR_CONFLICT, NEXT_WAIT,
     "it is restarting; wait until it runs, or stop it"},
    {409, NULL, "is not running", NULL, ERR_CONFLICT, NEXT_GIVE_UP,
     "it is not running; start it first"},
    {500, NULL, "is not running", NULL, ERR_CONFLICT, NEXT_GIVE_UP,
     "it is not running; start it first"},
    {500, NULL, "container state improper", NULL, ERR_CONFLICT, NEXT_RELIST,
     "its present state does not allow that; inspect it"},
    {0, NULL, "No such container", NULL, ERR_NOT_FOUND, NEXT_RELIST,
     "there is no such container (any more); list shows what there is"},
    {0, NULL, "Invalid signal: ", "\n", ERR_INVALID, NEXT_GIVE_UP,
     "{} is no signal; write one such as \"SIGTERM\" or 15"},

    /* 20.10 answers 500 where later engines answer 400 */
    {500, NULL, "cannot unmarshal", NULL, ERR_INVALID, NEXT_GIVE_UP,
     "the engine cannot read a field of the request; correct its type"},
    {500, NULL, "invalid ", NULL, ERR_INVALID, NEXT_GIVE_UP,
     "the engine refuses the request as invalid; correct it"},

    /* Podman 4 says no more of a container that it does not have, and of a call */
    {404, "stats", NULL, NULL, ERR_NOT_FOUND, NEXT_RELIST,
     "there is no such container (any more); list shows what there is"},
    {404, "update", NULL, NULL, ERR_ENGINE, NEXT_GIVE_UP,
     "this engine cannot change a container's limits; create another one with the new ones"},

    /* The status is all there is */
    {400, NULL, NULL, NULL, ERR_INVALID, NEXT_GIVE_UP,
     "the engine refuses the request as invalid; correct it"},
    {401, NULL, NULL, NULL, ERR_DENIED, NEXT_GIVE_UP,
     "not authorised; log in or send the right credentials"},
    {403, NULL, NULL, NULL, ERR_DENIED, NEXT_GIVE_UP,
     "forbidden; if a proxy such as docker-socket-proxy stands before the engine, allow this call "
     "there"},
    {404, NULL, NULL, NULL, ERR_NOT_FOUND, NEXT_GIVE_UP,
     "the engine does not know it; check the name and that this engine has such a call"},
    {409, NULL, NULL, NULL, ERR_CONFLICT, NEXT_RELIST,
     "its present state does not allow that; inspect it"},
    {429, NULL, NULL, NULL, ERR_ENGINE, NEXT_RETRY, "too many requests; wait before the next one"},
    {501, NULL, NULL, NULL, ERR_ENGINE, NEXT_GIVE_UP,
     "this engine cannot do that; use another one"},
    {502, NULL, NULL, NULL, ERR_TRANSPORT, NEXT_RETRY,
     "a proxy answers, but not the engine behind it; check that the engine runs"},
    {503, NULL, NULL, NULL, ERR_TRANSPORT, NEXT_RETRY,
     "the engine, or a proxy before it, is unavailable; check that the engine runs"},
    {504, NULL, NULL, NULL, ERR_TRANSPORT, NEXT_RETRY,
     "a proxy answers, but the engine behind it is too slow; check that the engine runs"},
    {500, NULL, NULL, NULL, ERR_ENGINE, NEXT_RETRY, "the engine failed; its log may say more"},
    {0, NULL, NULL, NULL, ERR_ENGINE, NEXT_GIVE_UP,
     "the engine gave an unexpected reply; check that a Docker Engine answers there"},
};

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

static const struct rule *find_rule(const char *row, int status, const char *said) {
    const struct rule *rule = rules;
    while ((rule->status != 0 && rule->status != status) ||
           (rule->row && strcmp(rule->row, row) != 0) ||
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
static void read_detail(char *detail, size_t size, const struct rule *rule, const char *said) {
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
    const struct rule *rule = find_rule(row->name, status, said);
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
