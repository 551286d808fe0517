/* argv -> options -> vm -> script or command -> exit code. */
#include "host/options.h"
#include "host/vm.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { EXIT_IO = 1, EXIT_BROKEN_PIPE = 141 };

static volatile sig_atomic_t nobody_reads;

/* Whether standard output is a pipe whose reader has gone. */
static bool has_no_reader(void) {
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) > 0 && (out.revents & POLLERR);
}

/* A connection that broke is none of our business here. When nobody reads what is printed (`|
 * head`), the script ends as by SIGTERM: in order. (Not SIG_IGN, which child processes would
 * inherit.) */
static void on_sigpipe(int signum) {
    (void)signum;
    int saved = errno;
    if (!nobody_reads && has_no_reader()) {
        nobody_reads = 1;
        kill(getpid(), SIGTERM);
    }
    errno = saved;
}

/* A file that would become larger than it may (ulimit -f) is an error of that write. */
static void on_sigxfsz(int signum) {
    (void)signum;
}

/* Output that could not be written is a failure, also when the command itself went well. */
static int flush_output(int code) {
    errno = 0;
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    int why = errno;
    fflush(NULL); /* also the files that a script has left open */
    if (nobody_reads || why == EPIPE)
        return EXIT_BROKEN_PIPE;
    if (written)
        return code;
    fprintf(stderr, "moontide: cannot write to standard output: %s\n",
            why ? strerror(why) : "an earlier write failed; is the disk full?");
    return code ? code : EXIT_IO;
}

/* Every page of the heap costs a fault when it is touched for the first time, and a short command
 * touches 150 of them: as much time as it computes. One call brings them in for a tenth of that. */
static void warm_heap(void) {
    enum { SIZE = 640 * 1024, BLOCK = 64 * 1024, PAGE = 4096 };
    mallopt(M_TOP_PAD, SIZE); /* the heap grows by this much */
    mallopt(M_TRIM_THRESHOLD, 2 * SIZE);
    void *volatile block = malloc(BLOCK); /* volatile: else the compiler leaves it out */
    uintptr_t begin = ((uintptr_t)block + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    madvise((void *)begin, SIZE, MADV_POPULATE_WRITE); /* before Linux 5.14 it fails, and no harm */
    free(block);
}

/* Else the loop's own descriptors would take the places of streams that were closed. Opened the
 * wrong way round, so that using them is still an error. */
static bool hold_closed_streams(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
}

int main(int argc, char **argv) {
    struct vm_options options;
    if (!hold_closed_streams())
        return EXIT_IO;
    warm_heap();
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = on_sigpipe, .sa_flags = SA_RESTART}, NULL);
    sigaction(SIGXFSZ, &(struct sigaction){.sa_handler = on_sigxfsz, .sa_flags = SA_RESTART}, NULL);
    if (!options_read(argc, argv, &options))
        return 2;
    struct vm *vm = vm_new(&options);
    if (!vm)
        return 1;
    int code = flush_output(vm_run(vm, argc, argv));
#ifdef MOONTIDE_TEARDOWN
    vm_free(vm);
    return code;
#else
    /* Everything that has to be in order is; freeing memory one by one would only take time. */
    _exit(code);
#endif
}
