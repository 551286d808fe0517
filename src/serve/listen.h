/* Sockets and their addresses as text. */
#ifndef MOONTIDE_SERVE_LISTEN_H
#define MOONTIDE_SERVE_LISTEN_H

#include "base/err.h"
#include <stdbool.h>

enum { LISTEN_ADDRESS_SIZE = 64 };

/* A socket that listens, -1 with err. `host` is a numeric address or "localhost". */
int listen_open(const char *host, unsigned port, struct err *err);

/* Of a socket's own end: "127.0.0.1:8080", "[::1]:8080", without the port when `port` is false; ""
 * when it has none any more. */
void listen_local(char out[LISTEN_ADDRESS_SIZE], int fd, bool port);
void listen_peer(char out[LISTEN_ADDRESS_SIZE], int fd);

#endif
