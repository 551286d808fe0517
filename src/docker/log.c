#include "docker/log.h"

#include "docker/shapes.h"

#include <stdlib.h>
#include <string.h>

enum {
    TIME_SIZE = 36,       /* "2026-11-22T22:48:50.204636804+01:00" */
    DOCKER_TIME = 30,     /* "2026-11-22T21:48:50.204636804Z" */
    FRAGMENT = 16 * 1024, /* of a longer line, as the engine stores it */
    MESSAGE_LIMIT = 4096, /* of a failure that the engine reports */
    SMALLEST_LINE = 64,
    SOURCES = 2,
};

/* What may cross, and how far the clock of a log may be behind itself. */
#define OVERLAP UINT64_C(1000000000)

/* The line of one source that has not ended, and the time of the last one. */
struct open_line {
    enum frame_source source;
    struct buf text; /* as far as it does not stand in one piece */
    char prefix[TIME_SIZE];
    size_t prefix_length; /* of what may become a time */
    bool in_prefix;
    bool begun;             /* bytes of it have come, or were handed out */
    bool fragmented;        /* it is more than one message of the engine, or was cut */
    size_t fragment;        /* bytes since the last time: a terminal's have no frames that tell */
    int64_t time, end_time; /* of its first fragment, of its last */
    char time_text[TIME_SIZE];
    size_t time_length;
};

struct log_mark {
    int64_t time;
    uint64_t count; /* lines of this time or later that were handed out */
};

struct log_reader {
    bool raw, timed, skipping;
    bool frame_begins; /* with the next piece */
    size_t max_line;
    struct frames frames;
    struct buf held;
    size_t at, piece_length; /* in held: the next byte, and how many are of the same frame */
    struct open_line lines[SOURCES], *current, *given; /* the piece's; whose text was handed out */
    struct buf message;
    const char *fault;
    struct log_place from;
    struct log_mark older, newer; /* two, so that one is always at least OVERLAP old */
    int64_t last;
    uint64_t at_last; /* lines that have this very time; 0: not known */
};

struct log_reader *log_reader_new(bool raw, bool timed, const struct log_place *from,
                                  size_t max_line) {
    struct log_reader *reader = calloc(1, sizeof *reader);
    if (!reader) {
        return NULL;
    }
    reader->raw = raw;
    reader->timed = timed;
    reader->max_line = max_line > SMALLEST_LINE ? max_line : SMALLEST_LINE;
    frames_init(&reader->frames, raw);
    buf_init(&reader->held, SIZE_MAX);
    buf_init(&reader->message, MESSAGE_LIMIT);
    for (size_t i = 0; i < SOURCES; i++) {
        reader->lines[i].source = i == 0 ? FRAME_STDOUT : FRAME_STDERR;
        reader->lines[i].in_prefix = timed;
        reader->lines[i].time = reader->lines[i].end_time = LOG_NO_TIME;
        buf_init(&reader->lines[i].text, SIZE_MAX);
    }
    reader->from = from ? *from : (struct log_place){LOG_NO_TIME, 0, LOG_NO_TIME};
    reader->skipping = timed && reader->from.time != LOG_NO_TIME;
    reader->older = (struct log_mark){reader->from.time, reader->from.count};
    reader->newer = reader->older;
    reader->last = reader->from.last >= reader->from.time ? reader->from.last : LOG_NO_TIME;
    return reader;
}

void log_reader_free(struct log_reader *reader) {
    if (reader) {
        buf_free(&reader->held);
        buf_free(&reader->message);
        for (size_t i = 0; i < SOURCES; i++) {
            buf_free(&reader->lines[i].text);
        }
        free(reader);
    }
}

const char *log_reader_fault(const struct log_reader *reader) {
    return reader->fault;
}

size_t log_reader_held(const struct log_reader *reader) {
    size_t held = reader->held.length - reader->at;
    for (size_t i = 0; i < SOURCES; i++) {
        const struct open_line *open = &reader->lines[i];
        held += open->prefix_length + (reader->given == open ? 0 : open->text.length);
    }
    return held;
}

bool log_reader_feed(struct log_reader *reader, const char *data, size_t length) {
    struct buf *held = &reader->held;
    size_t left = held->length - reader->at;
    /* As in split_feed: no more bytes are moved than were handed out since the last time. */
    if (left == 0 || (length >= held->capacity - held->length && reader->at >= left)) {
        if (left > 0) {
            memmove(held->data, held->data + reader->at, left);
        }
        held->length = left;
        reader->at = 0;
    }
    return buf_append(held, data, length);
}

/* --- how far it came ------------------------------------------------------------------------- */

struct log_place log_reader_place(const struct log_reader *reader) {
    return (struct log_place){reader->older.time, reader->older.count, reader->last};
}

