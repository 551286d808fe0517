/* What went wrong with the file, for people: what, why, what to do next. */
#include "store/internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

/* Bytes that are free where the file is. */
static unsigned long long free_bytes(const struct store *store) {
    struct statvfs disk;
    char directory[4096];
    snprintf(directory, sizeof directory, "%s", store->real ? store->real : store->path);
    char *slash = strrchr(directory, '/');
    if (slash)
        slash[slash == directory] = '\0';
    if (statvfs(slash ? directory : ".", &disk) != 0)
        return 0;
    return (unsigned long long)disk.f_bavail * disk.f_frsize;
}

bool store_fail_errno(const struct store *store, const char *what, int error, struct err *err) {
    enum err_kind kind = ERR_TRANSPORT;
    const char *next = "see what the disk has, and try again";
    char why[120];
    snprintf(why, sizeof why, "%s", strerror(error));
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        snprintf(why, sizeof why, "%s, %llu bytes are free there", strerror(error),
                 free_bytes(store));
        next = "free some space, or name another file (--state)";
        break;
    case EFBIG:
        next = "raise the limit (ulimit -f)";
        break;
    case EACCES:
    case EPERM:
        kind = ERR_DENIED;
        next = "run as the user whom it belongs to, or name another file (--state)";
        break;
    case EROFS:
        kind = ERR_DENIED;
        next = "it can only be read there; name another file (--state) to write";
        break;
    case EMFILE:
    case ENFILE:
        next = "raise the limit of open files (ulimit -n)";
        break;
    case ENOMEM:
        next = "free some memory";
        break;
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
        kind = ERR_INVALID;
        next = "name another file (--state)";
        break;
    default:
        break;
    }
    err_set(err, kind, "cannot %s the state file %s: %s; %s", what, store->path, why, next);
    return false;
}

/* The errno that is behind the result, 0 when there is none. SQLite does not keep that of a commit:
 * then it is `last`, what its last failed call has left. */
static int errno_of(const struct store *store, int rc, int last) {
    int kept = store->db ? sqlite3_system_errno(store->db) : 0;
    int known = kept ? kept : last;
    if (rc == SQLITE_FULL || rc == SQLITE_IOERR_SHMSIZE)
        return ENOSPC; /* for the shared memory's file it keeps no errno */
    if ((rc & 0xff) == SQLITE_NOMEM)
        return ENOMEM;
    if ((rc & 0xff) == SQLITE_READONLY)
        return known ? known : EROFS;
    return (rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN ? known : 0;
}

bool store_fail(const struct store *store, const char *what, int rc, struct err *err) {
    int last = errno;
    const char *said = store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(rc);
    int error = errno_of(store, rc, last);
    if (error)
        return store_fail_errno(store, what, error, err);
    switch (rc & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_ERROR: /* a table is missing */
        err_set(err, ERR_INVALID,
                "the state file %s is damaged: %s (SQLite %d); move it away and put a copy in its "
                "place, or save what can be read: sqlite3 FILE .recover",
                store->path, said, rc);
        break;
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
        err_set(err, ERR_INVALID, "cannot %s the state file %s: it does not take that: %s", what,
                store->path, said);
        break;
    case SQLITE_BUSY:
        err_set(err, ERR_CONFLICT,
                "cannot %s the state file %s: another program has been busy with it for 5 s; try "
                "again, or see which one it is (fuser)",
                what, store->path);
        break;
    default:
        err_set(err, ERR_TRANSPORT,
                "cannot %s the state file %s: %s (SQLite %d); see what the disk "
                "has, and try again",
                what, store->path, said, rc);
    }
    return false;
}
