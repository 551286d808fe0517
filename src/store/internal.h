/* What the files of this room share. */
#ifndef MOONTIDE_STORE_INTERNAL_H
#define MOONTIDE_STORE_INTERNAL_H

#include "loop/loop.h"
#include "store/store.h"
#include <sqlite3.h>
#include <sys/stat.h>

#define OWNER_KEY "owner"

enum { OWNER_LENGTH = 32, APPLICATION_ID = 0x6D6F6F6E, SUFFIX_MAX = 16 }; /* "moon" */

enum statement { PUT_FACT, PUT_WISH, DROP_WISH, PUT_SLOT, DROP_SLOT, STATEMENTS };

struct store {
    struct loop *loop;
    const char *path; /* as it was given */
    char *real;       /* the same in its directory's real path: SQLite refuses links in it */
    bool read_only;
    bool immutable; /* on a read-only disk, where SQLite can make no shared memory */
    struct stat file;
    sqlite3 *db; /* NULL: ended */
    sqlite3_stmt *statements[STATEMENTS];
    char owner[OWNER_LENGTH + 1];
    char notice[512];
    int lock; /* the descriptor that holds the lock, or -1 */
    struct deadline commit;
    struct store_write *first, **end; /* the queue */
    int64_t keep_ns, keep_bytes;      /* of the journal */
    int64_t untrimmed;                /* rows written since it was last seen to be short enough */
    struct store **link, *next;
};

/* fail.c: false, with err for SQLite's result, or an errno: what could not be done to the file. */
bool store_fail(const struct store *store, const char *what, int rc, struct err *err);
bool store_fail_errno(const struct store *store, const char *what, int error, struct err *err);

/* file.c: the file as the file system has it. */
/* Finds, and unless read-only makes, its directory; sets store->real. */
bool file_resolve(struct store *store, struct err *err);
/* Sets store->file. False with err of kind not_found when there is none, or an empty one. */
bool file_look(struct store *store, struct err *err);
/* Makes what is missing or empty. */
bool file_create(struct store *store, struct err *err);
/* Whether it, and files beside it, may be. */
bool file_may_be_written(const struct store *store, struct err *err);
/* Takes what others may do to it away from them, with a notice. */
bool file_tighten(struct store *store, struct err *err);
/* False with err when it is not there any more, or another. */
bool file_is_there(const struct store *store, struct err *err);
/* store->real with `suffix` ("-wal"), into `out`. */
void file_beside(const struct store *store, const char *suffix, char *out, size_t size);

/* schema.c */
int schema_version(void);
/* A new database's bytes, to be freed with sqlite3_free; NULL with *rc of SQLite. */
unsigned char *schema_image(sqlite3_int64 *size, int *rc);
/* Brings an older one up to date, a transaction for each version. Returns SQLite's result. */
int schema_migrate(sqlite3 *db, int from);
/* A number that a statement gives. */
int schema_number(sqlite3 *db, const char *sql, sqlite3_int64 *number);

/* trim.c: when it is time, takes a step's worth of the oldest rows off a journal that is too old or
 * too long. What goes wrong is left for the next time. */
void journal_trim(struct store *store);
void journal_keep_default(struct store *store);

/* lock.c: the descriptor that holds the lock file's lock; -1, with err as store_lock. */
int lock_take(const struct store *store, long *pid, struct err *err);
/* Whether the file that is locked is still the one that others would lock. */
bool lock_is_good(const struct store *store);
void lock_drop(int fd);

/* write.c */
void write_init(struct store *store);
/* Commits all that is queued. */
void write_flush(struct store *store);

#endif
