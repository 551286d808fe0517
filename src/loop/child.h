/* Child processes on the loop. */
#ifndef MOONTIDE_LOOP_CHILD_H
#define MOONTIDE_LOOP_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct loop;
struct child;

struct child_end {
    int code;   /* exit code; -1 when a signal ended it */
    int signal; /* 0: none */
};

struct child_options {
    const char *const *argv; /* ends with NULL; argv[0] is looked up in PATH */
    int in, out;       /* become its stdin and stdout; closed here in any case. -1: /dev/null */
    size_t max_errors; /* what it writes to stderr is kept, the last so many bytes */
    /* It has ended and its stderr is closed. Once; never from inside child_start. */
    void (*on_end)(void *arg, const struct child_end *end, const char *errors, size_t length);
    void *arg;
};

/* Starts it, in a process group of its own, with the default signal handling. NULL, with errno,
 * when it cannot be started: ENOENT when there is no such program. */
struct child *child_start(struct loop *loop, const struct child_options *options);

/* Sends the signal to its process group. */
void child_kill(struct child *child, int signal);

/* Kills it; on_end is not called any more. Its process is collected by the loop. */
void child_abandon(struct child *child);

#endif
