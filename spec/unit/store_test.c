/* The state file: what is committed together, who may write, what is kept, and what a failing disk
 * or a failing allocation leaves. */
#include "store/internal.h"

#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct loop *loop;
static char directory[64], path[80];

static void begin(void) {
    snprintf(directory, sizeof directory, "%s/mt-store.XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"); /* quick to sync */
    CHECK(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/state.db", directory);
    loop = loop_new();
}

static void finish(void) {
    char command[80];
    loop_free(loop);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    CHECK_INT(system(command), 0);
}

static struct store *open_store(void) {
    struct err err = {0};
    struct store *store = store_open(loop, path, false, &err);
    CHECK_STR(err.kind == ERR_NOT_FOUND ? "" : err.message, ""); /* it is made, or was there */
    CHECK(store != NULL);
    return store;
}

static struct store *open_locked(void) {
    struct err err;
    struct store *store = open_store();
    CHECK(store_lock(store, NULL, &err));
    return store;
}

/* --- writing -------------------------------------------------------------------- */

static int done, failed;
static struct err last;

static void on_done(void *arg, const struct err *err) {
    if (arg)
        ++*(int *)arg;
    done++;
    failed += err != NULL;
    if (err)
        last = *err;
}

static int64_t now(void) {
    return loop_unix(loop);
}

static struct store_write *write_fact_at(struct store *store, const char *kind, int64_t time) {
    struct store_fact fact = {
        .time = time, .kind = kind, .engine = "e", .target = kind, .reason = "", .data = "{}"};
    return store_write(store, &(struct store_change){.fact = &fact}, on_done, NULL);
}

static struct store_write *write_fact(struct store *store, const char *kind) {
    return write_fact_at(store, kind, now());
}

static void run(void) {
    loop_run(loop);
}

/* --- reading -------------------------------------------------------------------- */

static char rows[4096];
static int row_count, row_limit;

static bool each(void *arg, const char *const *columns) {
    int column = *(int *)arg; /* the one that is kept */
    size_t used = strlen(rows);
    snprintf(rows + used, sizeof rows - used, "%s%s", used ? " " : "", columns[column]);
    return ++row_count != row_limit;
}

/* That column of what is found, and their number in row_count. */
static const char *read_rows(struct store *store, struct store_query query, int column) {
    struct err err = {0};
    *rows = '\0';
    row_count = 0;
    bool read = store_read(store, &query, each, &column, &err);
    CHECK(read == (row_count != row_limit || row_limit == 0));
    CHECK_STR(err.message, "");
    return rows;
}

static const char *facts(struct store *store) {
    return read_rows(store, (struct store_query){.of = STORE_FACTS}, 2);
}

static int count_facts(struct store *store) {
    facts(store);
    return row_count;
}

static int commits;

static int count_commit(void *arg) {
    (void)arg;
    commits++;
    return 0;
}

TEST(what_is_queued_is_committed_together) {
    int each_once[250] = {0};
    begin();
    struct store *store = open_locked();
    sqlite3_commit_hook(store->db, count_commit, NULL);
    commits = done = failed = 0;
    for (int i = 0; i < 250; i++) {
        struct store_fact fact = {
            .time = now(), .kind = "k", .engine = "", .target = "", .reason = "", .data = "{}"};
        CHECK(store_write(store, &(struct store_change){.fact = &fact}, on_done, &each_once[i]));
    }
    CHECK_INT(done, 0);
    CHECK_INT(count_facts(store), 0);
    run();
    CHECK_INT(done, 250);
    CHECK_INT(failed, 0);
    CHECK_INT(commits, 3);
    for (int i = 0; i < 250; i++)
        CHECK_INT(each_once[i], 1);
    CHECK_INT(count_facts(store), 250);
    store_close(store);
    finish();
}

static void write_again(void *arg, const struct err *err) {
    (void)err;
    static int left = 3;
    if (left-- > 0) {
        struct store_fact fact = {
            .time = now(), .kind = "again", .engine = "", .target = "", .reason = "", .data = "{}"};
        CHECK(store_write(arg, &(struct store_change){.fact = &fact}, write_again, arg));
    }
}

TEST(what_is_done_may_lead_to_more) {
    begin();
    struct store *store = open_locked();
    write_again(store, NULL);
    run();
    CHECK_STR(facts(store), "again again again");
    store_close(store);
    finish();
}

TEST(a_change_that_is_refused_fails_alone_and_whole) {
    begin();
    struct store *store = open_locked();
    struct store_fact fact = {
        .time = now(), .kind = "bad", .engine = "e", .target = "t", .reason = "", .data = "{}"};
    struct store_wish wish = {.engine = "e", .image = "i", .record = "{}"};
    struct store_slot slot = {
        .engine = "e", .image = "i", .name = "n", .container_id = "", .state = "no such state"};
    done = failed = 0;
    write_fact(store, "first");
    CHECK(store_write(store, &(struct store_change){&fact, &wish, &slot}, on_done, NULL));
    write_fact(store, "last");
    run();
    CHECK_INT(done, 3);
    CHECK_INT(failed, 1);
    CHECK_INT(last.kind, ERR_INVALID);
    CHECK(strstr(last.message,
                 "it does not take that: CHECK constraint failed: state IN ('intended', ") != NULL);
    CHECK_STR(facts(store), "first last");
    read_rows(store, (struct store_query){.of = STORE_WISHES}, 0);
    CHECK_INT(row_count, 0);
    CHECK_STR(read_rows(store, (struct store_query){.of = STORE_FACTS}, 0), "1 2");
    store_close(store);
    finish();
}

TEST(what_is_no_json_is_refused_and_not_shown) {
    begin();
    struct store *store = open_locked();
    struct store_wish wish = {.engine = "e", .image = "i", .record = "{\"PASSWORD\":hunter2}"};
    done = failed = 0;
    store_write(store, &(struct store_change){.wish = &wish}, on_done, NULL);
    run();
    CHECK_INT(failed, 1);
    CHECK_INT(last.kind, ERR_INVALID);
    CHECK(strstr(last.message, "is no JSON") && !strstr(last.message, "hunter2"));
    store_close(store);
    finish();
}

TEST(the_texts_are_copied) {
    char kind[] = "before";
    begin();
    struct store *store = open_locked();
    write_fact(store, kind);
    memset(kind, 'x', sizeof kind - 1);
    run();
    CHECK_STR(facts(store), "before");
    store_close(store);
    finish();
}

TEST(one_that_is_abandoned_is_written_and_says_nothing) {
    begin();
    struct store *store = open_locked();
    done = 0;
    store_abandon(write_fact(store, "abandoned"));
    run();
    CHECK_INT(done, 0);
    CHECK_STR(facts(store), "abandoned");
    store_close(store);
    finish();
}

TEST(unlocking_and_closing_commit_what_is_queued) {
    begin();
    struct store *store = open_locked();
    done = failed = 0;
    write_fact(store, "unlock");
    store_unlock(store);
    CHECK_INT(done, 1);
    struct err err;
    CHECK(store_lock(store, NULL, &err));
    for (int i = 0; i < 150; i++)
        write_fact(store, "close");
    store_close(store);
    CHECK_INT(done, 151);
    CHECK_INT(failed, 0);
    store = open_locked();
    CHECK_INT(count_facts(store), 151);
    write_fact(store, "end");
    store_end_all();
    CHECK_INT(done, 152);
    CHECK(!store_read(store, &(struct store_query){.of = STORE_FACTS}, each, NULL, &err));
    CHECK(!store_lock(store, NULL, &err));
    store_close(store);
    store = open_store();
    CHECK_INT(count_facts(store), 152);
    store_close(store);
    run();
    finish();
}

TEST(without_the_lock_nothing_is_written) {
    begin();
    struct store *store = open_store();
    done = failed = 0;
    write_fact(store, "x");
    run();
    CHECK_INT(failed, 1);
    CHECK_INT(last.kind, ERR_CONFLICT);
    CHECK_INT(count_facts(store), 0);
    store_close(store);
    finish();
}

TEST(nobody_changes_the_journal) {
    begin();
    struct store *store = open_locked();
    write_fact(store, "x");
    run();
    CHECK(sqlite3_exec(store->db, "UPDATE journal SET kind = 'y'", NULL, NULL, NULL) != SQLITE_OK);
    CHECK_STR(facts(store), "x");
    store_close(store);
    finish();
}

TEST(a_slot_is_replaced_and_given_up) {
    begin();
    struct store *store = open_locked();
    struct store_slot slot = {
        .engine = "e", .image = "i", .name = "n", .container_id = "", .state = "intended"};
    store_write(store, &(struct store_change){.slot = &slot}, NULL, NULL);
    slot.container_id = "abc";
    slot.state = "made";
    store_write(store, &(struct store_change){.slot = &slot}, NULL, NULL);
    slot.name = "m";
    slot.engine = "other";
    store_write(store, &(struct store_change){.slot = &slot}, NULL, NULL);
    run();
    struct store_query query = {.of = STORE_SLOTS};
    CHECK_STR(read_rows(store, query, 3), "abc abc");
    CHECK_STR(read_rows(store, query, 4), "made made");
    query.engine = "e";
    CHECK_STR(read_rows(store, query, 2), "n");
    slot = (struct store_slot){.engine = "e", .image = "i", .name = "n"};
    store_write(store, &(struct store_change){.slot = &slot}, NULL, NULL);
    struct store_wish wish = {.engine = "e", .image = "i", .record = "{}"};
    store_write(store, &(struct store_change){.wish = &wish}, NULL, NULL);
    run();
    query.engine = NULL;
    CHECK_STR(read_rows(store, query, 2), "m");
    CHECK_STR(read_rows(store, (struct store_query){.of = STORE_WISHES}, 2), "{}");
    wish.record = NULL;
    store_write(store, &(struct store_change){.wish = &wish}, NULL, NULL);
    run();
    CHECK_STR(read_rows(store, (struct store_query){.of = STORE_WISHES}, 2), "");
    store_close(store);
    finish();
}

TEST(facts_are_found_by_time_target_engine_and_number) {
    begin();
    struct store *store = open_locked();
    int64_t first = now();
    static const char *const kinds[] = {"nginx:1", "redis:7", "my-nginx-2", "%", "NGINX"};
    for (int i = 0; i < 5; i++)
        write_fact_at(store, kinds[i], first + i);
    run();
    struct store_query query = {.of = STORE_FACTS, .since = first + 1};
    CHECK_STR(read_rows(store, query, 2), "redis:7 my-nginx-2 % NGINX");
    query.until = first + 2;
    CHECK_STR(read_rows(store, query, 2), "redis:7 my-nginx-2");
    query = (struct store_query){.of = STORE_FACTS, .image = "nginx"};
    CHECK_STR(read_rows(store, query, 2), "nginx:1 my-nginx-2");
    query.limit = 1;
    CHECK_STR(read_rows(store, query, 2), "my-nginx-2");
    query.image = "%";
    CHECK_STR(read_rows(store, query, 2), "%");
    query = (struct store_query){.of = STORE_FACTS, .engine = "E"};
    CHECK_STR(read_rows(store, query, 2), "");
    query = (struct store_query){.of = STORE_FACTS, .limit = 2};
    CHECK_STR(read_rows(store, query, 0), "4 5");
    row_limit = 3;
    CHECK_STR(read_rows(store, (struct store_query){.of = STORE_FACTS}, 0), "1 2 3");
    row_limit = 0;
    store_close(store);
    finish();
}

/* --- the lock -------------------------------------------------------------------- */

TEST(one_holds_the_lock) {
    struct err err;
    long pid = -1;
    begin();
    struct store *one = open_locked(), *other = open_store();
    CHECK(store_lock(one, NULL, &err)); /* it may be asked for again */
    CHECK(!store_lock(other, &pid, &err));
    CHECK_INT(err.kind, ERR_CONFLICT);
    CHECK_INT(pid, getpid());
    done = failed = 0;
    write_fact(other, "x");
    run();
    CHECK_INT(failed, 1);
    store_unlock(one);
    CHECK(store_lock(other, &pid, &err));
    store_close(other);
    CHECK(store_lock(one, &pid, &err));
    store_close(one);
    finish();
}

static void lock_path(char out[96]) {
    snprintf(out, 96, "%s.lock", path);
}

TEST(a_lock_that_was_deleted_is_taken_again) {
    char lock[96], text[16] = "";
    struct err err;
    begin();
    lock_path(lock);
    struct store *store = open_locked();
    CHECK_INT(unlink(lock), 0);
    done = failed = 0;
    write_fact(store, "x");
    run();
    CHECK_INT(failed, 0);
    FILE *file = fopen(lock, "r");
    CHECK(file && fgets(text, sizeof text, file));
    CHECK_INT(atol(text), getpid());
    if (file)
        fclose(file);
    CHECK(store_lock(store, NULL, &err));
    store_close(store);
    finish();
}

TEST(a_lock_that_was_deleted_and_taken_by_another_is_lost) {
    char lock[96];
    struct err err;
    begin();
    lock_path(lock);
    struct store *one = open_locked();
    CHECK_INT(unlink(lock), 0);
    struct store *other = open_locked();
    done = failed = 0;
    write_fact(one, "one");
    write_fact(other, "other");
    run();
    CHECK_INT(failed, 1);
    CHECK_INT(last.kind, ERR_CONFLICT);
    CHECK(!store_lock(one, NULL, &err));
    CHECK_STR(facts(one), "other");
    store_unlock(other);
    CHECK(store_lock(one, NULL, &err));
    store_close(one);
    store_close(other);
    finish();
}

/* A child that takes the lock and waits to be killed. */
static pid_t start_holder(void) {
    int fds[2];
    char byte;
    CHECK_INT(pipe(fds), 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        struct err err;
        struct loop *own = loop_new();
        struct store *store = store_open(own, path, false, &err);
        byte = store && store_lock(store, NULL, &err) ? 'y' : 'n';
        if (write(fds[1], &byte, 1) == 1)
            pause();
        _exit(1);
    }
    CHECK_INT(read(fds[0], &byte, 1), 1);
    CHECK_INT(byte, 'y');
    close(fds[0]);
    close(fds[1]);
    return pid;
}

TEST(the_kernel_frees_the_lock_of_a_killed_process) {
    struct err err;
    long pid = 0;
    begin();
    pid_t holder = start_holder();
    struct store *store = open_store();
    CHECK(!store_lock(store, &pid, &err));
    CHECK_INT(pid, holder);
    char number[16];
    snprintf(number, sizeof number, "process %d", (int)holder);
    CHECK(strstr(err.message, number) != NULL);
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
    CHECK(store_lock(store, &pid, &err));
    store_close(store);
    finish();
}

TEST(what_the_lock_file_says_is_not_believed) {
    static const char *const texts[] = {
        "", "-1", "99999999999999999999", "abc", "4194304999", "4194305", "0"};
    char lock[96];
    begin();
    lock_path(lock);
    struct store *one = open_locked(), *other = open_store();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct err err;
        long pid = -1;
        FILE *file = fopen(lock, "w");
        CHECK(file && fputs(texts[i], file) >= 0 && fclose(file) == 0);
        unit_case = texts[i];
        CHECK(!store_lock(other, &pid, &err));
        CHECK_INT(pid, 0);
        CHECK(strstr(err.message, "by another process") != NULL);
    }
    store_close(one);
    store_close(other);
    finish();
}

