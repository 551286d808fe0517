/* Child processes: libuv starts and collects them; their pipes are read here.
 *
 * A child has ended for its owner when its process has: what it wrote is in the pipes by then and
 * is read to the last byte, but their end is not waited for. A grandchild in the background (ssh's
 * ControlPersist, a helper's cache) may hold them open for hours. */
#include "loop/child.h"

#include "base/buf.h"
#include "loop/loop.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>
#include <uv.h>

enum { PIECE = 64 * 1024, LAST_PIECES = 32 };

/* One of its outputs, as this end of the pipe sees it. */
struct outlet {
    uv_pipe_t pipe;
    struct child *child;
    struct buf kept;
    bool tail; /* keeps the last bytes; else too many are a flood */
};

struct child {
    uv_process_t process;
    uv_pipe_t input;
    uv_write_t write;
    char *pending; /* the input */
    struct outlet out, errors;
    int handles; /* that libuv has not given back yet */
    bool running, abandoned;
    struct child_end end;
    void (*on_end)(void *arg, const struct child_end *end);
    void *arg;
    struct child *prev, *next;
};

static struct child *living; /* whose process runs */

/* --- its end ---------------------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle) {
    struct child *child = handle->data;
    if (--child->handles > 0)
        return;
    buf_free(&child->out.kept);
    buf_free(&child->errors.kept);
    free(child->pending);
    free(child);
}

static void close_handle(void *handle) {
    if (uv_handle_get_type(handle) != UV_UNKNOWN_HANDLE && !uv_is_closing(handle))
        uv_close(handle, on_closed);
}

static void close_all(struct child *child) {
    close_handle(&child->input);
    close_handle(&child->out.pipe);
    close_handle(&child->errors.pipe);
    close_handle(&child->process);
}

/* --- what it writes --------------------------------------------------------------------------- */

/* Called with at most PIECE bytes. */
static void keep(struct outlet *outlet, const char *data, size_t length) {
    struct buf *kept = &outlet->kept;
    size_t room = kept->limit - kept->length;
    if (outlet->tail && length > room) {
        size_t skipped = length > kept->limit ? length - kept->limit : 0;
        size_t stays = kept->limit - (length - skipped);
        if (stays < kept->length) {
            memmove(kept->data, kept->data + kept->length - stays, stays);
            kept->length = stays;
        }
        data += skipped;
        length -= skipped;
    }
    if (buf_append(kept, data, length) || outlet->tail)
        return;
    outlet->child->end.flooded = true;
    child_kill(outlet->child, SIGKILL);
}

static void offer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
    static char piece[PIECE]; /* libuv asks right before it reads and hands over right after */
    (void)handle, (void)suggested;
    *buf = uv_buf_init(piece, sizeof piece);
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buf) {
    struct child *child = stream->data;
    struct outlet *outlet = (uv_pipe_t *)stream == &child->out.pipe ? &child->out : &child->errors;
    if (length < 0)
        close_handle(stream);
    else
        keep(outlet, buf->base, (size_t)length);
}

/* What the process that has ended left in the pipe: with a limit, since a grandchild may write on
 * and on. */
static void read_rest(struct outlet *outlet) {
    uv_handle_t *handle = (uv_handle_t *)&outlet->pipe;
    uv_buf_t buf;
    uv_os_fd_t fd;
    if (uv_handle_get_type(handle) == UV_UNKNOWN_HANDLE || uv_is_closing(handle) ||
        uv_fileno(handle, &fd) != 0)
        return;
    offer(handle, PIECE, &buf);
    for (int i = 0; i < LAST_PIECES; i++) {
        ssize_t length = read(fd, buf.base, buf.len);
        if (length > 0)
            keep(outlet, buf.base, (size_t)length);
        else if (length == 0 || errno != EINTR)
            return;
    }
}

static void on_process_exit(uv_process_t *process, int64_t code, int signal) {
    struct child *child = process->data;
    DL_DELETE(living, child);
    child->running = false;
    if (child->abandoned) {
        close_all(child);
        return;
    }
    read_rest(&child->out);
    read_rest(&child->errors);
    child->end.code = signal ? -1 : (int)code;
    child->end.signal = signal;
    child->end.output = buf_text(&child->out.kept);
    child->end.output_length = child->out.kept.length;
    child->end.errors = buf_text(&child->errors.kept);
    child->end.errors_length = child->errors.kept.length;
    child->on_end(child->arg, &child->end);
    close_all(child);
}

void child_kill(struct child *child, int signal) {
    /* Its number is its own until it has been collected; the group has the same. */
    if (child->running)
        kill(-uv_process_get_pid(&child->process), signal);
}