/* A mark stands where no line is open: a later reply that begins there has each line whole. */
static bool may_mark(const struct log_reader *reader, const struct open_line *open) {
    const struct open_line *other = &reader->lines[open == reader->lines];
    return reader->at_last > 0 && !open->fragmented && !other->begun;
}

static void count_line(struct log_reader *reader, const struct open_line *open) {
    int64_t time = open->end_time;
    if (time == LOG_NO_TIME) {
        return;
    }
    if (reader->older.time == LOG_NO_TIME) {
        reader->older.time = reader->newer.time = time;
    }
    reader->older.count += time >= reader->older.time;
    reader->newer.count += time >= reader->newer.time;
    if (time > reader->last) {
        reader->last = time;
        reader->at_last = 1;
    } else if (time == reader->last && reader->at_last > 0) {
        reader->at_last++;
    }
    if (may_mark(reader, open) &&
        (uint64_t)reader->last - (uint64_t)reader->newer.time >= OVERLAP) {
        reader->older = reader->newer;
        reader->newer = (struct log_mark){reader->last, reader->at_last};
    }
}

/* Whether it was handed out before. */
static bool skips(struct log_reader *reader, int64_t time) {
    struct log_place *from = &reader->from;
    if (!reader->skipping || time < from->time) {
        return reader->skipping;
    }
    bool later = from->last >= from->time && time > from->last;
    reader->skipping = from->count > 0 && !later;
    from->count -= reader->skipping;
    if (reader->skipping && time > reader->last) {
        reader->last = time;
    }
    return reader->skipping;
}

/* Whether a line is to be handed out; then it is counted. */
static bool is_new(struct log_reader *reader, const struct open_line *open) {
    if (skips(reader, open->end_time)) {
        return false;
    }
    count_line(reader, open);
    return true;
}

/* --- lines ----------------------------------------------------------------------------------- */

static bool fail(struct log_reader *reader, const char *fault) {
    reader->fault = fault;
    return false;
}

static const char *take(struct log_reader *reader, size_t length) {
    const char *bytes = reader->held.data + reader->at;
    reader->at += length;
    reader->piece_length -= length;
    return bytes;
}

static bool add(struct log_reader *reader, struct open_line *open, const char *text,
                size_t length) {
    open->begun = true;
    return buf_append(&open->text, text, length) || fail(reader, "out of memory");
}

/* Reads the time of a line, or of a further fragment of it. */
static bool set_time(struct open_line *open, const char *text, size_t length) {
    char copy[TIME_SIZE];
    int64_t time;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (strlen(copy) < length || !docker_time(copy, &time)) {
        return false;
    }
    open->end_time = time;
    open->fragmented = open->begun;
    if (!open->begun) {
        open->time = time;
        memcpy(open->time_text, copy, length);
        open->time_length = length;
    }
    open->begun = true;
    open->in_prefix = false;
    open->prefix_length = open->fragment = 0;
    return true;
}

static bool prefix_is_text(struct log_reader *reader, struct open_line *open) {
    size_t length = open->prefix_length;
    open->in_prefix = false;
    open->prefix_length = 0;
    open->fragment = length;
    return length == 0 || add(reader, open, open->prefix, length);
}

/* Takes the time that a line begins with, or, a byte at a time, what there is of it. */
static bool take_prefix(struct log_reader *reader, struct open_line *open) {
    const char *piece = reader->held.data + reader->at;
    if (open->prefix_length == 0 && reader->piece_length > DOCKER_TIME &&
        piece[DOCKER_TIME] == ' ' && set_time(open, piece, DOCKER_TIME)) {
        take(reader, DOCKER_TIME + 1);
        return true;
    }
    while (open->in_prefix && reader->piece_length > 0) {
        char byte = reader->held.data[reader->at];
        if (byte == ' ' && set_time(open, open->prefix, open->prefix_length)) {
            take(reader, 1);
        } else if (byte == ' ' || byte == '\n' || open->prefix_length == TIME_SIZE - 1) {
            return prefix_is_text(reader, open);
        } else {
            open->prefix[open->prefix_length++] = *take(reader, 1);
        }
    }
    return true;
}

/* `text` is what came last of the line; the rest is in open->text. */
static bool give(struct log_reader *reader, struct open_line *open, const char *text, size_t length,
                 struct log_line *line) {
    if (open->text.length > 0) {
        if (!add(reader, open, text, length)) {
            return false;
        }
        text = open->text.data;
        length = open->text.length;
        reader->given = open;
    }
    *line = (struct log_line){.source = open->source, .time = open->time, .text = text};
    line->time_text = open->time_length > 0 ? open->time_text : NULL;
    line->time_length = open->time_length;
    line->length = length;
    return true;
}

