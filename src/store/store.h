/* The state file: wishes, names, and the journal of what was done (SQLite, WAL). One writer at a
 * time, by a lock beside it; readers always work. A commit waits for the disk, so there is at most
 * one in a turn of the loop. */
#ifndef MOONTIDE_STORE_STORE_H
#define MOONTIDE_STORE_STORE_H

#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

struct loop;
struct store;
struct store_write;

/* Opens it, or makes it: the file 0600, a missing directory 0700, a new owner id. NULL, with err,
 * for what is no state file of ours, is newer, damaged, or cannot be written. `read_only`: makes
 * and changes nothing, and takes a file of a read-only disk, too; not_found when there is none. */
struct store *store_open(struct loop *loop, const char *path, bool read_only, struct err *err);
void store_close(struct store *store); /* what is queued is committed; not from on_done */
void store_end_all(void);              /* what store_close does, but free: the program ends */

const char *store_path(const struct store *store);
const char *store_owner(const struct store *store);  /* 32 hex digits */
const char *store_notice(const struct store *store); /* what the user should know of it, or "" */

/* Takes the lock that all who write to this file share, for as long as this process lives or until
 * store_unlock. Never waits. False with err of kind conflict, and *pid (0: not known), when another
 * holds it; then try again later. Every writing below needs it. */
bool store_lock(struct store *store, long *pid, struct err *err);
void store_unlock(struct store *store); /* after a commit of what is queued */

/* --- what is written: queued, and done when it is on the disk ------------- */

struct store_fact {              /* a row of the journal */
    int64_t time;                /* Unix ns */
    const char *kind;            /* "create", "scale", ... */
    const char *engine, *target; /* image or container; "" when it is about none */
    const char *reason, *data;   /* data: JSON */
};

struct store_wish { /* the desired state of an image on an engine */
    const char *engine, *image;
    const char *record; /* JSON; NULL: the wish is forgotten */
};

struct store_slot { /* a container's name, noted before it is made */
    const char *engine, *image, *name;
    const char *container_id; /* "": not known yet; NULL: the name is given up */
    const char *state;        /* "intended", "made", "adopted", "removing" */
    int64_t time;
};

struct store_change { /* what is not NULL is written, all or nothing */
    const struct store_fact *fact;
    const struct store_wish *wish;
    const struct store_slot *slot;
};

/* Queues the change; the texts are copied. The commit happens in the loop's next turn, with what
 * else is queued then (at most 100 changes). on_done(arg, err) once, err NULL when it is on the
 * disk; never from inside store_write. NULL when out of memory. */
struct store_write *store_write(struct store *store, const struct store_change *change,
                                void (*on_done)(void *arg, const struct err *err), void *arg);
/* on_done is not called any more; the change is written all the same. */
void store_abandon(struct store_write *write);

struct store_query {
    enum { STORE_WISHES, STORE_SLOTS, STORE_FACTS } of;
    const char *engine, *image; /* NULL: any; `image` of facts: any part of target */
    int64_t since, until;       /* facts: Unix ns, both included; 0: no bound */
    int64_t limit;              /* facts: the newest so many; 0: all */
};

/* Calls each(arg, columns) for every row, in order (facts: oldest first). Columns are texts, never
 * NULL, in the order of the structs above; times in decimal; facts have their number in front.
 * False with err when reading fails, or when each returns false (then err is untouched). */
bool store_read(struct store *store, const struct store_query *query,
                bool (*each)(void *arg, const char *const *columns), void *arg, struct err *err);

#endif
