/* Changes are queued, and committed together: a commit waits for the disk. */
#include "base/json.h"
#include "store/internal.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { TOGETHER = 100 };

struct store_write {
    struct store_write *next;
    void (*on_done)(void *arg, const struct err *err); /* NULL: abandoned */
    void *arg;
    bool has_fact, has_wish, has_slot, failed;
    struct store_fact fact;
    struct store_wish wish;
    struct store_slot slot;
    struct err err;
    char texts[]; /* of all three */
};

static const char *const sql[STATEMENTS] = {
    [PUT_FACT] = "INSERT INTO journal (time, kind, engine, target, reason, data)"
                 " VALUES (?, ?, ?, ?, ?, ?)",
    [PUT_WISH] = "INSERT INTO desired (engine, image, record) VALUES (?, ?, ?)"
                 " ON CONFLICT DO UPDATE SET record = excluded.record",
    [DROP_WISH] = "DELETE FROM desired WHERE engine = ? AND image = ?",
    [PUT_SLOT] = "INSERT INTO slot (engine, image, name, container_id, state, time)"
                 " VALUES (?, ?, ?, ?, ?, ?)"
                 " ON CONFLICT DO UPDATE SET image = excluded.image, state = excluded.state,"
                 " container_id = excluded.container_id, time = excluded.time",
    [DROP_SLOT] = "DELETE FROM slot WHERE engine = ? AND name = ?",
};

/* --- the queue ---------------------------------------------------------------- */

enum { TEXTS = 13 };

/* The places of a change's texts. */
static void places(struct store_write *write, const char **out[TEXTS]) {
    const char **all[TEXTS] = {
        &write->fact.kind,   &write->fact.engine, &write->fact.target, &write->fact.reason,
        &write->fact.data,   &write->wish.engine, &write->wish.image,  &write->wish.record,
        &write->slot.engine, &write->slot.image,  &write->slot.name,   &write->slot.container_id,
        &write->slot.state,
    };
    memcpy(out, all, sizeof all);
}

static void take(struct store_write *write, const struct store_change *change) {
    write->has_fact = change->fact != NULL;
    write->has_wish = change->wish != NULL;
    write->has_slot = change->slot != NULL;
    if (change->fact)
        write->fact = *change->fact;
    if (change->wish)
        write->wish = *change->wish;
    if (change->slot)
        write->slot = *change->slot;
}

/* A copy with texts of its own. */
static struct store_write *copy(const struct store_change *change) {
    struct store_write one = {0};
    const char **from[TEXTS];
    size_t length = 0;
    take(&one, change);
    places(&one, from);
    for (int i = 0; i < TEXTS; i++)
        length += *from[i] ? strlen(*from[i]) + 1 : 0;
    struct store_write *write = malloc(sizeof *write + length);
    if (!write)
        return NULL;
    *write = one;
    places(write, from);
    char *at = write->texts;
    for (int i = 0; i < TEXTS; i++) {
        if (!*from[i])
            continue;
        size_t size = strlen(*from[i]) + 1;
        *from[i] = memcpy(at, *from[i], size);
        at += size;
    }
    return write;
}

struct store_write *store_write(struct store *store, const struct store_change *change,
                                void (*on_done)(void *arg, const struct err *err), void *arg) {
    struct store_write *write = copy(change);
    if (!write)
        return NULL;
    write->on_done = on_done;
    write->arg = arg;
    *store->end = write;
    store->end = &write->next;
    if (!store->commit.armed)
        loop_arm(store->loop, &store->commit, loop_now(store->loop));
    return write;
}

void store_abandon(struct store_write *write) {
    write->on_done = NULL;
}

/* Those of the next commit, taken off the queue. */
static struct store_write *next_batch(struct store *store) {
    struct store_write *batch = store->first, **at = &store->first;
    for (int n = 0; *at && n < TOGETHER; n++)
        at = &(*at)->next;
    store->first = *at;
    *at = NULL;
    if (!store->first)
        store->end = &store->first;
    return batch;
}

/* --- the commit --------------------------------------------------------------- */

/* Runs a statement with texts, after the number `time` in front or behind them. */
static int run(struct store *store, enum statement which, const char *const *texts, int n,
               int time_at, int64_t time) {
    sqlite3_stmt **statement = &store->statements[which];
    int rc = SQLITE_OK;
    if (!*statement)
        rc = sqlite3_prepare_v3(store->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, statement,
                                NULL);
    for (int i = 0, at = 1; i < n && rc == SQLITE_OK; i++, at++) {
        at += at == time_at;
        rc = sqlite3_bind_text(*statement, at, texts[i], -1, SQLITE_STATIC);
    }
    if (time_at && rc == SQLITE_OK)
        rc = sqlite3_bind_int64(*statement, time_at, time);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_step(*statement);
    return sqlite3_reset(*statement);
}