static void begin_line(const struct log_reader *reader, struct open_line *open) {
    open->begun = open->fragmented = false;
    open->fragment = 0;
    open->in_prefix = reader->timed && reader->raw;
}

/* Takes what the piece has of a line; true when that is the end of it, or of what fits. */
static bool take_text(struct log_reader *reader, struct open_line *open, struct log_line *line) {
    const char *piece = reader->held.data + reader->at;
    size_t room = open->text.length < reader->max_line ? reader->max_line - open->text.length : 0;
    size_t look = reader->piece_length;
    bool counts = reader->raw && reader->timed;
    if (counts && look > FRAGMENT - open->fragment) {
        look = FRAGMENT - open->fragment;
    }
    const char *end = look > 0 ? memchr(piece, '\n', look <= room ? look : room + 1) : NULL;
    size_t length = end ? (size_t)(end - piece) : look;
    bool cut = length > room;
    length = cut ? room : length;
    take(reader, length + (end && !cut));
    open->fragment += length;
    open->in_prefix = counts && open->fragment == FRAGMENT && !end;
    if (!end && !cut) {
        return add(reader, open, piece, length) && false;
    }
    if (!give(reader, open, piece, length, line)) {
        return false;
    }
    line->cut = cut;
    open->begun = true;
    open->fragmented = open->fragmented || cut;
    if (!cut && reader->raw && line->length > 0 && line->text[line->length - 1] == '\r') {
        line->length--;
    }
    return true;
}

/* The engine's message is what it sent in one frame, whole. */
static bool take_message(struct log_reader *reader) {
    size_t length = reader->piece_length, room = MESSAGE_LIMIT - reader->message.length;
    buf_append(&reader->message, take(reader, length), length < room ? length : room);
    if (reader->frames.left > 0) {
        return true;
    }
    while (reader->message.length > 0 && reader->message.data[reader->message.length - 1] == '\n') {
        reader->message.data[--reader->message.length] = '\0';
    }
    return fail(reader, buf_text(&reader->message));
}

/* The next piece of a frame; false: there is none, or fault is set. */
static bool next_piece(struct log_reader *reader) {
    const char *data = buf_text(&reader->held) + reader->at, *piece;
    size_t length = reader->held.length - reader->at;
    enum frame_source source;
    reader->frame_begins = reader->frame_begins || reader->frames.left == 0;
    bool found =
        frames_next(&reader->frames, &data, &length, &source, &piece, &reader->piece_length);
    reader->at = (size_t)(data - buf_text(&reader->held));
    if (!found) {
        reader->piece_length = 0;
        return fail(reader, reader->frames.fault);
    }
    reader->at -= reader->piece_length;
    if (source == FRAME_SYSTEM_ERROR) {
        return take_message(reader) && next_piece(reader);
    }
    reader->current = &reader->lines[source == FRAME_STDERR];
    /* A frame is one message of the engine, with its time; of a terminal each line is. */
    bool begins = reader->frame_begins;
    reader->frame_begins = false;
    if (begins && reader->timed && !reader->raw) {
        bool done = prefix_is_text(reader, reader->current);
        reader->current->in_prefix = true;
        return done;
    }
    return true;
}

/* The lines that have no end, once nothing more will come. */
static bool last_line(struct log_reader *reader, struct log_line *line) {
    const char *fault = frames_end_fault(&reader->frames);
    if (fault) {
        return fail(reader, fault);
    }
    for (size_t i = 0; i < SOURCES; i++) {
        struct open_line *open = &reader->lines[i];
        if (!prefix_is_text(reader, open)) {
            return false;
        }
        if (open->begun) {
            bool done = give(reader, open, "", 0, line) && is_new(reader, open);
            begin_line(reader, open);
            if (done || reader->fault) {
                return done;
            }
        }
    }
    return false;
}

bool log_reader_next(struct log_reader *reader, bool ended, struct log_line *line) {
    while (!reader->fault) {
        if (reader->given) {
            reader->given->text.length = 0;
            reader->given = NULL;
        }
        if (reader->piece_length == 0 && !next_piece(reader)) {
            break;
        }
        struct open_line *open = reader->current;
        if (open->in_prefix && open->text.length <= reader->max_line &&
            !take_prefix(reader, open)) {
            break;
        }
        /* Frames shorter than a time, and without one, add to the line beside take_text. */
        bool full = open->text.length > reader->max_line;
        if (full ? !give(reader, open, "", 0, line)
                 : open->in_prefix || !take_text(reader, open, line)) {
            continue;
        }
        line->cut = line->cut || full;
        open->fragmented = open->fragmented || full;
        bool done = is_new(reader, open);
        if (!line->cut) {
            begin_line(reader, open);
        }
        if (done) {
            return true;
        }
    }
    return !reader->fault && ended && last_line(reader, line);
}
