#include "serve/library.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libmicrohttpd.so.12"

#define ROW(name)                                                                                  \
    { "MHD_" #name, offsetof(struct mhd, name) }

static const struct {
    const char *name;
    size_t offset;
} rows[] = {
    ROW(add_response_header),
    ROW(create_response_from_buffer),
    ROW(destroy_response),
    ROW(get_connection_info),
    ROW(get_connection_values_n),
    ROW(get_daemon_info),
    ROW(get_timeout),
    ROW(queue_response),
    ROW(quiesce_daemon),
    ROW(resume_connection),
    ROW(run),
    ROW(start_daemon),
    ROW(stop_daemon),
    ROW(suspend_connection),
};

static bool find_all(void *library, struct mhd *mhd, struct err *err) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *symbol = dlsym(library, rows[i].name);
        if (!symbol) {
            err_set(err, ERR_NOT_FOUND,
                    "%s is too old: it has no %s; install version 0.9.75 or later", LIBRARY,
                    rows[i].name);
            return false;
        }
        memcpy((char *)mhd + rows[i].offset, &symbol, sizeof symbol);
    }
    return true;
}

const struct mhd *library_load(struct err *err) {
    static struct mhd mhd;
    static bool loaded;
    if (loaded)
        return &mhd;
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        err_set(err, ERR_NOT_FOUND,
                "cannot serve: %s; install it (Debian: apt-get install libmicrohttpd12)",
                dlerror());
        return NULL;
    }
    loaded = find_all(library, &mhd, err);
    return loaded ? &mhd : NULL; /* never closed: what is loaded stays */
}