/* --- the file ------------------------------------------------------------------- */

TEST(a_file_that_was_moved_away_is_written_no_more) {
    char moved[96];
    struct err err;
    begin();
    snprintf(moved, sizeof moved, "%s.moved", path);
    struct store *store = open_locked();
    write_fact(store, "before");
    run();
    CHECK_INT(rename(path, moved), 0);
    done = failed = 0;
    write_fact(store, "after");
    run();
    CHECK_INT(failed, 1);
    CHECK_INT(last.kind, ERR_TRANSPORT);
    CHECK(strstr(last.message, "removed, moved or replaced") != NULL);
    CHECK(!store_lock(store, NULL, &err));
    CHECK_STR(facts(store), "before");
    CHECK_INT(rename(moved, path), 0);
    CHECK(store_lock(store, NULL, &err));
    write_fact(store, "back");
    run();
    CHECK_STR(facts(store), "before back");
    store_close(store);
    finish();
}

TEST(old_facts_go_500_at_a_time) {
    static const int left[] = {701, 202, 3, 4};
    begin();
    struct store *store = open_locked();
    store->untrimmed = -10000; /* not yet */
    int64_t old = now() - 31 * 24 * 3600 * LOOP_SECOND;
    for (int i = 0; i < 1200; i++)
        write_fact_at(store, "old", old + i);
    run();
    CHECK_INT(count_facts(store), 1200);
    store_close(store);
    store = open_locked();
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        write_fact(store, "new");
        run();
        CHECK_INT(count_facts(store), left[i]);
    }
    CHECK_STR(facts(store), "new new new new");
    CHECK_STR(read_rows(store, (struct store_query){.of = STORE_FACTS}, 0), "1201 1202 1203 1204");
    store_close(store);
    finish();
}

