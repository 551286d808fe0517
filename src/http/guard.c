/* Link-local addresses: clouds keep a machine's credentials there, for everybody who asks from it.
 */
#include "http/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* IPv6 addresses that a host or a router of the network takes for an IPv4 address. */
static const struct row {
    unsigned length, at; /* bytes of the prefix; where the IPv4 address begins */
    unsigned char prefix[12];
} rows[] = {
    {12, 12, {[10] = 0xff, [11] = 0xff}},   /* ::ffff:a.b.c.d, mapped (RFC 4291) */
    {12, 12, {0}},                          /* ::a.b.c.d, compatible (RFC 4291) */
    {12, 12, {[8] = 0xff, [9] = 0xff}},     /* ::ffff:0:a.b.c.d, translated (RFC 2765) */
    {12, 12, {0, 0x64, 0xff, 0x9b}},        /* 64:ff9b::a.b.c.d, NAT64 (RFC 6052) */
    {6, 6, {0, 0x64, 0xff, 0x9b, 0, 0x01}}, /* 64:ff9b:1::/48, a site's own NAT64 (RFC 8215) */
    {6, 12, {0, 0x64, 0xff, 0x9b, 0, 0x01}},
    {2, 2, {0x20, 0x02}}, /* 2002:abcd::, 6to4 (RFC 3056) */
};

static bool is_link_local4(const unsigned char *bytes) {
    return bytes[0] == 169 && bytes[1] == 254;
}

static bool is_link_local6(const unsigned char *bytes) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (memcmp(bytes, rows[i].prefix, rows[i].length) == 0 &&
            is_link_local4(bytes + rows[i].at))
            return true;
    return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

/* The address proper; NULL when it is of another family. */
static const void *bytes_of(const struct sockaddr *address) {
    if (address->sa_family == AF_INET)
        return &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    if (address->sa_family == AF_INET6)
        return &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    return NULL;
}

bool guard_is_link_local(const struct sockaddr *address) {
    const void *bytes = bytes_of(address);
    if (!bytes)
        return false;
    return address->sa_family == AF_INET ? is_link_local4(bytes) : is_link_local6(bytes);
}

/* CURLOPT_OPENSOCKETFUNCTION. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address) {
    struct http_call *call = arg;
    (void)purpose;
    if (!guard_is_link_local(&address->addr))
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    inet_ntop(address->family, bytes_of(&address->addr), call->refused, sizeof call->refused);
    return CURL_SOCKET_BAD;
}

bool guard_set(struct http_call *call) {
    CURL *easy = call->easy;
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOPROXY, "*") == CURLE_OK;
}
