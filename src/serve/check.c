/* What is refused before anybody hears of it: what may mean two things, is too long, is for another
 * host, comes from another site's page, or shows no token. */
#include "base/digest.h"
#include "serve/parts.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct scan {
    unsigned count, hosts, lengths, encodings, authorizations, origins;
    size_t bytes;
    bool malformed;
    const char *host, *length, *encoding, *authorization, *origin, *site, *expect;
};

static bool is_token(const char *text, size_t length) {
    static const char more[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              (c && strchr(more, c))))
            return false;
    }
    return length > 0;
}

static bool is_text(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)text[i] < ' ' && text[i] != '\t') || text[i] == '\x7f')
            return false;
    return true;
}

static enum MHD_Result on_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                 size_t name_length, const char *value, size_t value_length) {
    struct scan *scan = arg;
    static const struct {
        const char *name;
        size_t value, count;
    } known[] = {
        {"Host", offsetof(struct scan, host), offsetof(struct scan, hosts)},
        {"Content-Length", offsetof(struct scan, length), offsetof(struct scan, lengths)},
        {"Transfer-Encoding", offsetof(struct scan, encoding), offsetof(struct scan, encodings)},
        {"Authorization", offsetof(struct scan, authorization),
         offsetof(struct scan, authorizations)},
        {"Origin", offsetof(struct scan, origin), offsetof(struct scan, origins)},
        {"Sec-Fetch-Site", offsetof(struct scan, site), offsetof(struct scan, count)},
        {"Expect", offsetof(struct scan, expect), offsetof(struct scan, count)},
    };
    (void)kind;
    scan->bytes += name_length + value_length + 4;
    value = value ? value : "";
    if (!is_token(name, name_length) || !is_text(value, value_length))
        scan->malformed = true;
    scan->count++;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcasecmp(name, known[i].name) == 0) {
            memcpy((char *)scan + known[i].value, &value, sizeof value);
            if (known[i].count != offsetof(struct scan, count))
                ++*(unsigned *)((char *)scan + known[i].count);
        }
    return MHD_YES;
}

#define REFUSE(...)                                                                                \
    return (struct refusal) {                                                                      \
        __VA_ARGS__                                                                                \
    }

static const struct refusal accepted = {0, false, NULL};

/* RFC 9112, section 6.3: a length that can be read in two ways makes a second request out of a
 * body.
 */
static struct refusal check_length(const struct scan *scan, const char *version, size_t max_body) {
    if (scan->lengths > 1 || scan->encodings > 1 || (scan->lengths && scan->encodings))
        REFUSE(400, true, "the length of the body is said twice");
    if (scan->encodings && strcmp(version, "HTTP/1.1") != 0)
        REFUSE(400, true, "Transfer-Encoding is of HTTP/1.1 only");
    if (scan->encodings && strcasecmp(scan->encoding, "chunked") != 0)
        REFUSE(501, true, "the only Transfer-Encoding here is chunked");
    if (!scan->lengths)
        return accepted;
    if (!*scan->length || scan->length[strspn(scan->length, "0123456789")])
        REFUSE(400, true, "Content-Length is no number");
    unsigned long long length = strtoull(scan->length, NULL, 10);
    if (length > max_body)
        REFUSE(413, scan->expect || length > max_body + DISCARD_MAX, "the body is too long");
    return accepted;
}

static struct refusal check_line(const struct serve_request *request, const char *version) {
    size_t length = strlen(request->target);
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        REFUSE(505, true, "this is HTTP/1.1");
    if (!is_token(request->method, strlen(request->method)))
        REFUSE(400, true, "the method is none");
    if (length > TARGET_MAX)
        REFUSE(414, true, "the target is too long");
    for (size_t i = 0; i < length; i++)
        if (request->target[i] <= ' ' || request->target[i] > '~')
            REFUSE(400, true, "the target has a character that must be percent-encoded");
    if (*request->target != '/' && strcmp(request->target, "*") != 0)
        REFUSE(400, true, "the target must be a path");
    return accepted;
}

/* Returns the length of the name, 0 when it is no `name` or `name:port`. */
static size_t host_name(const char *host) {
    size_t length = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    if (*host == '[' && host[length - 1] != ']')
        return 0;
    const char *port = host + length;
    if (*port == ':' && strspn(port + 1, "0123456789") == strlen(port + 1))
        return length;
    return *port ? 0 : length;
}