TEST(a_long_journal_loses_its_oldest) {
    begin();
    struct store *store = open_locked();
    char *data = malloc(1024);
    memset(data, ' ', 1023);
    data[0] = '1';
    data[1023] = '\0';
    store->keep_bytes = 1 << 20;
    for (int i = 0; i < 3000; i++) {
        struct store_fact fact = {
            .time = now() + i, .kind = "k", .engine = "", .target = "", .reason = "", .data = data};
        store_write(store, &(struct store_change){.fact = &fact}, NULL, NULL);
    }
    run();
    int n = count_facts(store);
    CHECK(n < 1600 && n >= 400);
    read_rows(store, (struct store_query){.of = STORE_FACTS, .limit = 1}, 0);
    CHECK_STR(rows, "3000");
    free(data);
    store_close(store);
    finish();
}

/* The header says version 1 still: the newer one is in the -wal file. */
TEST(a_newer_version_is_seen_in_the_wal_file) {
    struct err err;
    begin();
    struct store *store = open_locked();
    CHECK_INT(sqlite3_exec(store->db, "PRAGMA user_version = 7", NULL, NULL, NULL), SQLITE_OK);
    for (int read_only = 0; read_only < 2; read_only++) {
        CHECK(store_open(loop, path, read_only, &err) == NULL);
        CHECK_INT(err.kind, ERR_INVALID);
        CHECK(strstr(err.message, "is of version 7") != NULL);
    }
    CHECK_INT(sqlite3_exec(store->db, "PRAGMA user_version = 1", NULL, NULL, NULL), SQLITE_OK);
    store_close(store);
    store_close(open_store());
    finish();
}

