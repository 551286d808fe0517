/* A container's log: the engine's frames, or a terminal's bytes, into lines with their times. Knows
 * how far it came, so that a log can be asked for again from there with no line lost or doubled:
 * `since` takes lines of that very time once more. No I/O. */
#ifndef MOONTIDE_DOCKER_LOG_H
#define MOONTIDE_DOCKER_LOG_H

#include "base/buf.h"
#include "docker/frames.h"

#define LOG_NO_TIME INT64_MIN

struct log_line {
    enum frame_source source;
    int64_t time;          /* ns since 1970; LOG_NO_TIME when the log is without times */
    const char *time_text; /* as the engine has it, 30 bytes with "Z"; NULL */
    size_t time_length;
    const char *text; /* without time and line end; lives until the next call */
    size_t length;
    bool cut; /* longer than max_line: more of it follows as a line of its own */
};

struct log_place {  /* how far the lines that were handed out went */
    int64_t time;   /* of the last one; LOG_NO_TIME: none */
    uint64_t count; /* of those at the end that have this very time */
};

struct log_reader;

/* `raw`: a terminal's (no frames). `timed`: each line begins with a time, which is taken off; with
 * it lines at or before `from` are skipped (NULL: none). A line longer than `max_line` bytes is
 * cut. A long line comes from the engine in fragments of 16 KiB, each with a time of its own: they
 * are joined. NULL when out of memory. */
struct log_reader *log_reader_new(bool raw, bool timed, const struct log_place *from,
                                  size_t max_line);
void log_reader_free(struct log_reader *reader);

/* Adds bytes; false when out of memory. */
bool log_reader_feed(struct log_reader *reader, const char *data, size_t length);

/* The next line. `ended`: no more bytes will come, so that a last line without its end is one too.
 * False: there is none (yet), or log_reader_fault says what is wrong. */
bool log_reader_next(struct log_reader *reader, bool ended, struct log_line *line);

/* What is wrong with the stream, or the engine's own message in it (a SYSTEM_ERROR frame); NULL. */
const char *log_reader_fault(const struct log_reader *reader);

/* Bytes that have not been handed out. */
size_t log_reader_held(const struct log_reader *reader);

/* Where the lines that were handed out have ended. */
struct log_place log_reader_place(const struct log_reader *reader);

#endif