static bool is_name(const char *host, size_t length, const char *name) {
    return strlen(name) == length && length > 0 && strncasecmp(host, name, length) == 0;
}

/* A page of another name that resolves to us would be this server's own to a browser. */
static bool is_our_host(const struct connection *connection, const char *host, size_t length) {
    static const char *const always[] = {"localhost", "127.0.0.1", "[::1]", NULL};
    const char *const *lists[] = {always, connection->serve->options.hosts};
    char local[LISTEN_ADDRESS_SIZE];
    for (size_t i = 0; i < 2; i++)
        for (const char *const *name = lists[i]; *name; name++)
            if (is_name(host, length, *name))
                return true;
    if (is_name(host, length, connection->serve->local_name))
        return true;
    listen_local(local, connection->fd, false);
    return is_name(host, length, local);
}

static struct refusal check_host(const struct serve_request *request, const struct scan *scan) {
    if (scan->hosts != 1)
        REFUSE(400, true, "there must be one Host header");
    size_t length = host_name(scan->host);
    if (length == 0)
        REFUSE(400, true, "the Host header is none");
    if (!is_our_host(request->connection, scan->host, length))
        REFUSE(421, false, "host not allowed: this server answers to its own names only");
    return accepted;
}

/* Browsers say which page asks. */
static struct refusal check_site(const struct scan *scan) {
    const char *origin = scan->origin;
    if (scan->site && strcasecmp(scan->site, "same-origin") != 0 &&
        strcasecmp(scan->site, "none") != 0)
        REFUSE(403, false, "pages of other sites may not ask this server");
    if (!origin)
        return accepted;
    size_t scheme = strncasecmp(origin, "https://", 8) == 0 ? 8 : 7;
    if (scan->origins > 1 || (scheme == 7 && strncasecmp(origin, "http://", 7) != 0) ||
        strcasecmp(origin + scheme, scan->host) != 0)
        REFUSE(403, false, "pages of other sites may not ask this server");
    return accepted;
}

/* Of equal length and compared to the end: how long it takes tells nothing. */
static bool is_same_secret(const char *given, const char *token) {
    unsigned char a[SHA256_SIZE], b[SHA256_SIZE], difference = 0;
    sha256(a, given, strlen(given));
    sha256(b, token, strlen(token));
    for (size_t i = 0; i < SHA256_SIZE; i++)
        difference |= a[i] ^ b[i];
    return difference == 0;
}

static struct refusal check_token(const struct serve *serve, const struct scan *scan) {
    const char *given = scan->authorization;
    if (!serve->options.token)
        return accepted;
    if (scan->authorizations != 1 || strncasecmp(given, "Bearer ", 7) != 0 ||
        !is_same_secret(given + 7, serve->options.token))
        REFUSE(401, false, "a token is needed: send Authorization: Bearer TOKEN");
    return accepted;
}

static struct refusal check_all(struct serve_request *request, const struct scan *scan,
                                const char *version) {
    struct serve *serve = request->connection->serve;
    struct refusal refusal = check_line(request, version);
    if (refusal.status)
        return refusal;
    if (scan->malformed)
        REFUSE(400, true, "a header is malformed");
    if (scan->count > HEADERS_MAX || scan->bytes > HEADER_BYTES)
        REFUSE(431, true, "the headers are too many or too long");
    struct refusal length = check_length(scan, version, serve->options.max_body);
    if (length.status && length.status != 413)
        return length;
    refusal = check_host(request, scan);
    if (!refusal.status)
        refusal = check_site(scan);
    if (!refusal.status)
        refusal = check_token(serve, scan);
    if (!refusal.status)
        return length;
    refusal.at_once = refusal.at_once || length.at_once || scan->expect;
    return refusal;
}

struct refusal check_request(struct serve_request *request, const char *version) {
    struct serve *serve = request->connection->serve;
    struct scan scan = {0};
    serve->mhd->get_connection_values_n(request->connection->mhd, MHD_HEADER_KIND, on_header,
                                        &scan);
    struct refusal refusal = check_all(request, &scan, version);
    char *query = strchr(request->target, '?');
    request->query = query ? query + 1 : request->target + strlen(request->target);
    if (query)
        *query = '\0';
    return refusal;
}