TEST(what_a_deleted_file_has_left_is_not_taken_for_the_new_ones) {
    struct stat wal;
    char wal_path[96];
    begin();
    snprintf(wal_path, sizeof wal_path, "%s-wal", path);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        loop = loop_new();
        write_fact(open_locked(), "old");
        run();
        kill(getpid(), SIGKILL);
    }
    waitpid(pid, NULL, 0);
    CHECK(stat(wal_path, &wal) == 0 && wal.st_size > 0);
    CHECK_INT(unlink(path), 0);
    struct store *store = open_store();
    CHECK_STR(facts(store), "");
    store_close(store);
    finish();
}

TEST(one_without_an_owner_is_damaged) {
    static const char *const changes[] = {"DELETE FROM meta", "UPDATE meta SET value = 'x'",
                                          "DROP TABLE meta"};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct err err;
        begin();
        struct store *store = open_store();
        CHECK_INT(sqlite3_exec(store->db, changes[i], NULL, NULL, NULL), SQLITE_OK);
        store_close(store);
        unit_case = changes[i];
        CHECK(store_open(loop, path, false, &err) == NULL);
        CHECK_INT(err.kind, ERR_INVALID);
        CHECK(strstr(err.message, "is damaged") != NULL);
        finish();
    }
}

TEST(another_program_that_writes_is_waited_for_and_then_told_of) {
    sqlite3 *other;
    begin();
    struct store *store = open_locked();
    CHECK_INT(sqlite3_open(path, &other), SQLITE_OK);
    CHECK_INT(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_busy_timeout(store->db, 20);
    done = failed = 0;
    write_fact(store, "x");
    run();
    CHECK_INT(failed, 1);
    CHECK_INT(last.kind, ERR_CONFLICT);
    CHECK(strstr(last.message, "another program has been busy with it") != NULL);
    CHECK_INT(count_facts(store), 0);
    CHECK_INT(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    write_fact(store, "y");
    run();
    CHECK_STR(facts(store), "y");
    store_close(store);
    finish();
}

/* --- readers ----------------------------------------------------------------------- */

/* A child that writes changes of two parts until it is killed. */
static pid_t start_writer(void) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    struct err err;
    loop = loop_new();
    struct store *store = store_open(loop, path, false, &err);
    for (int i = 0; store && store_lock(store, NULL, &err); i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        struct store_fact fact = {
            .time = now(), .kind = name, .engine = "", .target = "", .reason = "", .data = "{}"};
        struct store_wish wish = {.engine = "e", .image = "newest", .record = name};
        store_write(store, &(struct store_change){.fact = &fact, .wish = &wish}, NULL, NULL);
        run();
    }
    _exit(1);
}

TEST(readers_work_while_another_process_commits) {
    begin();
    store_close(open_store());
    pid_t writer = start_writer();
    struct err err = {0};
    struct store *store = store_open(loop, path, true, &err);
    CHECK_STR(err.message, "");
    int seen = -1, grown = 0;
    for (int i = 0; i < 100000 && grown < 50; i++) {
        struct store_query query = {.of = STORE_FACTS, .limit = 1};
        int fact = atoi(read_rows(store, query, 2)), before = seen;
        query.of = STORE_WISHES;
        seen = atoi(read_rows(store, query, 2));
        CHECK(fact >= before && seen >= fact); /* a wish is never behind its fact */
        grown += seen > before;
    }
    CHECK_INT(grown, 50);
    CHECK_INT(waitpid(writer, NULL, WNOHANG), 0); /* nobody has disturbed it */
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    store_close(store);
    finish();
}

/* --- a disk that fails ------------------------------------------------------------ */

static int calls, fail_at, fail_error;
static bool fail_on;

static bool fail_kills;

static bool fails(void) {
    calls++;
    if (fail_kills && calls == fail_at)
        kill(getpid(), SIGKILL);
    if (!(fail_at && (fail_on ? calls >= fail_at : calls == fail_at)))
        return false;
    errno = fail_error;
    return true;
}

static sqlite3_syscall_ptr originals[10];

#define HOOK(at, result, name, arguments, ...)                                                     \
    static result hook_##name arguments {                                                          \
        return fails() ? (result)-1 : ((result(*) arguments)originals[at])(__VA_ARGS__);           \
    }

