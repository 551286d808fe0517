#include "host/history.h"

#include "base/buf.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Longer ones are not ours. 64 KiB is the longest line that can be typed. */
enum { FILE_MAX = 64 << 20 };

static bool read_all(int fd, struct buf *text) {
    char piece[8192];
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (!buf_append(text, piece, (size_t)n)) {
            errno = EFBIG;
            return false;
        }
    }
    return true;
}

static bool write_all(int fd, const char *data, size_t length, off_t at) {
    while (length > 0) {
        ssize_t n = pwrite(fd, data, length, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        data += n;
        at += n;
        length -= (size_t)n;
    }
    return true;
}

static void make_directories(const char *path) {
    char directory[PATH_MAX];
    if (snprintf(directory, sizeof directory, "%s", path) >= (int)sizeof directory)
        return;
    for (char *slash = strchr(directory + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(directory, 0700); /* when it fails, so does open */
        *slash = '/';
    }
}

/* Where the lines begin that stay when one more comes. */
static size_t first_kept(const struct buf *text) {
    size_t lines = 1, at = text->length;
    while (at > 0) {
        if (text->data[at - 1] == '\n' && at < text->length && ++lines == HISTORY_LINES)
            return at;
        at--;
    }
    return 0;
}

static bool is_last(const struct buf *text, const char *line, size_t length) {
    if (text->length < length + 1)
        return false;
    const char *last = text->data + text->length - length - 1;
    return memcmp(last, line, length) == 0 && (last == text->data || last[-1] == '\n');
}

/* The file is locked. Nothing is lost when the program dies in between: the beginning is written
 * over by what is kept, then the rest is cut off. */
static bool add(int fd, struct buf *text, const char *line, size_t length) {
    if (!read_all(fd, text))
        return false;
    size_t old = text->length;
    if (old > 0 && text->data[old - 1] != '\n' && !buf_puts(text, "\n"))
        return false;
    if (is_last(text, line, length))
        return true;
    size_t from = first_kept(text);
    if (!buf_append(text, line, length) || !buf_puts(text, "\n"))
        return false;
    if (from == 0)
        return write_all(fd, text->data + old, text->length - old, (off_t)old);
    return write_all(fd, text->data + from, text->length - from, 0) &&
           ftruncate(fd, (off_t)(text->length - from)) == 0;
}

bool history_add(const char *path, const char *line, size_t length) {
    static const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY;
    struct buf text;
    int fd = open(path, flags, 0600);
    if (fd < 0 && errno == ENOENT) {
        make_directories(path);
        fd = open(path, flags, 0600);
    }
    if (fd < 0)
        return false;
    buf_init(&text, FILE_MAX);
    bool done = fchmod(fd, 0600) == 0 && flock(fd, LOCK_EX) == 0 && add(fd, &text, line, length);
    int why = errno;
    buf_free(&text);
    close(fd);
    errno = why;
    return done;
}
