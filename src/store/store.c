/* Opening a state file, and closing it. */
#include "store/store.h"

#include "store/internal.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

enum { HEADER = 100, TEXT_MAX = 16 << 20 };

static struct store *opened; /* for store_end_all */

static const char settings[] = "PRAGMA foreign_keys = ON;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cell_size_check = ON;";

static const char write_settings[] = "PRAGMA journal_mode = WAL;"
                                     "PRAGMA synchronous = FULL;"
                                     "PRAGMA wal_autocheckpoint = 1000;"
                                     "PRAGMA journal_size_limit = 16777216;";

static unsigned number_at(const unsigned char *header, int at) {
    return (unsigned)header[at] << 24 | (unsigned)header[at + 1] << 16 |
           (unsigned)header[at + 2] << 8 | header[at + 3];
}

static bool fail_version(const struct store *store, sqlite3_int64 version, struct err *err) {
    err_set(
        err, ERR_INVALID,
        "the state file %s is of version %lld, and this program knows versions up to %d; use the "
        "newer moontide that has written it, or name another file (--state)",
        store->path, (long long)version, schema_version());
    return false;
}

/* Looks at the first bytes before SQLite does, which would recover, and change, a file of whomever.
 * By SQLite's own descriptor: closing another one would give its locks up (POSIX). */
static bool check_header(struct store *store, struct err *err) {
    unsigned char header[HEADER];
    sqlite3_file *file = NULL;
    int rc = sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (rc == SQLITE_OK)
        rc = file->pMethods->xRead(file, header, HEADER, 0);
    if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
        return store_fail(store, "open", rc, err);
    if (rc == SQLITE_IOERR_SHORT_READ || memcmp(header, "SQLite format 3", 16) != 0) {
        err_set(
            err, ERR_INVALID,
            "%s is not a state file: it is no SQLite database%s; name another file (--state), or "
            "put a copy in its place",
            store->path, rc == SQLITE_OK ? "" : ", or was cut off");
        return false;
    }
    if (number_at(header, 68) != APPLICATION_ID) {
        err_set(err, ERR_INVALID,
                "%s is not a state file: it is the SQLite database of another program "
                "(application_id 0x%08x); name another file (--state)",
                store->path, number_at(header, 68));
        return false;
    }
    unsigned version = number_at(header, 60);
    return version <= (unsigned)schema_version() || fail_version(store, version, err);
}

/* file:PATH?immutable=1 */
static void immutable_uri(const struct store *store, char *out, size_t size) {
    size_t length = (size_t)snprintf(out, size, "file:");
    for (const char *at = store->real; *at && length + 4 < size; at++)
        length += (size_t)snprintf(out + length, size - length,
                                   strchr("%?#", *at) ? "%%%02X" : "%c", (unsigned char)*at);
    snprintf(out + length, size - length, "?immutable=1");
}

static int open_database(struct store *store) {
    char uri[3 * PATH_MAX + 32];
    int flags = store->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    snprintf(uri, sizeof uri, "%s", store->real);
    if (store->immutable)
        immutable_uri(store, uri, sizeof uri);
    int rc = sqlite3_open_v2(uri, &store->db,
                             flags | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE |
                                 (store->immutable ? SQLITE_OPEN_URI : 0),
                             NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_busy_timeout(store->db, 5000);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL); /* not yet ours */
    sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, TEXT_MAX);
    sqlite3_limit(store->db, SQLITE_LIMIT_ATTACHED, 0);
    return rc;
}

static bool close_database(struct store *store) {
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    memset(store->statements, 0, sizeof store->statements);
    sqlite3_close(store->db);
    store->db = NULL;
    return true;
}

static bool fail_damaged(const struct store *store, const char *why, struct err *err) {
    err_set(err, ERR_INVALID,
            "the state file %s is damaged: %s; move it away and put a copy in its place, or save "
            "what can be read: sqlite3 FILE .recover",
            store->path, why);
    return false;
}

static bool is_owner(const char *text) {
    return strlen(text) == OWNER_LENGTH && strspn(text, "0123456789abcdef") == OWNER_LENGTH;
}

static bool read_owner(struct store *store, struct err *err) {
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v2(store->db, "SELECT value FROM meta WHERE key = '" OWNER_KEY "'", -1,
                                &statement, NULL);
    bool row = rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;
    const char *text = row ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (text && is_owner(text))
        memcpy(store->owner, text, OWNER_LENGTH);
    int ended = sqlite3_finalize(statement);
    rc = rc == SQLITE_OK ? ended : rc;
    if (rc != SQLITE_OK)
        return store_fail(store, "open", rc, err);
    return *store->owner || fail_damaged(store, "it has no owner id", err);
}

