/* coroutine.* for scripts. A wait inside a script's own coroutine suspends the whole task: our
 * resume passes the suspension on, outwards, and on the way back resumes the inner one first. */
#include "task/coroutine.h"
#include "task/internal.h"
#include "task/watchdog.h"

#include <lauxlib.h>
#include <stdlib.h>

enum { CHAIN_MAX = 200 }; /* Lua's own C stack ends at about 200 */

static lua_State *check_co(lua_State *L) {
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co, 1, "coroutine");
    return co;
}

static bool is_waiting(lua_State *co) {
    return (*co_extra(co) & CO_WAITING) != 0;
}

/* Puts it at the end of the chain; raises when that is too long. */
static int enter(lua_State *L, lua_State *co) {
    struct task *task = kernel_of(L)->current;
    if (!task)
        return luaL_error(L, "coroutines can only be resumed in a task");
    if (task->chain_length == CHAIN_MAX)
        return luaL_error(L, "too many nested coroutines (limit is %d)", CHAIN_MAX);
    if (task->chain_length == task->chain_capacity) {
        int capacity = task->chain_capacity ? 2 * task->chain_capacity : 4;
        lua_State **chain = realloc(task->chain, (size_t)capacity * sizeof(lua_State *));
        if (!chain)
            return luaL_error(L, "not enough memory");
        task->chain = chain;
        task->chain_capacity = capacity;
    }
    task->chain[task->chain_length++] = co;
    return 0;
}

static void leave(lua_State *L) {
    kernel_of(L)->current->chain_length--;
}

/* Results of co to L; a failure as false, err for resume, raised for wrap. */
static int finish(lua_State *L, lua_State *co, int status, int nresults, bool wrap) {
    leave(L);
    if (status == LUA_OK || status == LUA_YIELD) {
        if (!lua_checkstack(L, nresults + 1)) {
            lua_pop(co, nresults);
            return luaL_error(L, "too many results to resume");
        }
        if (!wrap)
            lua_pushboolean(L, 1);
        lua_xmove(co, L, nresults);
        return nresults + !wrap;
    }
    if (wrap) {
        status = close_thread(kernel_of(L), co, kernel_of(L)->current->label);
        lua_xmove(co, L, 1);
        if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
            luaL_where(L, 1);
            lua_insert(L, -2);
            lua_concat(L, 2);
        }
        return lua_error(L);
    }
    lua_pushboolean(L, 0);
    lua_xmove(co, L, 1);
    return 2;
}

static int after_wait(lua_State *L, int status, lua_KContext wrap);

static int resume(lua_State *L, lua_State *co, int nargs, bool wrap) {
    struct kernel *kernel = kernel_of(L);
    struct watch *watch = kernel->watch;
    int nresults = 0;
    if (!watch->tripped)
        lua_sethook(co, NULL, 0, 0);
    watch->L = co;
    int status = lua_resume(co, L, nargs, &nresults);
    watch->L = L;
    /* It may have noticed where it could not yield, and ended by the error; or not noticed. */
    if (watch->tripped || kernel->current->cancelled)
        watch_trip(L);
    bool over = watch->tripped && status == LUA_YIELD;
    if (!kernel->suspending && !over)
        return finish(L, co, status, nresults, wrap);
    if (!lua_isyieldable(L)) {
        /* Only over the budget: a wait has asked before whether all of the chain may yield. */
        leave(L);
        return luaL_error(L, "script budget exceeded in a coroutine");
    }
    *co_extra(co) |= CO_WAITING;
    return lua_yieldk(L, 0, (lua_KContext)wrap, after_wait);
}

static lua_State *resumed(lua_State *L, bool wrap) {
    return lua_tothread(L, wrap ? lua_upvalueindex(1) : 1);
}

static int after_wait(lua_State *L, int status, lua_KContext wrap) {
    (void)status;
    lua_State *co = resumed(L, wrap != 0);
    *co_extra(co) &= ~CO_WAITING;
    return resume(L, co, 0, wrap != 0);
}

