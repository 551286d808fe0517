/* Connections that HTTP hands over. A call with `duplex` asks for it (Connection: Upgrade, Upgrade:
 * tcp). Once the server agrees, with 101, or 200 and no word about the length of a body, on_head is
 * called, and from then on bytes go both ways: to on_data, which may pause, and by http_write. It
 * ends in on_done, without error, when the server hangs up, also before it has read all that was
 * written. Any other reply is an ordinary one, with its body. No proxy is used. */
#ifndef MOONTIDE_HTTP_DUPLEX_H
#define MOONTIDE_HTTP_DUPLEX_H

#include "http/http.h"

/* Queues a copy of the bytes; they are sent once the server has agreed. False when out of memory,
 * after http_end, when the call is no duplex or has ended. */
bool http_write(struct http_call *call, const void *data, size_t length);

/* on_drained is called, from the loop, when no more than so many bytes are queued any longer. It
 * may be NULL, and must only store. Not when the call ends: that is on_done's. */
enum { HTTP_DRAINED = 128 << 10 };

/* How many bytes the connection has not taken yet; 0 once the server reads no more. */
size_t http_queued(const struct http_call *call);

/* No more will be written: the server reads the end after what is queued. It may go on sending. */
void http_end(struct http_call *call);

#endif
