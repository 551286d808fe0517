#include "docker/split.h"

#include "base/json.h"

#include <stdint.h>
#include <string.h>

enum { STOPS_STRING = 1, STOPS_BRACKETS = 2, STOPS_SCALAR = 4, BEGINS_SCALAR = 8, SPACE = 16 };

static const unsigned char marks[256] = {
    ['"'] = STOPS_STRING | STOPS_BRACKETS | STOPS_SCALAR,
    ['\\'] = STOPS_STRING,
    ['{'] = STOPS_BRACKETS | STOPS_SCALAR,
    ['}'] = STOPS_BRACKETS | STOPS_SCALAR,
    ['['] = STOPS_BRACKETS | STOPS_SCALAR,
    [']'] = STOPS_BRACKETS | STOPS_SCALAR,
    [','] = STOPS_SCALAR,
    [':'] = STOPS_SCALAR,
    [' '] = SPACE | STOPS_SCALAR,
    ['\t'] = SPACE | STOPS_SCALAR,
    ['\n'] = SPACE | STOPS_SCALAR,
    ['\r'] = SPACE | STOPS_SCALAR,
    ['-'] = BEGINS_SCALAR,
    ['0'] = BEGINS_SCALAR,
    ['1'] = BEGINS_SCALAR,
    ['2'] = BEGINS_SCALAR,
    ['3'] = BEGINS_SCALAR,
    ['4'] = BEGINS_SCALAR,
    ['5'] = BEGINS_SCALAR,
    ['6'] = BEGINS_SCALAR,
    ['7'] = BEGINS_SCALAR,
    ['8'] = BEGINS_SCALAR,
    ['9'] = BEGINS_SCALAR,
    ['t'] = BEGINS_SCALAR,
    ['f'] = BEGINS_SCALAR,
    ['n'] = BEGINS_SCALAR,
};

static bool is(char byte, int mark) {
    return marks[(unsigned char)byte] & mark;
}

void split_init(struct split *split, enum split_form form, size_t max_value, size_t max_held) {
    *split = (struct split){.max_value = max_value < SIZE_MAX ? max_value : SIZE_MAX - 1,
                            .max_held = max_held};
    split->array = form == SPLIT_ARRAY;
    split->expects = split->array ? SPLIT_EXPECTS_ARRAY : SPLIT_EXPECTS_VALUE;
    buf_init(&split->held, max_held < SIZE_MAX / 2 ? max_held * 2 : SIZE_MAX);
}

void split_free(struct split *split) {
    buf_free(&split->held);
    split->start = split->scanned = 0;
}

size_t split_held(const struct split *split) {
    return split->held.length - split->start;
}

/* Only when no more bytes are moved than were handed out since the last time, so that a byte is
 * moved once on average, however small the pieces are. */
static void compact(struct split *split) {
    size_t left = split_held(split);
    if (split->start == 0 || split->start < left) {
        return;
    }
    memmove(split->held.data, split->held.data + split->start, left);
    split->held.length = left;
    split->scanned -= split->start;
    split->start = 0;
}

bool split_feed(struct split *split, const char *data, size_t length) {
    size_t held = split_held(split);
    if (split->fault) {
        return true;
    }
    if (held > split->max_held || length > split->max_held - held) {
        return false;
    }
    if (held == 0 || length >= split->held.capacity - split->held.length) {
        compact(split);
    }
    return buf_append(&split->held, data, length);
}

static enum split_result broken(struct split *split, const char *fault) {
    split->fault = fault;
    return SPLIT_BROKEN;
}

/* Takes a byte between two values: SPLIT_VALUE when one begins with it, SPLIT_MORE when it is a
 * bracket or comma in its place. */
static enum split_result take_between(struct split *split, char byte) {
    if (split->expects == SPLIT_EXPECTS_NOTHING) {
        return broken(split, "there is more after the end of the list");
    }
    if (split->expects == SPLIT_EXPECTS_ARRAY) {
        split->expects = SPLIT_EXPECTS_FIRST;
        return byte == '[' ? SPLIT_MORE : broken(split, "expected a JSON list");
    }
    if (byte == ']' && split->array && split->expects != SPLIT_EXPECTS_VALUE) {
        split->expects = SPLIT_EXPECTS_NOTHING;
        return SPLIT_MORE;
    }
    if (split->expects == SPLIT_EXPECTS_COMMA) {
        split->expects = SPLIT_EXPECTS_VALUE;
        return byte == ',' ? SPLIT_MORE : broken(split, "expected ',' or ']' after an element");
    }
    split->inside = byte == '{' || byte == '[' ? SPLIT_IN_BRACKETS
                    : byte == '"'              ? SPLIT_IN_STRING
                    : is(byte, BEGINS_SCALAR)  ? SPLIT_IN_SCALAR
                                               : SPLIT_BETWEEN;
    return split->inside != SPLIT_BETWEEN ? SPLIT_VALUE : broken(split, "expected a JSON value");
}

