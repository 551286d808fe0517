/* moontide.c.child: programs that scripts of the library wait for: credential helpers.
 *
 * run{argv=, input="", timeout=30, max_output=1 MiB, op="run"} -> {code, signal, out, err}, or nil,
 * err. argv: a list of strings, the program (looked up in PATH) and its arguments; input: what it
 * reads from its standard input; timeout: seconds, then it is killed and the error is of kind
 * "timeout"; max_output: bytes of its standard output above which it is killed. code: its exit
 * code, -1 when a signal ended it; signal: that signal's number, 0 when none did; out: its standard
 * output; err: the last 64 KiB of its standard error. It has ended when the program has, whatever
 * that started. A program that fails is no error. Errors: "not_found" (there is no such program),
 * "denied" (it may not be run), "transport", "timeout". Cancelling the task kills it and its
 * children. */
#include "loop/child.h"

#include "base/buf.h"
#include "bind/bind.h"
#include "loop/loop.h"
#include "task/task.h"
#include <errno.h>
#include <lauxlib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define RUN "moontide.child"

enum { ARGUMENTS_MAX = 64, ERRORS_MAX = 64 * 1024, OUTPUT_MAX = 1024 * 1024 };

struct run {
    struct child *child; /* NULL: not under way */
    struct task *task;
    struct loop *loop;
    struct deadline deadline;
    bool late, kept; /* kept: there was memory for what it wrote */
    struct child_end end;
    struct buf output, errors;
};

static void run_cancel(void *arg) {
    struct run *run = arg;
    if (run->loop)
        loop_disarm(run->loop, &run->deadline);
    if (run->child)
        child_abandon(run->child);
    run->child = NULL;
}

static int run_close(lua_State *L) {
    struct run *run = luaL_checkudata(L, 1, RUN);
    run_cancel(run);
    buf_free(&run->output);
    buf_free(&run->errors);
    return 0;
}

static void on_deadline(struct deadline *deadline) {
    struct run *run = (struct run *)((char *)deadline - offsetof(struct run, deadline));
    run->late = true;
    child_kill(run->child, SIGKILL); /* its end is told as ever */
}

static void on_end(void *arg, const struct child_end *end) {
    struct run *run = arg;
    loop_disarm(run->loop, &run->deadline);
    run->child = NULL;
    run->end = *end;
    run->kept = buf_append(&run->output, end->output, end->output_length) &&
                buf_append(&run->errors, end->errors, end->errors_length);
    task_wake(run->task);
}

static void push_buf(lua_State *L, struct buf *buf, const char *name) {
    lua_pushlstring(L, buf_text(buf), buf->length);
    lua_setfield(L, -2, name);
    buf_free(buf);
}

static int fail(lua_State *L, enum err_kind kind, const char *why, const char *next) {
    struct err err;
    lua_getfield(L, 1, "argv");
    lua_rawgeti(L, -1, 1);
    err_set(&err, kind, "cannot run %s: %s; %s", lua_tostring(L, -1), why, next);
    return bind_push_err(L, bind_field_string(L, 1, "op", "run"), &err);
}

static int fail_start(lua_State *L, int error) {
    if (error == ENOENT)
        return fail(L, ERR_NOT_FOUND, "there is no such program",
                    "install it, or correct its name or PATH");
    if (error == EACCES)
        return fail(L, ERR_DENIED, strerror(error), "make the file executable (chmod +x)");
    return fail(L, ERR_TRANSPORT, strerror(error), "free processes, descriptors or memory");
}

static int after_run(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    struct run *run = luaL_checkudata(L, -1, RUN);
    char why[64];
    if (run->late) {
        snprintf(why, sizeof why, "it had not ended after %g s",
                 (double)bind_field_number(L, 1, "timeout", 30));
        return fail(L, ERR_TIMEOUT, why, "see what it waits for, or raise the timeout");
    }
    if (run->end.flooded)
        return fail(L, ERR_TRANSPORT, "it writes more than is accepted", "see what it writes");
    if (!run->kept)
        return fail(L, ERR_TRANSPORT, "its output does not fit into memory", "free some memory");
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, run->end.code);
    lua_setfield(L, -2, "code");
    lua_pushinteger(L, run->end.signal);
    lua_setfield(L, -2, "signal");
    push_buf(L, &run->output, "out");
    push_buf(L, &run->errors, "err");
    return 1;
}

static struct run *run_new(lua_State *L, size_t max_output) {
    struct run *run = lua_newuserdatauv(L, sizeof *run, 0);
    memset(run, 0, sizeof *run);
    luaL_setmetatable(L, RUN);
    run->task = task_running(L);
    run->loop = kernel_loop(kernel_of(L));
    run->deadline.fire = on_deadline;
    buf_init(&run->output, max_output);
    buf_init(&run->errors, ERRORS_MAX);
    return run;
}

static int f_run(lua_State *L) {
    const char *argv[ARGUMENTS_MAX + 1];
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    task_check_wait(L, bind_field_string(L, 1, "op", "run"));
    bind_field_strings(L, 1, "argv", argv, ARGUMENTS_MAX);
    if (!*argv)
        return luaL_error(L, "field 'argv' must name a program");
    lua_Number timeout = bind_field_number(L, 1, "timeout", 30);
    lua_Number max_output = bind_field_number(L, 1, "max_output", OUTPUT_MAX);
    if (!(max_output >= 1 && max_output <= 1e9))
        return luaL_error(L, "field 'max_output' must be from 1 to 1e9 bytes");
    size_t input_length = 0;
    lua_getfield(L, 1, "input");
    const char *input = luaL_optlstring(L, 2, "", &input_length);
    struct run *run = run_new(L, (size_t)max_output);
    struct child_options options = {
        .argv = argv,
        .in = -1,
        .out = -1,
        .input = input,
        .input_length = input_length,
        .max_output = (size_t)max_output,
        .max_errors = ERRORS_MAX,
        .on_end = on_end,
        .arg = run,
    };
    run->child = child_start(run->loop, &options);
    if (!run->child)
        return fail_start(L, errno);
    loop_arm(run->loop, &run->deadline, loop_after(run->loop, bind_ns(timeout)));
    return task_wait(L, run_cancel, run, 0, after_run);
}

static const luaL_Reg functions[] = {
    {"run", f_run},
    {NULL, NULL},
};

int luaopen_moontide_c_child(lua_State *L) {
    luaL_newmetatable(L, RUN);
    lua_pushcfunction(L, run_close);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, functions);
    return 1;
}