HOOK(0, int, open, (const char *file, int flags, int mode), file, flags, mode)
HOOK(1, ssize_t, read, (int fd, void *to, size_t n), fd, to, n)
HOOK(2, ssize_t, pread, (int fd, void *to, size_t n, off_t at), fd, to, n, at)
HOOK(3, ssize_t, pread64, (int fd, void *to, size_t n, off_t at), fd, to, n, at)
HOOK(4, ssize_t, write, (int fd, const void *from, size_t n), fd, from, n)
HOOK(5, ssize_t, pwrite, (int fd, const void *from, size_t n, off_t at), fd, from, n, at)
HOOK(6, ssize_t, pwrite64, (int fd, const void *from, size_t n, off_t at), fd, from, n, at)
HOOK(7, int, ftruncate, (int fd, off_t size), fd, size)
HOOK(8, int, fstat, (int fd, struct stat *file), fd, file)
HOOK(9, void *, mmap, (void *to, size_t n, int use, int flags, int fd, off_t at), to, n, use, flags,
     fd, at)

static struct {
    const char *name;
    sqlite3_syscall_ptr ours;
} hooks[] = {
    {"open", (sqlite3_syscall_ptr)hook_open},
    {"read", (sqlite3_syscall_ptr)hook_read},
    {"pread", (sqlite3_syscall_ptr)hook_pread},
    {"pread64", (sqlite3_syscall_ptr)hook_pread64},
    {"write", (sqlite3_syscall_ptr)hook_write},
    {"pwrite", (sqlite3_syscall_ptr)hook_pwrite},
    {"pwrite64", (sqlite3_syscall_ptr)hook_pwrite64},
    {"ftruncate", (sqlite3_syscall_ptr)hook_ftruncate},
    {"fstat", (sqlite3_syscall_ptr)hook_fstat},
    {"mmap", (sqlite3_syscall_ptr)hook_mmap},
};

