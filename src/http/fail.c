/* What went wrong with a transfer: for programs (failure) and for people (what, to what, why, and
 * what to do next). */
#include "http/internal.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct row {
    CURLcode code;
    enum http_failure failure;
    enum err_kind kind;
    const char *next; /* advice; NULL: that of the failure */
} rows[] = {
    {CURLE_URL_MALFORMAT, HTTP_FAIL_REQUEST, ERR_INVALID, "check the URL"},
    {CURLE_UNSUPPORTED_PROTOCOL, HTTP_FAIL_REQUEST, ERR_INVALID, "use http:// or https://"},
    {CURLE_OUT_OF_MEMORY, HTTP_FAIL_REQUEST, ERR_TRANSPORT, "free some memory"},
    {CURLE_COULDNT_RESOLVE_HOST, HTTP_FAIL_CONNECT, ERR_TRANSPORT,
     "check the name, and this machine's DNS"},
    {CURLE_COULDNT_RESOLVE_PROXY, HTTP_FAIL_CONNECT, ERR_TRANSPORT, "check the proxy's name"},
    {CURLE_COULDNT_CONNECT, HTTP_FAIL_CONNECT, ERR_TRANSPORT, NULL},
    {CURLE_OPERATION_TIMEDOUT, HTTP_FAIL_CONNECT, ERR_TIMEOUT, "check the address and the network"},
    {CURLE_SSL_CACERT_BADFILE, HTTP_FAIL_TLS, ERR_INVALID,
     "check that the file is there and holds certificates in PEM"},
    {CURLE_SSL_CERTPROBLEM, HTTP_FAIL_TLS, ERR_INVALID, "check the client certificate and its key"},
    {CURLE_PEER_FAILED_VERIFICATION, HTTP_FAIL_TLS, ERR_TRANSPORT,
     "check the host name, the CA and the date of both machines"},
    {CURLE_SSL_CONNECT_ERROR, HTTP_FAIL_TLS, ERR_TRANSPORT,
     "if it does not speak TLS, use http://; for an engine, leave out DOCKER_TLS_VERIFY"},
    {CURLE_WEIRD_SERVER_REPLY, HTTP_FAIL_GARBAGE, ERR_TRANSPORT, NULL},
    {CURLE_RECV_ERROR, HTTP_FAIL_LOST, ERR_TRANSPORT, NULL}, /* last: every code that is not here */
};

/* What OpenSSL says, and what to do about it. */
#define NO_CERTIFICATE "alert certificate required"
#define HUNG_UP        "it hung up right after the handshake"
static const struct {
    const char *says, *next;
} tls_advice[] = {
    {"has expired", "its certificate has to be renewed, unless this machine's clock is wrong"},
    {"not yet valid", "check the clocks of both machines"},
    {"local issuer", "give the certificate of its CA: ca_file, for an engine ca.pem in cert_path"},
    {"self-signed", "give the certificate of its CA: ca_file, for an engine ca.pem in cert_path"},
    {"target host name", "use a name that its certificate is for"},
    {NO_CERTIFICATE,
     "show it a client certificate: cert_file and key_file, for an engine cert_path"},
    {"alert handshake failure",
     "it may want a client certificate: cert_file and key_file, for an engine cert_path"},
    {"alert bad certificate",
     "it refuses the client certificate: show one that is valid and from a CA that it trusts"},
    {HUNG_UP, "it may refuse the client certificate: show one that is valid and from a CA that it "
              "trusts"},
    {" alert ", "it speaks TLS and does not want us: check the client certificate"},
};

static const char *const leads[] = {
    [HTTP_FAIL_REQUEST] = "cannot send a request to",
    [HTTP_FAIL_CONNECT] = "cannot connect to",
    [HTTP_FAIL_TLS] = "cannot set up TLS with",
    [HTTP_FAIL_LOST] = "lost the reply of",
    [HTTP_FAIL_GARBAGE] = "got no valid HTTP from",
    [HTTP_FAIL_LIMIT] = "cannot keep the reply of",
};

static const char *tls_next(const char *detail) {
    for (size_t i = 0; i < sizeof tls_advice / sizeof *tls_advice; i++)
        if (strstr(detail, tls_advice[i].says))
            return tls_advice[i].next;
    return NULL;
}

