/* Child processes on the loop. */
#ifndef MOONTIDE_LOOP_CHILD_H
#define MOONTIDE_LOOP_CHILD_H

#include <stdbool.h>
#include <stddef.h>

struct loop;
struct child;

struct child_end {
    int code;                    /* exit code; -1 when a signal ended it */
    int signal;                  /* 0: none */
    bool flooded;                /* it wrote more than max_output, and was killed for that */
    const char *output, *errors; /* what is kept of its stdout and stderr; never NULL */
    size_t output_length, errors_length;
};

struct child_options {
    const char *const *argv; /* ends with NULL; argv[0] is looked up in PATH */
    int in, out;         /* become its stdin and stdout; closed here in any case. -1: see next */
    const void *input;   /* with in = -1: copied, and written to its stdin */
    size_t input_length; /* 0: its stdin is /dev/null */
    size_t max_output;   /* with out = -1: bytes of its stdout that are kept; 0: /dev/null */
    size_t max_errors;   /* what it writes to stderr is kept, the last so many bytes */
    bool background;     /* it alone does not keep the loop running */
    /* It has ended, and what it wrote is read (what a grandchild may still write is not). Once;
     * never from inside child_start. `child` is gone when it returns. */
    void (*on_end)(void *arg, const struct child_end *end);
    void *arg;
};

/* Starts it, in a session of its own, with the default signal handling and no descriptor but its
 * three. NULL, with errno, when it cannot be started: ENOENT when there is no such program. What it
 * does not read of its input is thrown away; SIGPIPE must not end this process. */
struct child *child_start(struct loop *loop, const struct child_options *options);

/* Sends the signal to its process group, unless it has ended. */
void child_kill(struct child *child, int signal);

/* Kills it; on_end is not called any more. Its process is collected by the loop. */
void child_abandon(struct child *child);

/* Kills all that live, when this process is about to end without freeing anything. */
void child_kill_all(void);

#endif
