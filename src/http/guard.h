/* The addresses that a call with deny_link_local does not connect to. They are looked at when
 * libcurl opens the socket: however the URL wrote them, and whatever a name resolves to by then. */
#ifndef MOONTIDE_HTTP_GUARD_H
#define MOONTIDE_HTTP_GUARD_H

#include "http/call.h"
#include <sys/socket.h>

/* 169.254.0.0/16 and fe80::/10, also where an IPv6 address stands for such an IPv4 address. */
bool guard_is_link_local(const struct sockaddr *address);
/* Has libcurl ask, refuse, and use no proxy, which would look the name up by itself. A connection
 * that is there already was not looked at: the call has to be on a fresh one. False when out of
 * memory. */
bool guard_set(struct http_call *call);

#endif