static struct row row_of(CURLcode code, bool sent) {
    size_t i = 0, last = sizeof rows / sizeof *rows - 1;
    while (i < last && rows[i].code != code)
        i++;
    struct row row = rows[i];
    /* What came back instead of a status line is HTTP/0.9 to libcurl, a header line above 100 KB is
     * a lack of memory. */
    if (sent && code == CURLE_OUT_OF_MEMORY)
        return (struct row){code, HTTP_FAIL_LIMIT, ERR_TRANSPORT, "its headers may be too long"};
    if (sent && code == CURLE_UNSUPPORTED_PROTOCOL)
        return (struct row){code, HTTP_FAIL_GARBAGE, ERR_TRANSPORT, NULL};
    if (!sent && row.failure == HTTP_FAIL_LOST)
        row.failure = HTTP_FAIL_CONNECT;
    return row;
}

/* Where the call goes, without the password and the query that a URL may hold. */
static void address_of(const struct http_call *call, char *out, size_t size) {
    const char *path = call->pool->target.unix_path;
    if (call->pool->target.address) {
        snprintf(out, size, "%s", call->pool->target.address);
        return;
    }
    if (path) {
        snprintf(out, size, "unix://%s", path);
        return;
    }
    const char *host = strstr(call->url, "://");
    host = host ? host + 3 : call->url;
    int scheme = (int)(host - call->url), length = (int)strcspn(host, "/?#");
    const char *at = memrchr(host, '@', (size_t)length);
    if (at) {
        length -= (int)(at + 1 - host);
        host = at + 1;
    }
    snprintf(out, size, "%.*s%.*s", scheme, call->url, length, host);
}

/* The variable that sends this call through a proxy, unless no_proxy exempts its host; or NULL. */
static const char *proxy_variable(const struct http_call *call) {
    static const char *const of_http[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
    static const char *const of_https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                           NULL};
    const struct http_request *request = &call->request;
    if (call->pool->target.base_url || request->connect_only || request->duplex ||
        request->deny_link_local)
        return NULL;
    bool tls = strncasecmp(call->url, "https:", 6) == 0;
    for (const char *const *name = tls ? of_https : of_http; *name; name++) {
        const char *value = getenv(*name);
        if (value && *value)
            return *name;
    }
    return NULL;
}

static const char *advice(const struct http_call *call, enum http_failure failure, CURLcode code,
                          char *out, size_t size) {
    bool tls = strncasecmp(call->url, "https:", 6) == 0;
    bool plain = !tls && !call->pool->target.unix_path && !call->pool->target.command;
    const char *proxy = proxy_variable(call);
    const char *https = plain ? "; if it speaks TLS, use https://" : "";
    if (failure == HTTP_FAIL_CONNECT && code == CURLE_OK && tls) /* a deadline */
        snprintf(out, size, "is %s running, and does it speak TLS?", call->pool->target.name);
    else if (failure == HTTP_FAIL_CONNECT && proxy)
        snprintf(out, size, "is %s running, and the proxy of $%s?", call->pool->target.name, proxy);
    else if (failure == HTTP_FAIL_CONNECT)
        snprintf(out, size, "is %s running?", call->pool->target.name);
    else if (failure == HTTP_FAIL_GARBAGE)
        snprintf(out, size, "check the address%s", https);
    else
        snprintf(out, size, "the request may have been carried out: look before you repeat it%s",
                 code == CURLE_GOT_NOTHING ? https : "");
    return out;
}

static const char *advice_denied(const char *path, char *out, size_t size) {
    struct stat file;
    struct group *group = NULL;
    if (stat(path, &file) == 0 && file.st_mode & S_IWGRP)
        group = getgrgid(file.st_gid);
    if (group)
        snprintf(out, size,
                 "join the group '%s' (sudo usermod -aG %s $USER) and log in again, or "
                 "run as root",
                 group->gr_name, group->gr_name);
    else
        snprintf(out, size, "run as the owner of the socket or as root");
    return out;
}

static bool is_no_socket(const char *path) {
    struct stat file;
    return stat(path, &file) == 0 && !S_ISSOCK(file.st_mode);
}

void fail_limit(struct http_call *call, const char *why) {
    char address[300];
    address_of(call, address, sizeof address);
    call->reply.failure = HTTP_FAIL_LIMIT;
    err_set(&call->reply.err, ERR_TRANSPORT, "%s %s: %s", leads[HTTP_FAIL_LIMIT], address, why);
}

/* libcurl's words, or better ones. */
static const char *detail_of(struct http_call *call, CURLcode code, bool sent) {
    long os_error = 0;
    if (call->fault)
        return call->fault;
    if (sent && code == CURLE_UNSUPPORTED_PROTOCOL)
        return "its reply does not begin with a status of HTTP/1";
    curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &os_error);
    if (code == CURLE_COULDNT_CONNECT && os_error) {
        call->reply.os_error = (int)os_error;
        return strerror(call->reply.os_error);
    }
    return *call->detail ? call->detail : curl_easy_strerror(code);
}

