/* A container's log: the engine's frames, or a terminal's bytes, into lines with their times. Knows
 * how far it came, so that a log can be asked for again from there with no line lost or doubled. No
 * I/O. */
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

/* How far the lines that were handed out went: with `since=` this time the engine gives the last
 * second or more of them once again, in the same order, and so many are to be skipped. One time is
 * not enough to know them by: those of stdout and stderr cross, by microseconds. */
struct log_place {
    int64_t time;   /* ask from here; LOG_NO_TIME: there was no line */
    uint64_t count; /* lines of this time or later that were handed out */
    int64_t last;   /* the latest time of those: a later line is new in any case, also when the
                       engine has thrown older ones away; less than `time`: not known */
};

struct log_reader;

/* `raw`: a terminal's (no frames; its lines end in CR LF). `timed`: each line begins with a time,
 * which is taken off (one without has the time before it); then the lines that `from` covers are
 * skipped (NULL: none). A line longer than `max_line` bytes (at least 64) is cut, at most 36 bytes
 * later, which were looked at for a time. A long line comes
 * from the engine in fragments of 16 KiB, each with a time of its own: they are joined. NULL when
 * out of memory. */
struct log_reader *log_reader_new(bool raw, bool timed, const struct log_place *from,
                                  size_t max_line);
void log_reader_free(struct log_reader *reader);

/* Adds bytes; false when out of memory. */
bool log_reader_feed(struct log_reader *reader, const char *data, size_t length);

/* The next line. `ended`: no more bytes will come, so that a last line without its end is one too.
 * False: there is none (yet), or log_reader_fault says what is wrong. */
bool log_reader_next(struct log_reader *reader, bool ended, struct log_line *line);

/* What is wrong with the stream (at its end only after log_reader_next with `ended`), or the
 * engine's own message in it (a SYSTEM_ERROR frame); NULL. */
const char *log_reader_fault(const struct log_reader *reader);

/* Bytes that have not been handed out. */
size_t log_reader_held(const struct log_reader *reader);

/* How far the lines that were handed out went. */
struct log_place log_reader_place(const struct log_reader *reader);

#endif
