/* The state file as the file system has it: where, whose, of what kind; and how it is made. */
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MODE = 0600, DIRECTORY_MODE = 0700, WAITS = 600, WAIT_US = 5000 };

void file_beside(const struct store *store, const char *suffix, char *out, size_t size) {
    snprintf(out, size, "%s%s", store->real, suffix);
}

/* Whatever the umask is. */
static bool make_directory(const char *path) {
    if (mkdir(path, DIRECTORY_MODE) == 0)
        return chmod(path, DIRECTORY_MODE) == 0;
    return errno == EEXIST;
}

/* And those above it. */
static bool make_directories(char *path) {
    if (access(path, F_OK) == 0)
        return true;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = access(path, F_OK) == 0 || make_directory(path);
        *slash = '/';
        if (!made)
            return false;
    }
    return make_directory(path);
}

/* Cuts `path` into its directory, in `directory`, and the name that is returned. */
static const char *cut(const char *path, char directory[PATH_MAX]) {
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    memcpy(directory, path, length);
    directory[length] = '\0';
    if (length == 0)
        snprintf(directory, PATH_MAX, slash ? "/" : ".");
    return slash ? slash + 1 : path;
}

static bool fail_open(const struct store *store, int error, struct err *err) {
    if (error != ENOENT)
        return store_fail_errno(store, "open", error, err);
    err_set(err, ERR_NOT_FOUND, "there is no state file %s", store->path);
    return false;
}

bool file_resolve(struct store *store, struct err *err) {
    char directory[PATH_MAX], real[PATH_MAX];
    if (strlen(store->path) >= PATH_MAX - SUFFIX_MAX)
        return store_fail_errno(store, "open", ENAMETOOLONG, err);
    const char *name = cut(store->path, directory);
    if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        err_set(err, ERR_INVALID, "the state file \"%s\" has no name; name a file (--state)",
                store->path);
        return false;
    }
    if (!store->read_only && !make_directories(directory))
        return store_fail_errno(store, "make the directory of", errno, err);
    if (!realpath(directory, real))
        return fail_open(store, errno, err);
    size_t size = strlen(real) + strlen(name) + 2;
    store->real = malloc(size);
    if (!store->real || size > PATH_MAX - SUFFIX_MAX)
        return store_fail_errno(store, "open", store->real ? ENAMETOOLONG : ENOMEM, err);
    snprintf(store->real, size, "%s/%s", real[1] ? real : "", name);
    return true;
}

static const char *kind_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return "a directory";
    case S_IFLNK:
        return "a symbolic link";
    case S_IFIFO:
        return "a FIFO";
    case S_IFSOCK:
        return "a socket";
    default:
        return "a device";
    }
}

/* A file of another user's may be written by him while we rely on it. */
static bool fail_owner(const struct store *store, struct err *err) {
    const struct passwd *user = getpwuid(store->file.st_uid);
    char name[64];
    snprintf(name, sizeof name, "%d", (int)store->file.st_uid);
    err_set(err, ERR_DENIED,
            "the state file %s belongs to user %s, not to you; run as that user, or name another "
            "file (--state)",
            store->path, user ? user->pw_name : name);
    return false;
}

bool file_look(struct store *store, struct err *err) {
    if (lstat(store->real, &store->file) != 0)
        return fail_open(store, errno, err);
    if (!S_ISREG(store->file.st_mode)) {
        err_set(err, ERR_INVALID,
                "%s is %s, not a state file; name the file itself, or another one (--state)",
                store->path, kind_of(store->file.st_mode));
        return false;
    }
    if (store->file.st_uid != geteuid())
        return fail_owner(store, err);
    if (store->file.st_size == 0) {
        err_set(err, ERR_NOT_FOUND, "the state file %s is empty", store->path);
        return false;
    }
    return true;
}

bool file_is_there(const struct store *store, struct err *err) {
    struct stat now;
    if (lstat(store->real, &now) == 0 && now.st_ino == store->file.st_ino &&
        now.st_dev == store->file.st_dev)
        return true;
    err_set(err, ERR_TRANSPORT,
            "the state file %s was removed, moved or replaced while it was in use; nothing more is "
            "written to it: put it back, or start again",
            store->path);
    return false;
}

bool file_may_be_written(const struct store *store, struct err *err) {
    char directory[PATH_MAX];
    cut(store->real, directory);
    return (faccessat(AT_FDCWD, store->real, W_OK, AT_EACCESS) == 0 &&
            faccessat(AT_FDCWD, directory, W_OK, AT_EACCESS) == 0) ||
           store_fail_errno(store, "open", errno, err);
}

bool file_tighten(struct store *store, struct err *err) {
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    mode_t mode = store->file.st_mode & 07777;
    if (!(mode & 077) || store->read_only)
        return true;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char path[PATH_MAX];
        file_beside(store, suffixes[i], path, sizeof path);
        if (chmod(path, FILE_MODE) != 0 && errno != ENOENT)
            return store_fail_errno(store, "protect", errno, err);
    }
    snprintf(store->notice, sizeof store->notice,
             "others could read or write the state file %s (mode %04o); now only you can (0600)",
             store->path, (unsigned)mode);
    return true;
}

static bool write_all(int fd, const unsigned char *data, size_t length) {
    while (length > 0) {
        ssize_t written = write(fd, data, length);
        if (written < 0 && errno != EINTR)
            return false;
        data += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

static bool write_file(const char *path, const unsigned char *data, size_t length) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return false;
    bool written = fchmod(fd, FILE_MODE) == 0 && write_all(fd, data, length) && fsync(fd) == 0;
    int why = errno;
    close(fd);
    if (!written)
        unlink(path);
    errno = why;
    return written;
}

/* So that the name is on the disk, too. */
static void sync_directory(const struct store *store) {
    char directory[PATH_MAX];
    cut(store->real, directory);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

/* It gets its name when it is complete: whoever is killed meanwhile leaves none, or all of it. What
 * a deleted one has left would be taken for the new one's. */
static bool put_in_place(const struct store *store, const unsigned char *image, size_t size) {
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    char fresh[PATH_MAX], old[PATH_MAX];
    file_beside(store, ".new", fresh, sizeof fresh);
    if (!write_file(fresh, image, size))
        return false;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        file_beside(store, suffixes[i], old, sizeof old);
        unlink(old);
    }
    if (rename(fresh, store->real) != 0)
        return false;
    sync_directory(store);
    return true;
}

static bool make_locked(struct store *store, struct err *err) {
    int rc;
    sqlite3_int64 size;
    unsigned char *image = schema_image(&size, &rc);
    if (!image)
        return store_fail(store, "make", rc, err);
    bool made = put_in_place(store, image, (size_t)size);
    int why = errno;
    sqlite3_free(image);
    return made || store_fail_errno(store, "make", why, err);
}

/* One process makes it, under the lock; the others wait for that: milliseconds, on a busy disk
 * more. */
bool file_create(struct store *store, struct err *err) {
    long pid;
    int lock = lock_take(store, &pid, err);
    for (int i = 0; lock < 0 && err->kind == ERR_CONFLICT && i < WAITS; i++) {
        usleep(WAIT_US);
        if (file_look(store, err))
            return true;
        lock = lock_take(store, &pid, err);
    }
    if (lock < 0)
        return false;
    bool there = file_look(store, err) ||
                 (err->kind == ERR_NOT_FOUND && make_locked(store, err) && file_look(store, err));
    lock_drop(lock);
    return there;
}