/* An address that the caller wants to have nothing to do with. */
static void fit_refused(const struct http_call *call, struct row *row, const char **detail,
                        char *why, size_t size) {
    if (row->code != CURLE_COULDNT_CONNECT || !*call->refused)
        return;
    snprintf(why, size, "%s is a link-local address", call->refused);
    *detail = why;
    row->kind = ERR_DENIED;
    row->next = "these are refused, for a cloud hands out the machine's credentials there: use "
                "another address";
}

/* What only a unix socket has. */
static void fit_unix(struct row *row, const char **detail, const char *path, int os_error,
                     char *next, size_t size) {
    if (row->code == CURLE_COULDNT_RESOLVE_HOST) { /* libcurl's way of putting it */
        row->kind = ERR_INVALID;
        row->next = "use a shorter path: a socket's may have 107 bytes";
        *detail = "the path is too long";
    } else if (os_error == EACCES || os_error == EPERM) {
        row->kind = ERR_DENIED;
        row->next = advice_denied(path, next, size);
    } else if (os_error == ECONNREFUSED && is_no_socket(path)) {
        row->next = "it is not a socket: check the path";
    }
}

/* With TLS 1.3 the server refuses a client certificate after the handshake; and what it says about
 * that is lost when it hangs up before the request could be sent. */
static void fit_tls(const struct http_call *call, CURLcode code, struct row *row,
                    const char **detail) {
    curl_off_t handshake = 0;
    curl_easy_getinfo(call->easy, CURLINFO_APPCONNECT_TIME_T, &handshake);
    bool refused = row->failure == HTTP_FAIL_LOST && call->reply.headers.length == 0 &&
                   strstr(*detail, "SSL") && strstr(*detail, " alert ");
    bool hung_up = row->failure == HTTP_FAIL_CONNECT && code == CURLE_SEND_ERROR && handshake > 0;
    if (hung_up)
        *detail = HUNG_UP;
    if (refused || hung_up)
        row->failure = HTTP_FAIL_TLS;
    /* Docker's word for one that is bad, and for none. */
    bool unwanted = hung_up || strstr(*detail, "alert bad certificate");
    const char *says = unwanted && !call->pool->target.cert_file ? NO_CERTIFICATE : *detail;
    if (row->failure == HTTP_FAIL_TLS && tls_next(says))
        row->next = tls_next(says);
}

/* The server may have seen some of the request. */
static bool was_sent(const struct http_call *call) {
    long sent = 0;
    if (call->easy)
        curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &sent);
    return call->sent || sent > 0;
}

void fail_transfer(struct http_call *call, CURLcode code) {
    struct http_reply *reply = &call->reply;
    const char *unix_path = call->pool->target.unix_path;
    char address[300], next[200], refused[100];
    bool sent = was_sent(call);
    if (reply->err.kind != ERR_NONE)
        return;
    if (call->fault && code == CURLE_WRITE_ERROR) /* we refused to go on */
        code = CURLE_WEIRD_SERVER_REPLY;
    struct row row = row_of(code, sent);
    const char *detail = detail_of(call, code, sent);
    if (unix_path)
        fit_unix(&row, &detail, unix_path, reply->os_error, next, sizeof next);
    else
        fit_tls(call, code, &row, &detail);
    fit_refused(call, &row, &detail, refused, sizeof refused);
    if (!row.next)
        row.next = advice(call, row.failure, code, next, sizeof next);
    address_of(call, address, sizeof address);
    reply->failure = row.failure;
    err_set(&reply->err, row.kind, "%s %s: %s; %s", leads[row.failure], address, detail, row.next);
}

void fail_deadline(struct http_call *call) {
    struct http_reply *reply = &call->reply;
    double seconds = (double)call->limit / (double)LOOP_SECOND;
    const char *lead = "no complete reply from";
    const char *why = "raise the timeout, or see what keeps it busy";
    char address[300], next[200];
    reply->failure = HTTP_FAIL_TIMEOUT;
    if (call->stage == CALL_QUEUED) {
        reply->failure = HTTP_FAIL_QUEUED;
        why = "the request was still queued behind others: ask less at once or raise the timeout";
    } else if (!was_sent(call)) {
        reply->failure = HTTP_FAIL_CONNECT;
        lead = leads[HTTP_FAIL_CONNECT];
        why = advice(call, HTTP_FAIL_CONNECT, CURLE_OK, next, sizeof next);
    }
    address_of(call, address, sizeof address);
    err_set(&reply->err, ERR_TIMEOUT, "%s %s within %g s; %s", lead, address, seconds, why);
}