static int put_fact(struct store *store, const struct store_fact *fact) {
    const char *texts[] = {fact->kind, fact->engine, fact->target, fact->reason, fact->data};
    return run(store, PUT_FACT, texts, 5, 1, fact->time);
}

static int put_wish(struct store *store, const struct store_wish *wish) {
    const char *texts[] = {wish->engine, wish->image, wish->record};
    return wish->record ? run(store, PUT_WISH, texts, 3, 0, 0)
                        : run(store, DROP_WISH, texts, 2, 0, 0);
}

static int put_slot(struct store *store, const struct store_slot *slot) {
    const char *texts[] = {slot->engine, slot->image, slot->name, slot->container_id, slot->state};
    const char *name[] = {slot->engine, slot->name};
    return slot->container_id ? run(store, PUT_SLOT, texts, 5, 6, slot->time)
                              : run(store, DROP_SLOT, name, 2, 0, 0);
}

static int execute(struct store *store, const char *text) {
    return sqlite3_exec(store->db, text, NULL, NULL, NULL);
}

/* Not a CHECK of the tables: SQLite does not trust its own json_valid there. */
static bool is_json(const struct store *store, const char *text, struct err *err) {
    struct json_error why;
    if (!text || json_scan(text, strlen(text), &json_strict, &why))
        return true;
    err_set(err, ERR_INVALID, "cannot write the state file %s: what is given is no JSON: %s",
            store->path, why.reason); /* not the text: there may be secrets in it */
    return false;
}

/* All of it or nothing. What the file does not take is that change's own failure: the others of the
 * commit go on. */
static int apply(struct store *store, struct store_write *write) {
    write->failed = !is_json(store, write->fact.data, &write->err) ||
                    !is_json(store, write->wish.record, &write->err);
    if (write->failed)
        return SQLITE_OK;
    int rc = execute(store, "SAVEPOINT change");
    if (rc == SQLITE_OK && write->has_fact)
        rc = put_fact(store, &write->fact);
    if (rc == SQLITE_OK && write->has_wish)
        rc = put_wish(store, &write->wish);
    if (rc == SQLITE_OK && write->has_slot)
        rc = put_slot(store, &write->slot);
    if (((rc & 0xff) == SQLITE_CONSTRAINT || rc == SQLITE_TOOBIG) &&
        !sqlite3_get_autocommit(store->db)) {
        write->failed = true;
        store_fail(store, "write", rc, &write->err);
        rc = execute(store, "ROLLBACK TO change");
    }
    return rc == SQLITE_OK ? execute(store, "RELEASE change") : rc;
}

static bool may_write(struct store *store, struct err *err) {
    long pid;
    if (store->lock < 0) {
        err_set(err, ERR_CONFLICT, "cannot write the state file %s: it is not locked", store->path);
        return false;
    }
    return store_lock(store, &pid, err); /* also when others have deleted what is locked */
}

static bool commit(struct store *store, struct store_write *batch, struct err *err) {
    if (!may_write(store, err))
        return false;
    errno = 0;
    int rc = execute(store, "BEGIN IMMEDIATE");
    for (struct store_write *write = batch; write && rc == SQLITE_OK; write = write->next)
        rc = apply(store, write);
    if (rc == SQLITE_OK)
        rc = execute(store, "COMMIT");
    if (rc == SQLITE_OK)
        return true;
    store_fail(store, "write", rc, err);
    if (!sqlite3_get_autocommit(store->db))
        execute(store, "ROLLBACK");
    return false;
}

static void commit_batch(struct store *store) {
    struct err err;
    struct store_write *batch = next_batch(store), *next;
    bool done = commit(store, batch, &err);
    for (struct store_write *write = batch; write; write = next) {
        next = write->next;
        store->untrimmed += write->has_fact;
        if (write->on_done)
            write->on_done(write->arg, !done ? &err : write->failed ? &write->err : NULL);
        free(write);
    }
}

static void on_commit(struct deadline *deadline) {
    struct store *store = (struct store *)((char *)deadline - offsetof(struct store, commit));
    commit_batch(store);
    journal_trim(store);
    if (store->first)
        loop_arm(store->loop, &store->commit, loop_now(store->loop));
}

void write_init(struct store *store) {
    store->commit.fire = on_commit;
    store->end = &store->first;
}

void write_flush(struct store *store) {
    while (store->first)
        commit_batch(store);
    loop_disarm(store->loop, &store->commit);
}
