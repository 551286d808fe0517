/* Connections that are processes: `ssh HOST docker system dial-stdio`. The process has one end of a
 * connection as its stdin and stdout, libcurl the other.
 *
 * A socket pair would do for that, but libcurl 7.88 connects a socket also after it has been told
 * that it is connected (CURL_SOCKOPT_ALREADY_CONNECTED); and it uses no connection again whose
 * other end has no name. So it gets a real one, over the loopback interface, to a listener that is
 * there for this one connection.
 *
 * Two things outlive the moment at which libcurl lets go of the connection. The process, which has
 * a second to end by itself. And a call that failed on it: why, only the process's stderr says, and
 * that is complete when it has ended. */
#include "http/command.h"

#include "loop/child.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

/* An sshd drops connections at random while more than ten have not logged in (MaxStartups). When
 * one has is not to be seen from here: after this time at the latest it counts as logged in. */
enum { STARTING_MAX = 8 };
#define STARTING_TIME (2 * LOOP_SECOND)
#define ENDING_TIME   LOOP_SECOND

static void start(struct command *command);

static void close_end(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* --- starting -------------------------------------------------------------------------------- */

static void start_waiting(struct http_pool *pool) {
    struct command *command = NULL;
    DL_FOREACH(pool->http->commands, command) {
        if (command->pool == pool && command->theirs >= 0 && pool->starting < STARTING_MAX)
            start(command);
    }
}

/* It counts as started, or will never be. */
static void started(struct command *command) {
    if (!command->starting)
        return;
    command->starting = false;
    loop_disarm(command->http->loop, &command->deadline);
    if (command->pool) {
        command->pool->starting--;
        start_waiting(command->pool);
    }
}

/* The other end of libcurl's connection; -1: not there yet. Whoever else connects to the listener,
 * which any user of this machine may, is sent away. */
static int accept_own(const struct command *command) {
    struct sockaddr_in own = {0}, peer = {0};
    int fd;
    socklen_t length = sizeof own;
    if (getsockname(command->fd, (struct sockaddr *)&own, &length) != 0)
        return -1;
    while ((length = sizeof peer, fd = accept4(command->listener, (struct sockaddr *)&peer, &length,
                                               SOCK_CLOEXEC)) >= 0) {
        if (peer.sin_port == own.sin_port && peer.sin_addr.s_addr == own.sin_addr.s_addr)
            break;
        close(fd);
    }
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return fd;
}

/* libcurl has connected, as a rule. */
static void connected(struct command *command) {
    struct loop *loop = command->http->loop;
    command->theirs = accept_own(command);
    if (command->theirs < 0) {
        loop_arm(loop, &command->deadline, loop_now(loop) + LOOP_SECOND / 1000);
        return;
    }
    close_end(&command->listener);
    start_waiting(command->pool);
}

static void on_deadline(struct deadline *deadline) {
    struct command *command =
        (struct command *)((char *)deadline - offsetof(struct command, deadline));
    if (command->listener >= 0)
        connected(command);
    else if (command->starting)
        started(command);
    else if (command->child)
        child_kill(command->child, SIGKILL);
}

/* --- ending ---------------------------------------------------------------------------------- */

/* Frees it when libcurl, the process and the call are all done with it. */
static void release(struct command *command) {
    if (command->fd >= 0 || !command->over || command->call)
        return;
    loop_disarm(command->http->loop, &command->deadline);
    DL_DELETE(command->http->commands, command);
    free(command);
}

static void on_end(void *arg, const struct child_end *end) {
    struct command *command = arg;
    struct http_call *call = command->call;
    size_t size = sizeof command->said - 1;
    size_t skipped = end->errors_length > size ? end->errors_length - size : 0;
    memcpy(command->said, end->errors + skipped, end->errors_length - skipped);
    command->code = end->code;
    command->child = NULL;
    command->over = true;
    started(command);
    if (call && call->awaits)
        call_deliver(call); /* lets go of the command */
    else
        release(command);
}

/* Nobody writes to it any more. */
static void end_soon(struct command *command) {
    struct loop *loop = command->http->loop;
    started(command);
    if (!command->child) {
        loop_disarm(loop, &command->deadline);
        close_end(&command->listener);
        close_end(&command->theirs);
        command->over = true;
    }
    if (!command->over)
        loop_arm(loop, &command->deadline, loop_now(loop) + ENDING_TIME);
}

static struct command *find(struct http *http, curl_socket_t fd) {
    struct command *command = NULL;
    DL_SEARCH_SCALAR(http->commands, command, fd, fd);
    return command;
}

static void start(struct command *command) {
    struct loop *loop = command->http->loop;
    struct child_options options = {
        .argv = command->pool->target.command,
        .in = command->theirs,
        .out = command->theirs,
        .max_errors = sizeof command->said - 1,
        .background = true,
        .on_end = on_end,
        .arg = command,
    };
    command->theirs = -1;
    command->child = child_start(loop, &options);
    if (!command->child) { /* the other end is closed: libcurl will notice */
        command->os_error = errno;
        command->over = true;
        return;
    }
    command->starting = true;
    command->pool->starting++;
    loop_arm(loop, &command->deadline, loop_now(loop) + STARTING_TIME);
}

/* --- what libcurl calls ---------------------------------------------------------------------- */

static void attach(struct command *command, struct http_call *call) {
    if (command->call == call)
        return;
    command_detach(call);
    command->call = call;
    call->command = command;
}

static int listen_somewhere(struct sockaddr_in *name) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t length = sizeof *name;
    *name = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (fd >= 0 && bind(fd, (struct sockaddr *)name, length) == 0 &&
        getsockname(fd, (struct sockaddr *)name, &length) == 0 && listen(fd, 16) == 0)
        return fd;
    close_end(&fd);
    return -1;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address) {
    struct http_call *call = arg;
    struct http *http = call->pool->http;
    struct sockaddr_in name;
    struct command *command = calloc(1, sizeof *command);
    int listener = command ? listen_somewhere(&name) : -1;
    int fd = listener >= 0 ? socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    (void)purpose;
    if (fd < 0) {
        close_end(&listener);
        free(command);
        return CURL_SOCKET_BAD;
    }
    address->family = AF_INET;
    address->addrlen = sizeof name;
    memcpy(&address->addr, &name, sizeof name);
    command->http = http;
    command->pool = call->pool;
    command->fd = fd;
    command->listener = listener;
    command->theirs = -1;
    command->deadline.fire = on_deadline;
    DL_APPEND(http->commands, command);
    attach(command, call);
    loop_arm(http->loop, &command->deadline, loop_now(http->loop)); /* libcurl connects next */
    return fd;
}

