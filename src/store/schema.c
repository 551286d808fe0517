/* What a state file holds, version by version. */
#include "store/internal.h"

#include <stdio.h>
#include <sys/random.h>

/* Each brings a database from the version of its index to the next. Never change one that was
 * released: append. */
static const char *const migrations[] = {
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE desired ("
    " engine TEXT NOT NULL,"
    " image TEXT NOT NULL CHECK (image <> ''),"
    " record TEXT NOT NULL,"
    " PRIMARY KEY (engine, image)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE slot ("
    " engine TEXT NOT NULL,"
    " image TEXT NOT NULL CHECK (image <> ''),"
    " name TEXT NOT NULL CHECK (name <> ''),"
    " container_id TEXT NOT NULL,"
    " state TEXT NOT NULL CHECK (state IN ('intended', 'made', 'adopted', 'removing')),"
    " time INTEGER NOT NULL,"
    " PRIMARY KEY (engine, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE journal ("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT," /* a number is never used again */
    " time INTEGER NOT NULL,"
    " kind TEXT NOT NULL CHECK (kind <> ''),"
    " engine TEXT NOT NULL,"
    " target TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " data TEXT NOT NULL) STRICT;"
    "CREATE INDEX journal_time ON journal (time);"
    "CREATE TRIGGER journal_is_append_only BEFORE UPDATE ON journal"
    " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;",
};

int schema_version(void) {
    return (int)(sizeof migrations / sizeof *migrations);
}

int schema_number(sqlite3 *db, const char *sql, sqlite3_int64 *number) {
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    int ended = sqlite3_finalize(statement);
    return rc == SQLITE_OK ? ended : rc;
}

int schema_migrate(sqlite3 *db, int from) {
    int rc = SQLITE_OK;
    for (int version = from; version < schema_version() && rc == SQLITE_OK; version++) {
        char marks[80];
        snprintf(marks, sizeof marks,
                 "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", APPLICATION_ID,
                 version + 1);
        rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        if (rc == SQLITE_OK)
            rc = sqlite3_exec(db, migrations[version], NULL, NULL, NULL);
        if (rc == SQLITE_OK)
            rc = sqlite3_exec(db, marks, NULL, NULL, NULL);
        if (rc != SQLITE_OK && !sqlite3_get_autocommit(db))
            sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    return rc;
}

static int add_owner(sqlite3 *db) {
    unsigned char id[OWNER_LENGTH / 2];
    char sql[120], hex[OWNER_LENGTH + 1];
    if (getrandom(id, sizeof id, 0) != sizeof id) /* whole, for so few bytes */
        return SQLITE_IOERR;
    for (size_t i = 0; i < sizeof id; i++)
        snprintf(hex + 2 * i, 3, "%02x", id[i]);
    snprintf(sql, sizeof sql, "INSERT INTO meta VALUES ('" OWNER_KEY "', '%s')", hex);
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

unsigned char *schema_image(sqlite3_int64 *size, int *rc) {
    unsigned char *image = NULL;
    sqlite3 *db;
    *rc = sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE, NULL);
    if (*rc == SQLITE_OK)
        *rc = schema_migrate(db, 0);
    if (*rc == SQLITE_OK)
        *rc = add_owner(db);
    if (*rc == SQLITE_OK) {
        image = sqlite3_serialize(db, "main", size, 0);
        *rc = image ? SQLITE_OK : SQLITE_NOMEM;
    }
    sqlite3_close(db);
    return image;
}
