/* The journal is kept for 30 days, and up to 1 GiB of file. */
#include "store/internal.h"

#define STEP       500 /* rows at a time, since each holds up the loop */
#define STEP_TEXT  "500"
#define KEEP_NS    (INT64_C(30) * 24 * 3600 * LOOP_SECOND)
#define KEEP_BYTES (INT64_C(1) << 30)

void journal_keep_default(struct store *store) {
    store->keep_ns = KEEP_NS;
    store->keep_bytes = KEEP_BYTES;
    store->untrimmed = STEP; /* so the first commit looks */
}

static bool is_too_old(struct store *store, int64_t before) {
    sqlite3_int64 oldest;
    const char *sql = "SELECT ifnull(min(time), 9223372036854775807) FROM journal";
    return schema_number(store->db, sql, &oldest) == SQLITE_OK && oldest < before;
}

/* What is free in the file will be used again. */
static bool is_too_long(struct store *store) {
    sqlite3_int64 pages = 0, unused = 0, size = 0;
    return schema_number(store->db, "PRAGMA page_count", &pages) == SQLITE_OK &&
           schema_number(store->db, "PRAGMA freelist_count", &unused) == SQLITE_OK &&
           schema_number(store->db, "PRAGMA page_size", &size) == SQLITE_OK &&
           (pages - unused) * size > store->keep_bytes;
}

/* A step's worth, of those before a time. */
static bool drop_oldest(struct store *store, int64_t before) {
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v2(store->db,
                                "DELETE FROM journal WHERE seq IN (SELECT seq FROM journal"
                                " WHERE time < ? ORDER BY time LIMIT " STEP_TEXT ")",
                                -1, &statement, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(statement, 1, before);
    if (rc == SQLITE_OK)
        sqlite3_step(statement);
    rc = sqlite3_finalize(statement);
    return rc == SQLITE_OK && sqlite3_changes(store->db) == STEP;
}

void journal_trim(struct store *store) {
    if (store->untrimmed < STEP || !lock_is_good(store))
        return;
    int64_t before = loop_unix(store->loop) - store->keep_ns;
    bool old = is_too_old(store, before);
    bool more = old || is_too_long(store);
    if (more)
        more = drop_oldest(store, old ? before : INT64_MAX);
    store->untrimmed = more ? STEP : 0;
}