/* The connection may have outlived its pool: `arg` is the client. */
static int close_socket(void *arg, curl_socket_t fd) {
    struct command *command = find(arg, fd);
    close(fd);
    if (command) {
        command->fd = -1;
        end_soon(command);
        release(command);
    }
    return 0;
}

/* --- for the rest of the room ---------------------------------------------------------------- */

bool command_set(struct http_call *call) {
    CURL *easy = call->easy;
    bool ok = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, call->pool->http) == CURLE_OK;
    /* The path of a socket that is never opened: no name is looked up, and only this pool's calls
     * use the connection again. */
    ok &= curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, call->pool->target.base_url) == CURLE_OK;
    return ok;
}

void command_used(struct http *http, CURL *easy, curl_socket_t fd) {
    struct command *command = find(http, fd);
    struct http_call *call = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&call);
    if (command && call)
        attach(command, call);
}

void command_detach(struct http_call *call) {
    struct command *command = call->command;
    call->command = NULL;
    if (!command)
        return;
    command->call = NULL;
    started(command);
    release(command);
}

bool command_await(struct http_call *call) {
    struct command *command = call->command;
    enum http_failure failure = call->reply.failure;
    bool ended = call->request.duplex && call->begun && failure == HTTP_FAIL_NONE;
    if (!command || (!ended && failure != HTTP_FAIL_CONNECT && failure != HTTP_FAIL_LOST))
        return false;
    end_soon(command);
    call->awaits = !command->over;
    if (command->over)
        command_explain(call);
    return call->awaits;
}

void command_close_pool(struct http_pool *pool) {
    struct command *command = NULL;
    DL_FOREACH(pool->http->commands, command) {
        if (command->pool != pool)
            continue;
        command->pool = NULL;
        end_soon(command);
        if (command->child)
            child_kill(command->child, SIGKILL);
    }
}

void command_close_all(struct http *http) {
    struct command *command = NULL, *next = NULL;
    DL_FOREACH_SAFE(http->commands, command, next) {
        if (command->child)
            child_abandon(command->child);
        close_end(&command->listener);
        close_end(&command->theirs);
        loop_disarm(http->loop, &command->deadline);
        free(command);
    }
    http->commands = NULL;
}