static void set_hooks(bool on) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
        if (!originals[i])
            originals[i] = vfs->xGetSystemCall(vfs, hooks[i].name);
        if (originals[i])
            vfs->xSetSystemCall(vfs, hooks[i].name, on ? hooks[i].ours : NULL);
    }
}

static char acknowledged[8192];

static void on_change(void *arg, const struct err *err) {
    size_t used = strlen(acknowledged);
    if (!err)
        snprintf(acknowledged + used, sizeof acknowledged - used, "%s ", (const char *)arg);
    else
        CHECK(*err->message);
}

/* Opens, locks and writes two changes of two parts; what goes wrong says so. */
static void try_to_write(char names[2][16], void (*change)(void *arg, const struct err *err)) {
    struct err err = {0};
    struct store *store = store_open(loop, path, false, &err);
    CHECK(store || *err.message);
    if (!store)
        return;
    for (int i = 0; i < 2 && store_lock(store, NULL, &err); i++) {
        struct store_fact fact = {.time = now(),
                                  .kind = names[i],
                                  .engine = "",
                                  .target = "",
                                  .reason = "",
                                  .data = "{}"};
        struct store_wish wish = {.engine = "e", .image = names[i], .record = "{}"};
        store_write(store, &(struct store_change){.fact = &fact, .wish = &wish}, change, names[i]);
        run();
    }
    store_close(store);
}