static const char *why_not(lua_State *L, lua_State *co) {
    lua_Debug ar;
    if (co == L || (lua_status(co) == LUA_OK && lua_getstack(co, 0, &ar)))
        return "cannot resume non-suspended coroutine";
    if (is_waiting(co))
        return "cannot resume a coroutine that waits in another task";
    if (lua_status(co) == LUA_OK && lua_gettop(co) == 0)
        return "cannot resume dead coroutine";
    if (lua_status(co) != LUA_OK && lua_status(co) != LUA_YIELD)
        return "cannot resume dead coroutine";
    return NULL;
}

static int start(lua_State *L, lua_State *co, int nargs, bool wrap) {
    const char *problem = why_not(L, co);
    if (!problem && !lua_checkstack(co, nargs))
        problem = "too many arguments to resume";
    if (problem && wrap)
        return luaL_error(L, "%s", problem);
    if (problem) {
        lua_pushboolean(L, 0);
        lua_pushstring(L, problem);
        return 2;
    }
    enter(L, co);
    lua_xmove(L, co, nargs);
    return resume(L, co, nargs, wrap);
}

static int f_resume(lua_State *L) {
    return start(L, check_co(L), lua_gettop(L) - 1, false);
}

static int f_wrapped(lua_State *L) {
    return start(L, resumed(L, true), lua_gettop(L), true);
}

static int f_create(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    *co_extra(co) = (uintptr_t)kernel_of(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int f_wrap(lua_State *L) {
    f_create(L);
    lua_pushcclosure(L, f_wrapped, 1);
    return 1;
}

/* A task's own coroutine is the host's: for the script it is the main one. */
static bool is_base(lua_State *L) {
    const struct task *task = kernel_of(L)->current;
    return !task || task->co == L;
}

static int f_yield(lua_State *L) {
    if (is_base(L))
        return luaL_error(L, "attempt to yield from outside a coroutine");
    return lua_yield(L, lua_gettop(L));
}

static int f_isyieldable(lua_State *L) {
    lua_State *co = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    lua_pushboolean(L, !is_base(co) && lua_isyieldable(co));
    return 1;
}

static int f_running(lua_State *L) {
    lua_pushthread(L);
    lua_pushboolean(L, is_base(L));
    return 2;
}

static const char *status_of(lua_State *L, lua_State *co) {
    lua_Debug ar;
    if (L == co)
        return "running";
    if (is_waiting(co))
        return "normal";
    if (lua_status(co) == LUA_YIELD)
        return "suspended";
    if (lua_status(co) != LUA_OK)
        return "dead";
    if (lua_getstack(co, 0, &ar))
        return "normal";
    return lua_gettop(co) == 0 ? "dead" : "suspended";
}

static int f_status(lua_State *L) {
    lua_pushstring(L, status_of(L, check_co(L)));
    return 1;
}

/* A chain of closers that close coroutines runs on the C stack: 5.4.4 itself ends in SIGSEGV at
 * about 11,000 of them (fixed upstream in 5.4.5). */
static int f_close(lua_State *L) {
    struct kernel *kernel = kernel_of(L);
    lua_State *co = check_co(L);
    const char *status = status_of(L, co);
    if (*status != 's' && *status != 'd')
        return luaL_error(L, "cannot close a %s coroutine", status);
    if (stack_is_deep(kernel))
        return luaL_error(L, "C stack overflow: too many nested coroutine.close calls");
    bool ok = close_thread(kernel, co, kernel->current->label) == LUA_OK;
    lua_pushboolean(L, ok);
    if (ok)
        return 1;
    lua_xmove(co, L, 1);
    return 2;
}

void coroutine_open(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"close", f_close},   {"create", f_create},   {"isyieldable", f_isyieldable},
        {"resume", f_resume}, {"running", f_running}, {"status", f_status},
        {"wrap", f_wrap},     {"yield", f_yield},     {NULL, NULL},
    };
    luaL_newlib(L, functions);
    lua_pushvalue(L, -1);
    lua_setglobal(L, "coroutine");
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_insert(L, -2);
    lua_setfield(L, -2, "coroutine");
    lua_pop(L, 1);
}
