/* What went wrong in the world. A caller's mistake is never one of these: it raises in Lua. */
#ifndef MOONTIDE_BASE_ERR_H
#define MOONTIDE_BASE_ERR_H

#include <stddef.h>

enum err_kind {
    ERR_NONE,
    ERR_INVALID,
    ERR_NOT_FOUND,
    ERR_CONFLICT,
    ERR_DENIED,
    ERR_TRANSPORT,
    ERR_TIMEOUT,
    ERR_CANCELLED,
    ERR_ENGINE,
    ERR_SCRIPT,
};

/* What a caller that retries should do next. */
enum err_next { NEXT_GIVE_UP, NEXT_DONE, NEXT_RETRY, NEXT_WAIT, NEXT_RELIST };

struct err {
    enum err_kind kind;
    enum err_next next;
    int status; /* HTTP status, 0 when there was none */
    char message[512];
};

/* Fills `err`; the message is escaped as err_escape does, a long one is cut with "...".
 * err->message may be one of the arguments. `next` becomes NEXT_GIVE_UP and `status` 0. */
void err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "not_found", "transport", ...; "none" for ERR_NONE. */
const char *err_kind_name(enum err_kind kind);

/* "give_up", "done", "retry", "wait" or "relist". */
const char *err_next_name(enum err_next next);

/* Copies `text`, with every control character (C0, DEL, C1) and every byte that is not part of
 * valid UTF-8 written as \xHH: what an engine says may not drive a terminal. Stops before what does
 * not fit in `size` bytes with the NUL. */
void err_escape(char *out, size_t size, const char *text, size_t length);

#endif
