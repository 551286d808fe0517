#include "host/vm.h"

#include "bind/bind.h"
#include "host/modules.h"
#include "host/repl.h"
#include "http/http.h"
#include "loop/child.h"
#include "loop/loop.h"
#include "store/store.h"
#include "task/task.h"
#include <lauxlib.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_GRACE (5 * LOOP_SECOND)
#define RESERVE    ((size_t)256 << 10)
/* At a prompt: what the next line may take, and what all lines may take together. */
#define HEADROOM     ((size_t)1 << 20)
#define HEADROOM_MAX ((size_t)8 << 20)

/* From lua-cjson, linked statically. */
int luaopen_cjson(lua_State *L);
int luaopen_cjson_safe(lua_State *L);

struct vm {
    lua_State *L;
    struct loop *loop;
    struct kernel *kernel;
    struct http *http;
    size_t used, limit;
    size_t given;   /* the limit that was asked for */
    size_t refused; /* by how much the last refused block would have grown */
    bool returned, interrupted;
    bool warnings, warning_goes_on;
};

/* The ceiling: out of memory is an error in the script. Lua collects everything and tries again
 * when it is refused; then a part must have become free, or close to the limit every few bytes
 * would cost a whole collection. */
static bool refuse(struct vm *vm, size_t growth) {
    bool again = growth == vm->refused;
    size_t limit = again ? vm->limit - vm->limit / 32 : vm->limit;
    bool refused = vm->used + growth > limit;
    vm->refused = refused && !again ? growth : 0;
    return refused;
}

static void *allocate(void *arg, void *block, size_t old_size, size_t new_size) {
    struct vm *vm = arg;
    if (!block)
        old_size = 0; /* then it is the kind of object */
    if (new_size > old_size && refuse(vm, new_size - old_size))
        return NULL;
    if (new_size == 0) {
        free(block);
        vm->used -= old_size;
        return NULL;
    }
    void *moved = realloc(block, new_size);
    if (moved)
        vm->used = vm->used - old_size + new_size;
    return moved;
}

static struct http *open_http(void *arg) {
    struct vm *vm = arg;
    if (!vm->http)
        vm->http = http_new(vm->loop);
    return vm->http;
}

static void on_returned(void *arg) {
    struct vm *vm = arg;
    vm->returned = true;
}

static void on_uncaught(void *arg, const char *text) {
    (void)arg;
    fflush(stdout);
    fprintf(stderr, "moontide: %s\n", text);
}

static void on_reserve(void *arg, bool open) {
    struct vm *vm = arg;
    vm->limit = open ? vm->limit + RESERVE : vm->limit - RESERVE;
}

static void on_headroom(void *arg) {
    struct vm *vm = arg;
    if (vm->used + HEADROOM > vm->given)
        lua_gc(vm->L, LUA_GCCOLLECT, 0);
    size_t limit = vm->used + HEADROOM;
    vm->limit = limit < vm->given ? vm->given : limit;
    if (vm->limit > vm->given + HEADROOM_MAX)
        vm->limit = vm->given + HEADROOM_MAX;
}

/* `warn`, off at first, as in lua. */
static void on_warning(void *arg, const char *text, int goes_on) {
    struct vm *vm = arg;
    if (*text == '@' && !goes_on && !vm->warning_goes_on) {
        if (strcmp(text, "@on") == 0 || strcmp(text, "@off") == 0)
            vm->warnings = text[2] == 'n';
        return;
    }
    if (vm->warnings)
        fprintf(stderr, "%s%s%s", vm->warning_goes_on ? "" : "moontide: warning: ", text,
                goes_on ? "" : "\n");
    vm->warning_goes_on = goes_on;
}

static void on_stuck(void *arg) {
    (void)arg;
    repl_restore_terminal();
}

static void on_signal(int signum, void *arg) {
    struct vm *vm = arg;
    if (signum == SIGINT && !vm->interrupted && repl_interrupt())
        return;
    if (vm->interrupted) {
        repl_restore_terminal();
        fflush(NULL);
        _exit(128 + signum);
    }
    vm->interrupted = true;
    kernel_exit(vm->kernel, vm->returned ? 0 : 128 + signum, EXIT_GRACE);
}

static void require(lua_State *L, const char *name) {
    lua_getglobal(L, "require");
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
}

/* With the guard of moontide.core.cjson_guard around its encode. */
static int open_guarded(lua_State *L, lua_CFunction open, int safe) {
    lua_settop(L, 0);
    require(L, "moontide.core.cjson_guard");
    open(L);
    lua_pushboolean(L, safe);
    lua_call(L, 2, 1);
    return 1;
}