static bool check_table(struct store *store, const char *sql, struct err *err) {
    sqlite3_stmt *statement;
    bool good = true;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        good = text && strcmp(text, "ok") == 0;
        if (!good)
            fail_damaged(store, text ? text : "it cannot be checked", err);
    }
    int ended = sqlite3_finalize(statement);
    rc = rc == SQLITE_OK ? ended : rc;
    if (rc != SQLITE_OK)
        return store_fail(store, "open", rc, err);
    return good;
}

/* Of what is relied on, every page. The journal, which may be large, is not gone through. */
static bool quick_check(struct store *store, struct err *err) {
    return check_table(store, "PRAGMA quick_check(meta)", err) &&
           check_table(store, "PRAGMA quick_check(desired)", err) &&
           check_table(store, "PRAGMA quick_check(slot)", err);
}

/* The version that counts may stand in the -wal file. */
static bool check_content(struct store *store, struct err *err) {
    sqlite3_int64 version = 0;
    int rc = sqlite3_exec(store->db, settings, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = schema_number(store->db, "PRAGMA user_version", &version);
    if (rc != SQLITE_OK)
        return store_fail(store, "open", rc, err);
    if (version > schema_version())
        return fail_version(store, version, err);
    return version > 0 ? read_owner(store, err) : fail_damaged(store, "it has no version", err);
}

static bool prepare_writing(struct store *store, struct err *err) {
    if (!quick_check(store, err))
        return false;
    int rc = sqlite3_exec(store->db, write_settings, NULL, NULL, NULL);
    sqlite3_int64 version = 0;
    if (rc == SQLITE_OK)
        rc = schema_number(store->db, "PRAGMA user_version", &version);
    if (rc == SQLITE_OK)
        rc = schema_migrate(store->db, (int)version);
    if (rc != SQLITE_OK)
        return store_fail(store, "open", rc, err);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return true;
}

static bool prepare(struct store *store, struct err *err) {
    errno = 0;
    int rc = open_database(store);
    if (rc != SQLITE_OK)
        return store_fail(store, "open", rc, err);
    if (!check_header(store, err))
        return false;
    if (!store->read_only && !file_may_be_written(store, err))
        return false;
    if (!file_tighten(store, err) || !check_content(store, err))
        return false;
    return store->read_only ? true : prepare_writing(store, err);
}

static bool is_read_only_disk(const struct store *store) {
    struct statvfs disk;
    return statvfs(store->real, &disk) == 0 && (disk.f_flag & ST_RDONLY);
}

/* What stands in the -wal file can then not be read: its shared memory cannot be made. */
static void note_immutable(struct store *store) {
    struct stat wal;
    char path[PATH_MAX];
    file_beside(store, "-wal", path, sizeof path);
    if (stat(path, &wal) == 0 && wal.st_size > 0)
        snprintf(store->notice, sizeof store->notice,
                 "the state file %s is on a read-only disk: its newest entries, which are still in "
                 "its -wal file, cannot be read",
                 store->path);
}

static bool open_file(struct store *store, struct err *err) {
    if (!file_resolve(store, err))
        return false;
    if (!file_look(store, err) &&
        (err->kind != ERR_NOT_FOUND || store->read_only || !file_create(store, err)))
        return false;
    if (prepare(store, err))
        return true;
    if (!store->read_only || err->kind == ERR_INVALID || !is_read_only_disk(store))
        return false;
    close_database(store);
    store->immutable = true;
    note_immutable(store);
    return prepare(store, err);
}

static void end(struct store *store) {
    write_flush(store);
    if (!store->link)
        return;
    close_database(store);
    lock_drop(store->lock);
    store->lock = -1;
    *store->link = store->next;
    if (store->next)
        store->next->link = store->link;
    store->link = NULL;
}

struct store *store_open(struct loop *loop, const char *path, bool read_only, struct err *err) {
    size_t size = strlen(path) + 1;
    struct store *store = calloc(1, sizeof *store + size);
    if (!store) {
        err_set(err, ERR_TRANSPORT, "cannot open the state file %s: out of memory", path);
        return NULL;
    }
    store->path = memcpy(store + 1, path, size);
    store->loop = loop;
    store->read_only = read_only;
    store->lock = -1;
    write_init(store);
    journal_keep_default(store);
    if (!open_file(store, err)) {
        close_database(store);
        free(store->real);
        free(store);
        return NULL;
    }
    store->link = &opened;
    store->next = opened;
    if (opened)
        opened->link = &store->next;
    opened = store;
    return store;
}

void store_close(struct store *store) {
    if (!store)
        return;
    end(store);
    free(store->real);
    free(store);
}

void store_end_all(void) {
    while (opened)
        end(opened);
}

const char *store_path(const struct store *store) {
    return store->path;
}

const char *store_owner(const struct store *store) {
    return store->owner;
}

const char *store_notice(const struct store *store) {
    return store->notice;
}
