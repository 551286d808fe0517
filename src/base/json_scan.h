/* The scanner behind base/json.h: for base/json*.c only. */
#ifndef MOONTIDE_BASE_JSON_SCAN_H
#define MOONTIDE_BASE_JSON_SCAN_H

#include "base/json.h"

/* Called, in order, for text that json-c would lose something of: `length` bytes at `offset` should
 * reach it as `replacement`. Everything before has been scanned. Returns false to stop. */
typedef bool json_patch(void *context, size_t offset, size_t length, const char *replacement);

struct json_scan {
    const char *text;
    size_t length;
    size_t pos; /* where it went wrong, after a failure */
    const struct json_rules *rules;
    json_patch *patch; /* may be NULL */
    void *context;
    const char *reason;
    unsigned depth, deepest;
    unsigned char objects[JSON_DEPTH_CEILING / 8 + 1]; /* a bit per level: 1 object, 0 array */
};

/* Scans the whole text; the caller has set `text` to `context`, the rest is 0. */
bool json_scan_run(struct json_scan *scan);

/* Scans the number at `pos`. */
bool json_scan_number(struct json_scan *scan);

/* The byte at `pos`, -1 at the end. */
int json_scan_peek(const struct json_scan *scan);

/* Sets the reason and returns false. */
bool json_scan_fail(struct json_scan *scan, const char *reason);

#endif
