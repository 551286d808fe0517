#include "host/streams.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { STREAMS = 3 };

static struct {
    FILE **global;
    FILE *before, *now;
} streams[STREAMS];

static struct streams_hooks hooks;

static ssize_t on_read(void *cookie, char *data, size_t size) {
    (void)cookie;
    size_t kept = hooks.kept(data, size);
    if (kept)
        return (ssize_t)kept;
    if (hooks.wait())
        return read(STDIN_FILENO, data, size);
    errno = EINTR;
    return -1;
}

/* All of it: a terminal may be non-blocking by what somebody else has done to it. */
static ssize_t write_all(int fd, const char *data, size_t length) {
    size_t written = 0;
    while (written < length) {
        ssize_t n = write(fd, data + written, length - written);
        if (n > 0)
            written += (size_t)n;
        else if (n < 0 && errno == EAGAIN)
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
        else if (n == 0 || errno != EINTR)
            break;
    }
    return (ssize_t)written;
}

static ssize_t on_write_out(void *cookie, const char *data, size_t length) {
    (void)cookie;
    hooks.before_write(data, length);
    return write_all(STDOUT_FILENO, data, length);
}

static ssize_t on_write_err(void *cookie, const char *data, size_t length) {
    (void)cookie;
    hooks.before_write(data, length);
    return write_all(STDERR_FILENO, data, length);
}

static bool replace(int fd, FILE **global, const char *mode, cookie_io_functions_t functions,
                    int buffering) {
    FILE *stream = fopencookie(NULL, mode, functions);
    if (!stream)
        return false;
    setvbuf(stream, NULL, buffering, BUFSIZ);
    fflush(*global);
    streams[fd].global = global;
    streams[fd].before = *global;
    streams[fd].now = *global = stream;
    return true;
}

bool streams_replace(const struct streams_hooks *given) {
    hooks = *given;
    bool done =
        replace(STDIN_FILENO, &stdin, "r", (cookie_io_functions_t){.read = on_read}, _IOFBF);
    if (done && hooks.before_write)
        done = replace(STDOUT_FILENO, &stdout, "w", (cookie_io_functions_t){.write = on_write_out},
                       _IOLBF);
    if (done && hooks.before_write && isatty(STDERR_FILENO))
        done = replace(STDERR_FILENO, &stderr, "w", (cookie_io_functions_t){.write = on_write_err},
                       _IONBF);
    if (!done)
        streams_restore();
    return done;
}

void streams_restore(void) {
    for (int fd = STREAMS - 1; fd >= 0; fd--) {
        if (!streams[fd].now)
            continue;
        *streams[fd].global = streams[fd].before;
        fclose(streams[fd].now);
        streams[fd].now = streams[fd].before = NULL;
    }
}

FILE *streams_other(FILE *stream) {
    for (int fd = 0; fd < STREAMS; fd++) {
        if (stream && stream == streams[fd].before)
            return streams[fd].now;
        if (stream && stream == streams[fd].now)
            return streams[fd].before;
    }
    return stream;
}
