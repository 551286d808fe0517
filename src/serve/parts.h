/* What the files of this room do for each other. */
#ifndef MOONTIDE_SERVE_PARTS_H
#define MOONTIDE_SERVE_PARTS_H

#include "serve/internal.h"

/* connection.c: what the library tells of connections, and their limits. */
enum MHD_Result connection_accept(void *arg, const struct sockaddr *address, socklen_t size);
void connection_notify(void *arg, struct MHD_Connection *mhd, void **socket_context,
                       enum MHD_ConnectionNotificationCode code);
struct connection *connection_of(const struct mhd *mhd, struct MHD_Connection *connection);
/* It waits from now on, behind all others. */
void connection_waits(struct connection *connection);
void connection_drop(struct connection *connection);
/* Those that nobody serves. */
void connection_drop_waiting(struct serve *serve);
/* Ends what has waited for too long. */
void connection_check_all(struct serve *serve);
void connection_hang_ups(void *arg);

/* request.c: what the library tells of requests. */
void *request_line(void *arg, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result request_handle(void *arg, struct MHD_Connection *mhd, const char *url,
                               const char *method, const char *version, const char *data,
                               size_t *size, void **context);
void request_completed(void *arg, struct MHD_Connection *mhd, void **context,
                       enum MHD_RequestTerminationCode code);
/* From where it was suspended. */
void request_resume(struct serve_request *request);
/* Its client has gone: nobody serves it any more. NULL is none. */
void request_give_up(struct serve_request *request);

/* check.c: what is refused before anybody hears of it; `version` is what the first line says. */
struct refusal check_request(struct serve_request *request, const char *version);

/* serve.c: the library's next run is in the loop's next turn: nothing else tells it of what was
 * resumed. */
void serve_run_soon(struct serve *serve);

/* reply.c */
struct MHD_Response *reply_make(struct serve *serve, const struct serve_header *headers,
                                const void *body, size_t length);
struct MHD_Response *reply_refusal(struct serve *serve, const struct refusal *refusal);

#endif