static int open_cjson(lua_State *L) {
    return open_guarded(L, luaopen_cjson, 0);
}

static int open_cjson_safe(lua_State *L) {
    return open_guarded(L, luaopen_cjson_safe, 1);
}

static void open_libs(lua_State *L) {
    luaL_openlibs(L);
    modules_open(L);
    kernel_open_libs(L);
#ifdef MOONTIDE_TEARDOWN
    /* The sanitizers' build: a collection begins as soon as the last one has ended, so that what is
     * held in the wrong place is gone when it is used. */
    lua_gc(L, LUA_GCINC, 1, 1000, 0);
#endif
    bind_preload(L);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, open_cjson);
    lua_setfield(L, -2, "cjson");
    lua_pushcfunction(L, open_cjson_safe);
    lua_setfield(L, -2, "cjson.safe");
    lua_pushcfunction(L, luaopen_moontide_c_repl);
    lua_setfield(L, -2, "moontide.c.repl");
    lua_pop(L, 1);
}

/* Under lua_pcall. */
static int set_up(lua_State *L) {
    struct vm *vm = lua_touserdata(L, 1);
    const struct vm_options *options = lua_touserdata(L, 2);
    struct kernel_options kernel = {.budget = options->budget,
                                    .uncaught = on_uncaught,
                                    .reserve = on_reserve,
                                    .stuck = on_stuck,
                                    .arg = vm};
    struct bind_services services = {
        .http = open_http, .returned = on_returned, .headroom = on_headroom, .arg = vm};
    vm->kernel = kernel_new(L, vm->loop, &kernel);
    if (!vm->kernel)
        return luaL_error(L, "the watchdog cannot be started");
    open_libs(L);
    bind_set_services(L, &services);
    require(L, "moontide.c.process");
    require(L, "moontide.c.task");
    require(L, "moontide.core.errors");
    lua_getfield(L, -1, "new");
    lua_setfield(L, LUA_REGISTRYINDEX, "moontide.error.new");
    return 0;
}

struct vm *vm_new(const struct vm_options *options) {
    struct vm *vm = calloc(1, sizeof *vm);
    if (!vm)
        return NULL;
    vm->limit = vm->given = options->memory_limit;
    vm->loop = loop_new();
    vm->L = vm->loop ? lua_newstate(allocate, vm) : NULL;
    if (!vm->L) {
        on_uncaught(vm, "cannot start: no memory or no file descriptors are left");
        vm_free(vm);
        return NULL;
    }
    lua_setwarnf(vm->L, on_warning, vm);
    lua_pushcfunction(vm->L, set_up);
    lua_pushlightuserdata(vm->L, vm);
    lua_pushlightuserdata(vm->L, (void *)options);
    if (lua_pcall(vm->L, 2, 0, 0) != LUA_OK) {
        on_uncaught(vm, lua_tostring(vm->L, -1));
        vm_free(vm);
        return NULL;
    }
    loop_on_signals(vm->loop, on_signal, vm);
    return vm;
}

void vm_free(struct vm *vm) {
    if (!vm)
        return;
    if (vm->L)
        lua_close(vm->L);
    if (vm->kernel)
        kernel_free(vm->kernel);
    if (vm->http)
        http_free(vm->http);
    loop_free(vm->loop);
    free(vm);
}

struct arguments {
    int argc;
    char **argv;
};

/* Under lua_pcall. */
static int start_main(lua_State *L) {
    const struct arguments *arguments = lua_touserdata(L, 1);
    require(L, "moontide.cmd");
    lua_getfield(L, -1, "main");
    luaL_checkstack(L, arguments->argc + 2, "too many arguments");
    for (int i = 1; i < arguments->argc; i++)
        lua_pushstring(L, arguments->argv[i]);
    task_spawn(L, arguments->argc - 1, 0);
    return 0;
}

int vm_run(struct vm *vm, int argc, char **argv) {
    struct arguments arguments = {argc, argv};
    lua_pushcfunction(vm->L, start_main);
    lua_pushlightuserdata(vm->L, &arguments);
    if (lua_pcall(vm->L, 1, 0, 0) != LUA_OK) {
        on_uncaught(vm, lua_tostring(vm->L, -1));
        return 1;
    }
    int code = kernel_run(vm->kernel);
    repl_close();
    child_kill_all();
    store_end_all();
    return code;
}
