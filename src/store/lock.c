/* The lock beside the file: PATH.lock, held by flock, so that the kernel frees it whatever becomes
 * of its holder. It says who that is, and is never deleted. */
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { TRIES = 100 };

static bool is_same(int fd, const char *path) {
    struct stat ours, theirs;
    return fstat(fd, &ours) == 0 && lstat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
           ours.st_dev == theirs.st_dev;
}

/* Opens it, or makes it; -1 with errno. One that somebody else has put there could be held by him
 * for ever. */
static int open_lock(const char *path) {
    struct stat file;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return -1;
    if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_uid == geteuid() &&
        fchmod(fd, 0600) == 0)
        return fd;
    close(fd);
    errno = EPERM;
    return -1;
}

/* Who wrote his number there; 0 when he does not live any more, or is not of our numbers. */
static long read_pid(int fd) {
    char text[24];
    ssize_t length = pread(fd, text, sizeof text - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    long pid = strtol(text, NULL, 10);
    return pid > 0 && pid <= INT_MAX && (kill((pid_t)pid, 0) == 0 || errno == EPERM) ? pid : 0;
}

/* On a full disk nobody can say who he is, and holds the lock all the same. */
static void write_pid(int fd) {
    char text[24];
    int length = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)length, 0) != length)
        (void)!ftruncate(fd, 0);
}

static void fail_held(const struct store *store, long pid, struct err *err) {
    char who[40] = "another process";
    if (pid)
        snprintf(who, sizeof who, "process %ld", pid);
    err_set(err, ERR_CONFLICT, "the state file %s is being written by %s; wait until it has ended",
            store->path, who);
    err->next = NEXT_WAIT;
}

int lock_take(const struct store *store, long *pid, struct err *err) {
    char path[PATH_MAX];
    *pid = 0;
    file_beside(store, ".lock", path, sizeof path);
    for (int i = 0; i < TRIES; i++) {
        int fd = open_lock(path);
        if (fd < 0) {
            store_fail_errno(store, "lock", errno, err);
            return -1;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            if (is_same(fd, path)) { /* else it was deleted before we held it */
                write_pid(fd);
                return fd;
            }
        } else if (errno == EWOULDBLOCK) {
            *pid = read_pid(fd);
            close(fd);
            fail_held(store, *pid, err);
            return -1;
        }
        close(fd);
    }
    store_fail_errno(store, "lock", EAGAIN, err);
    return -1;
}

bool lock_is_good(const struct store *store) {
    char path[PATH_MAX];
    file_beside(store, ".lock", path, sizeof path);
    return store->lock >= 0 && is_same(store->lock, path);
}

void lock_drop(int fd) {
    if (fd < 0)
        return;
    (void)!ftruncate(fd, 0);
    close(fd);
}

bool store_lock(struct store *store, long *pid, struct err *err) {
    long ignored;
    if (store->read_only || !store->db) {
        err_set(err, ERR_DENIED, "cannot lock the state file %s: it is not open for writing",
                store->path);
        return false;
    }
    if (!file_is_there(store, err))
        return false;
    if (lock_is_good(store))
        return true;
    /* Somebody has deleted it meanwhile: what is held locks nobody out. */
    lock_drop(store->lock);
    store->lock = lock_take(store, pid ? pid : &ignored, err);
    return store->lock >= 0;
}

void store_unlock(struct store *store) {
    write_flush(store);
    lock_drop(store->lock);
    store->lock = -1;
}