/* Afterwards all that was acknowledged is there, and each change whole. */
static void check_what_is_there(void) {
    struct store *store = open_store();
    char seen[sizeof rows];
    if (!store)
        return;
    snprintf(seen, sizeof seen, " %s ", facts(store));
    int n = row_count;
    read_rows(store, (struct store_query){.of = STORE_WISHES}, 1);
    CHECK_INT(row_count, n);
    for (char *rest = acknowledged, *word; (word = strtok_r(rest, " ", &rest));) {
        char padded[32];
        snprintf(padded, sizeof padded, " %s ", word);
        CHECK(strstr(seen, padded) != NULL);
    }
    store_close(store);
}

static void torture(const char *what, void (*hook)(bool on), int step, int error, bool on) {
    static char text[64];
    begin();
    store_close(open_store());
    for (int at = 1; at < 5000; at += step) {
        char names[2][16];
        snprintf(names[0], sizeof names[0], "a%d", at);
        snprintf(names[1], sizeof names[1], "b%d", at);
        snprintf(text, sizeof text, "%s: errno %d at call %d%s", what, error, at,
                 on ? " and on" : "");
        unit_case = text;
        *acknowledged = '\0';
        fail_error = error, fail_on = on, fail_at = at, calls = 0;
        hook(true);
        try_to_write(names, on_change);
        fail_at = 0;
        hook(false);
        bool reached = calls >= at;
        check_what_is_there();
        unlink(path); /* so that the rows stay few */
        store_close(open_store());
        if (!reached)
            break;
    }
    finish();
}

