#include "store/internal.h"

#include <errno.h>

enum { COLUMNS_MAX = 7 };

/* The last so many are found by their numbers, and read in order. */
#define THOSE                                                                                      \
    " (?1 IS NULL OR engine = ?1) AND (?2 IS NULL OR instr(target, ?2) > 0)"                       \
    " AND time >= ?3 AND time <= ?4 "

static const struct {
    const char *sql;
    int columns;
} queries[] = {
    [STORE_WISHES] = {"SELECT engine, image, record FROM desired"
                      " WHERE (?1 IS NULL OR engine = ?1) AND (?2 IS NULL OR image = ?2)"
                      " ORDER BY engine, image",
                      3},
    [STORE_SLOTS] = {"SELECT engine, image, name, container_id, state, time FROM slot"
                     " WHERE (?1 IS NULL OR engine = ?1) AND (?2 IS NULL OR image = ?2)"
                     " ORDER BY engine, time, name",
                     6},
    [STORE_FACTS] = {"SELECT seq, time, kind, engine, target, reason, data FROM journal"
                     " WHERE" THOSE "AND seq >= ifnull((SELECT min(seq) FROM (SELECT seq FROM"
                     " journal WHERE ?5 > 0 AND" THOSE "ORDER BY seq DESC LIMIT ?5)), 0)"
                     " ORDER BY seq",
                     7},
};

static int bind(sqlite3_stmt *statement, const struct store_query *query) {
    int rc = sqlite3_bind_text(statement, 1, query->engine, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(statement, 2, query->image, -1, SQLITE_STATIC);
    if (rc != SQLITE_OK || query->of != STORE_FACTS)
        return rc;
    sqlite3_bind_int64(statement, 3, query->since ? query->since : INT64_MIN);
    sqlite3_bind_int64(statement, 4, query->until ? query->until : INT64_MAX);
    return sqlite3_bind_int64(statement, 5, query->limit);
}

/* False when memory ran out. */
static bool read_row(sqlite3_stmt *statement, int n, const char *columns[COLUMNS_MAX]) {
    for (int i = 0; i < n; i++) {
        columns[i] = (const char *)sqlite3_column_text(statement, i);
        if (!columns[i])
            return false;
    }
    return true;
}

bool store_read(struct store *store, const struct store_query *query,
                bool (*each)(void *arg, const char *const *columns), void *arg, struct err *err) {
    const char *columns[COLUMNS_MAX];
    sqlite3_stmt *statement = NULL;
    int n = queries[query->of].columns;
    bool wanted = true;
    if (!store->db)
        return store_fail_errno(store, "read", EBADF, err);
    errno = 0;
    int rc = sqlite3_prepare_v2(store->db, queries[query->of].sql, -1, &statement, NULL);
    if (rc == SQLITE_OK)
        rc = bind(statement, query);
    while (rc == SQLITE_OK && wanted && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        rc = read_row(statement, n, columns) ? SQLITE_OK : SQLITE_NOMEM;
        wanted = rc == SQLITE_OK && each(arg, columns);
    }
    if (rc != SQLITE_OK && rc != SQLITE_DONE)
        store_fail(store, "read", rc, err);
    sqlite3_finalize(statement);
    return wanted && rc == SQLITE_DONE;
}
