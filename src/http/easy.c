/* One transfer set up: what libcurl is told. */
#include "http/command.h"
#include "http/guard.h"

#include <string.h>

/* libcurl's receive buffer, one for each transfer in flight. There may be a thousand long ones, of
 * which most wait: with libcurl's own 16 KiB each would cost 33 KiB. That of a stream is what a
 * turn of the loop can bring of it, and what libcurl holds of one that is paused. */
static const long receive_buffers[] = {
    [HTTP_SHORT] = 4096, [HTTP_LONG] = 1024, [HTTP_STREAM] = 65536};
#define CONNECT_MS 5000L

bool easy_has_body(const struct http_request *request) {
    return request->body || strcmp(request->method, "POST") == 0 ||
           strcmp(request->method, "PUT") == 0 || strcmp(request->method, "PATCH") == 0;
}

static const struct {
    CURLoption option;
    long value;
} always[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_HTTP_TRANSFER_DECODING, 0}, /* chunked.h has a stricter eye */
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
    {CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS},
    {CURLOPT_TCP_KEEPIDLE, 60}, /* where it is on: a dead server is noticed after 2.5 minutes */
    {CURLOPT_TCP_KEEPINTVL, 10},
    {CURLOPT_QUICK_EXIT, 1}, /* a cancelled look-up of a name does not keep the loop waiting */
};

static bool set_always(struct http_call *call) {
    CURL *easy = call->easy;
    bool ok = true;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        ok &= curl_easy_setopt(easy, always[i].option, always[i].value) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_PRIVATE, call) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->detail) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_body) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_WRITEDATA, call) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive_header) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_HEADERDATA, call) == CURLE_OK;
    return ok;
}

static bool set_target(CURL *easy, const struct http_target *target) {
    bool ok = true;
    if (target->unix_path)
        ok &= curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, target->unix_path) == CURLE_OK;
    if (target->base_url)
        ok &= curl_easy_setopt(easy, CURLOPT_NOPROXY, "*") == CURLE_OK;
    if (target->ca_file) {
        ok &= curl_easy_setopt(easy, CURLOPT_CAINFO, target->ca_file) == CURLE_OK;
        /* Else the system's CAs would be trusted beside the one that was asked for. */
        ok &= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
    }
    if (target->cert_file)
        ok &= curl_easy_setopt(easy, CURLOPT_SSLCERT, target->cert_file) == CURLE_OK;
    if (target->key_file)
        ok &= curl_easy_setopt(easy, CURLOPT_SSLKEY, target->key_file) == CURLE_OK;
    if (target->skip_verify) {
        ok &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK;
    }
    if (target->max_idle_seconds)
        ok &= curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, target->max_idle_seconds) == CURLE_OK;
    return ok;
}

static bool set_request(struct http_call *call) {
    const struct http_request *request = &call->request;
    CURL *easy = call->easy;
    bool ok = curl_easy_setopt(easy, CURLOPT_URL, call->url) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers) == CURLE_OK;
    if (easy_has_body(request)) {
        /* Without a size libcurl would send what it reads from stdin. */
        curl_off_t length = (curl_off_t)request->body_length;
        ok &= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, length) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "") ==
              CURLE_OK;
    }
    if (strcmp(request->method, "HEAD") == 0)
        ok &= curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    else
        ok &= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
    bool fresh = request->fresh || request->deny_link_local;
    ok &= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)fresh) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, receive_buffers[request->class]) == CURLE_OK;
    /* Long calls use no connection again: after a hundred of them a hundred would lie idle. */
    bool is_long = request->class != HTTP_SHORT;
    bool close = (fresh || is_long) && !request->duplex;
    ok &= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, (long)close) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, (long)is_long) == CURLE_OK;
    if (request->connect_only || request->duplex) {
        ok &= curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK;
        ok &= curl_easy_setopt(easy, CURLOPT_NOPROXY, "*") == CURLE_OK;
    }
    return ok;
}

bool easy_is_clean(const struct http_call *call) {
    for (const struct curl_slist *header = call->headers; header; header = header->next)
        if (strpbrk(header->data, "\r\n"))
            return false;
    return *call->request.method && !strpbrk(call->request.method, " \t\r\n");
}

bool easy_set(struct http_call *call) {
    const struct http_target *target = &call->pool->target;
    return set_always(call) && set_target(call->easy, target) && set_request(call) &&
           (!target->command || command_set(call)) &&
           (!call->request.deny_link_local || guard_set(call));
}
