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

/* Fills `err`; control characters of the arguments are made visible, a long text is cut with "...".
 * `next` becomes NEXT_GIVE_UP and `status` 0. */
void err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "not_found", "transport", ...; "none" for ERR_NONE. */
const char *err_kind_name(enum err_kind kind);

/* "give_up", "done", "retry", "wait" or "relist". */
const char *err_next_name(enum err_next next);

/* Copies at most `size - 1` bytes of `text` in which every control character, DEL and byte that is
 * not part of valid UTF-8 is written as \xHH: what an engine says may not drive a terminal. */
void err_escape(char *out, size_t size, const char *text, size_t length);

#endif