TEST(every_call_to_the_disk_may_fail) {
    torture("disk", set_hooks, 1, EIO, false);
    torture("disk", set_hooks, 1, EIO, true);
    torture("disk", set_hooks, 1, ENOSPC, true);
}

static int told; /* a pipe */

static void tell(void *arg, const struct err *err) {
    char line[16];
    memset(line, ' ', sizeof line);
    memcpy(line, arg, strlen(arg));
    CHECK(!err && write(told, line, sizeof line) == sizeof line);
}

/* A child that is killed in its call number `at`; false when it has ended before. What it was told
 * is written is in acknowledged. */
static bool kill_at(int at, char names[2][16]) {
    int fds[2], status;
    CHECK_INT(pipe(fds), 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        fail_kills = true, fail_at = at, calls = 0, told = fds[1];
        loop = loop_new();
        set_hooks(true);
        try_to_write(names, tell);
        _exit(0);
    }
    close(fds[1]);
    ssize_t length = read(fds[0], acknowledged, sizeof acknowledged - 1);
    for (ssize_t more = length; more > 0; length += more)
        more = read(fds[0], acknowledged + length, sizeof acknowledged - 1 - (size_t)length);
    acknowledged[length] = '\0';
    close(fds[0]);
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status);
}

TEST(nothing_is_lost_in_whatever_call_it_is_killed) {
    bool killed = true;
    int n = 0;
    begin();
    store_close(open_store());
    for (int at = 1; killed; at++) {
        char names[2][16], text[32];
        snprintf(names[0], sizeof names[0], "a%d", at);
        snprintf(names[1], sizeof names[1], "b%d", at);
        snprintf(text, sizeof text, "call %d", at);
        unit_case = text;
        killed = kill_at(at, names);
        n += *acknowledged != '\0';
        check_what_is_there();
    }
    unit_case = "";
    CHECK(n > 5);
    finish();
}

/* --- a memory that is full --------------------------------------------------------- */

static sqlite3_mem_methods memory;
static bool memory_fails;

static void *hook_malloc(int size) {
    return memory_fails && fails() ? NULL : memory.xMalloc(size);
}

static void *hook_realloc(void *block, int size) {
    return memory_fails && fails() ? NULL : memory.xRealloc(block, size);
}

/* Before SQLite is used for the first time. */
__attribute__((constructor)) static void hook_memory(void) {
    sqlite3_mem_methods ours;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory);
    ours = memory;
    ours.xMalloc = hook_malloc;
    ours.xRealloc = hook_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
}

static void set_memory(bool on) {
    memory_fails = on;
}

TEST(every_allocation_may_fail) {
    torture("memory", set_memory, 5, 0, false);
    torture("memory", set_memory, 5, 0, true);
}
