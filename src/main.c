/* argv -> options -> vm -> script or command -> exit code. */
#include "host/options.h"
#include "host/vm.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_IO = 1, EXIT_BROKEN_PIPE = 141 };

/* Output that could not be written is a failure, also when the command itself went well. */
static int flush_output(int code) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (errno == EPIPE || errno == 0) /* `| head`: the reader has had enough */
        return code ? code : EXIT_BROKEN_PIPE;
    fprintf(stderr, "moontide: cannot write to standard output: %s\n", strerror(errno));
    return code ? code : EXIT_IO;
}

int main(int argc, char **argv) {
    struct vm_options options;
    signal(SIGPIPE, SIG_IGN);
    if (!options_read(argc, argv, &options))
        return 2;
    struct vm *vm = vm_new(&options);
    if (!vm) {
        fprintf(stderr, "moontide: cannot start: %s\n", strerror(errno));
        return 1;
    }
    int code = flush_output(vm_run(vm, argc, argv));
#ifdef MOONTIDE_TEARDOWN
    vm_free(vm);
    return code;
#else
    /* Everything that has to be in order is; freeing memory one by one would only take time. */
    _exit(code);
#endif
}