void child_abandon(struct child *child) {
    child->abandoned = true;
    uv_ref((uv_handle_t *)&child->process); /* loop_free has to wait for it */
    child_kill(child, SIGKILL);
}

void child_kill_all(void) {
    for (struct child *child = living; child; child = child->next)
        child_kill(child, SIGKILL);
}

/* --- its start -------------------------------------------------------------------------------- */

static void on_written(uv_write_t *write, int status) {
    (void)status; /* whoever does not read his input does not need it */
    close_handle(write->handle);
}

/* A pipe with `ours` at one end; the other end, or -1 with errno. (Not a socket pair, which libuv
 * would make: a program may want to open /dev/stdin.) */
static int open_pipe(struct loop *loop, struct child *child, uv_pipe_t *ours, bool we_write) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0)
        return -1;
    uv_pipe_init(loop_uv(loop), ours, 0);
    ours->data = child;
    child->handles++;
    int error = uv_pipe_open(ours, fds[we_write]);
    if (error == 0)
        return fds[!we_write];
    close(fds[0]);
    close(fds[1]);
    errno = -error;
    return -1;
}

static int open_null(void) {
    return open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* Its three descriptors; -1 where there is none, with errno. */
static void open_three(struct loop *loop, struct child *child, const struct child_options *options,
                       int fds[3]) {
    fds[0] = options->in >= 0        ? options->in
             : options->input_length ? open_pipe(loop, child, &child->input, true)
                                     : open_null();
    fds[1] = options->out >= 0     ? options->out
             : options->max_output ? open_pipe(loop, child, &child->out.pipe, false)
                                   : open_null();
    fds[2] = open_pipe(loop, child, &child->errors.pipe, false);
}

static void close_three(const int fds[3]) {
    int saved = errno;
    for (int i = 0; i < 3; i++)
        if (fds[i] >= 0 && (i == 0 || fds[i] != fds[0]))
            close(fds[i]);
    errno = saved;
}

static int spawn(struct loop *loop, struct child *child, const struct child_options *options,
                 const int fds[3]) {
    uv_stdio_container_t stdio[3];
    for (int i = 0; i < 3; i++)
        stdio[i] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = fds[i]};
    uv_process_options_t start = {
        .file = options->argv[0],
        .args = (char **)options->argv,
        .stdio = stdio,
        .stdio_count = 3,
        .flags = UV_PROCESS_DETACHED,
        .exit_cb = on_process_exit,
    };
    /* A script's files, and whatever else was opened without O_CLOEXEC. Before Linux 5.11 it fails:
     * then the child has them, too. */
    close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
    child->handles++; /* libuv wants the handle closed also after a failure */
    int error = uv_spawn(loop_uv(loop), &child->process, &start);
    child->process.data = child;
    return error;
}

static void begin(struct child *child, const struct child_options *options) {
    DL_APPEND(living, child);
    child->running = true;
    uv_read_start((uv_stream_t *)&child->errors.pipe, offer, on_read);
    if (child->out.pipe.data)
        uv_read_start((uv_stream_t *)&child->out.pipe, offer, on_read);
    if (child->input.data) {
        uv_buf_t input = uv_buf_init(child->pending, (unsigned)options->input_length);
        uv_write(&child->write, (uv_stream_t *)&child->input, &input, 1, on_written);
    }
    if (options->background) {
        uv_unref((uv_handle_t *)&child->process);
        uv_unref((uv_handle_t *)&child->errors.pipe);
    }
}

static struct child *child_new(const struct child_options *options) {
    struct child *child = calloc(1, sizeof *child);
    if (!child)
        return NULL;
    if (options->input_length && !(child->pending = malloc(options->input_length))) {
        free(child);
        return NULL;
    }
    if (options->input_length)
        memcpy(child->pending, options->input, options->input_length);
    child->out.child = child->errors.child = child;
    child->errors.tail = true;
    buf_init(&child->out.kept, options->max_output);
    buf_init(&child->errors.kept, options->max_errors);
    child->on_end = options->on_end;
    child->arg = options->arg;
    return child;
}

struct child *child_start(struct loop *loop, const struct child_options *options) {
    int fds[3] = {options->in, options->out, -1};
    struct child *child = child_new(options);
    if (!child) {
        close_three(fds);
        errno = ENOMEM;
        return NULL;
    }
    open_three(loop, child, options, fds);
    bool open = fds[0] >= 0 && fds[1] >= 0 && fds[2] >= 0;
    int error = open ? spawn(loop, child, options, fds) : -errno;
    close_three(fds);
    if (error == 0) {
        begin(child, options);
        return child;
    }
    child->handles++; /* the last to be given back frees it, or this */
    close_all(child);
    if (--child->handles == 0) {
        free(child->pending);
        free(child);
    }
    errno = -error;
    return NULL;
}