/* Moves `start` to where a value begins. */
static enum split_result find_start(struct split *split) {
    const char *data = split->held.data;
    size_t pos = split->scanned, length = split->held.length;
    enum split_result result = SPLIT_MORE;
    while (pos < length && result == SPLIT_MORE) {
        if (!is(data[pos], SPACE)) {
            result = take_between(split, data[pos]);
        }
        pos++;
    }
    split->scanned = pos;
    split->start = pos;
    if (result == SPLIT_VALUE) {
        split->start--;
        split->depth = split->inside == SPLIT_IN_BRACKETS;
    } else if (result == SPLIT_MORE && split->expects == SPLIT_EXPECTS_NOTHING) {
        return SPLIT_END;
    }
    return result;
}

static size_t skip(const char *data, size_t pos, size_t end, int mark) {
    while (pos < end && !is(data[pos], mark)) {
        pos++;
    }
    return pos;
}

/* Takes the byte that stopped the skipping; true when the value ends before `*pos`. */
static bool take_inside(struct split *split, const char *data, size_t *pos) {
    if (split->inside == SPLIT_IN_SCALAR) {
        return true;
    }
    char byte = data[(*pos)++];
    if (split->inside == SPLIT_IN_STRING) {
        split->escaped = byte == '\\';
        split->inside = split->escaped ? SPLIT_IN_STRING : SPLIT_IN_BRACKETS;
        return !split->escaped && split->depth == 0;
    }
    if (byte == '"') {
        split->inside = SPLIT_IN_STRING;
    } else if (byte == '{' || byte == '[') {
        split->depth++;
    } else {
        split->depth--;
    }
    return split->depth == 0 && split->inside == SPLIT_IN_BRACKETS;
}

/* Scans on in a value up to `end`; true when it ends there, at `scanned`. */
static bool find_end(struct split *split, size_t end) {
    static const int stops[] = {[SPLIT_IN_SCALAR] = STOPS_SCALAR,
                                [SPLIT_IN_BRACKETS] = STOPS_BRACKETS,
                                [SPLIT_IN_STRING] = STOPS_STRING};
    const char *data = split->held.data;
    size_t pos = split->scanned;
    bool ends = false;
    while (pos < end && !ends && split->depth <= JSON_DEPTH_CEILING) {
        if (split->escaped) {
            split->escaped = false;
            pos++;
        }
        pos = skip(data, pos, end, stops[split->inside]);
        ends = pos < end && take_inside(split, data, &pos);
    }
    split->scanned = pos;
    return ends;
}

enum split_result split_next(struct split *split, const char **value, size_t *length) {
    if (split->fault) {
        return SPLIT_BROKEN;
    }
    if (split->inside == SPLIT_BETWEEN) {
        enum split_result result = find_start(split);
        if (result != SPLIT_VALUE) {
            return result;
        }
    }
    /* A scalar needs the byte after it, which is not its own. */
    size_t room = split->max_value + (split->inside == SPLIT_IN_SCALAR);
    size_t end = split_held(split) > room ? split->start + room : split->held.length;
    if (!find_end(split, end)) {
        return split->depth > JSON_DEPTH_CEILING ? broken(split, "a value is nested too deep")
               : split_held(split) > room        ? broken(split, "a value is longer than the limit")
                                                 : SPLIT_MORE;
    }
    *value = split->held.data + split->start;
    *length = split->scanned - split->start;
    split->start = split->scanned;
    split->inside = SPLIT_BETWEEN;
    split->expects = split->array ? SPLIT_EXPECTS_COMMA : SPLIT_EXPECTS_VALUE;
    return SPLIT_VALUE;
}

const char *split_end_fault(const struct split *split) {
    if (split->fault) {
        return split->fault;
    }
    if (split->inside != SPLIT_BETWEEN) {
        return "the stream ended in the middle of a value";
    }
    if (split->array && split->expects != SPLIT_EXPECTS_NOTHING) {
        return "the stream ended in the middle of a list";
    }
    return NULL;
}
