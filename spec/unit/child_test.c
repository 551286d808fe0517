/* Child processes: how they begin, what of theirs is kept, and that nothing of them stays. */
#include "loop/child.h"
#include "loop/loop.h"

#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct loop *loop;

static struct {
    int ends;
    struct child_end end;
    char output[4096], errors[4096];
} got;

static void on_end(void *arg, const struct child_end *end) {
    (void)arg;
    got.ends++;
    got.end = *end;
    snprintf(got.output, sizeof got.output, "%s", end->output);
    snprintf(got.errors, sizeof got.errors, "%s", end->errors);
}

static int descriptors(void) {
    int n = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (directory && readdir(directory))
        n++;
    closedir(directory);
    return n;
}

static struct child_options shell(const char *script) {
    static const char *argv[] = {"sh", "-c", NULL, NULL};
    argv[2] = script;
    memset(&got, 0, sizeof got);
    return (struct child_options){.argv = argv,
                                  .in = -1,
                                  .out = -1,
                                  .max_output = 4095,
                                  .max_errors = 4095,
                                  .on_end = on_end};
}

static void begin(void) {
    signal(SIGPIPE, SIG_IGN);
    fflush(stdout); /* valgrind flushes it in a child that cannot be started, too */
    loop = loop_new();
}

/* No child is left, collected or not. */
static void finish(void) {
    loop_free(loop);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

static void run(const struct child_options *options) {
    static bool first = true; /* libuv keeps a pipe for signals from then on */
    int before = descriptors();
    begin();
    CHECK(child_start(loop, options) != NULL);
    CHECK_INT(got.ends, 0);
    loop_run(loop);
    CHECK_INT(got.ends, 1);
    finish();
    CHECK(first || descriptors() == before);
    first = false;
}

static void run_shell(const char *script) {
    struct child_options options = shell(script);
    run(&options);
}

TEST(what_it_writes_and_how_it_ends_is_kept) {
    run_shell("echo out; echo err >&2; exit 7");
    CHECK_STR(got.output, "out\n");
    CHECK_STR(got.errors, "err\n");
    CHECK_INT(got.end.code, 7);
    CHECK_INT(got.end.signal, 0);
    run_shell("kill -USR1 $$");
    CHECK_INT(got.end.code, -1);
    CHECK_INT(got.end.signal, SIGUSR1);
}

TEST(a_program_that_is_not_there_is_enoent) {
    static const char *const argv[] = {"moontide-no-such-program", NULL};
    struct child_options options = shell("");
    int before = descriptors();
    int fds[2];
    begin();
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    options.argv = argv;
    options.in = options.out = fds[0];
    CHECK(child_start(loop, &options) == NULL);
    CHECK_INT(errno, ENOENT);
    loop_run(loop);
    CHECK_INT(got.ends, 0);
    char byte;
    CHECK_INT(read(fds[1], &byte, 1), 0); /* the other end has been closed */
    close(fds[1]);
    options.in = options.out = -1;
    options.input = "x";
    options.input_length = 1;
    CHECK(child_start(loop, &options) == NULL);
    CHECK_INT(errno, ENOENT);
    finish();
    CHECK_INT(descriptors(), before);
}

TEST(it_has_its_three_descriptors_and_no_other) {
    int ours[] = {open("/dev/null", O_RDONLY), dup(1), socket(AF_INET, SOCK_STREAM, 0)};
    /* ls has one more: the directory that it reads. */
    run_shell("exec ls /proc/self/fd");
    CHECK_STR(got.output, "0\n1\n2\n3\n");
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        close(ours[i]);
}

TEST(its_signals_are_as_at_first) {
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, &old);
    signal(SIGHUP, SIG_IGN);
    /* 32 and 33 are the C library's: nobody can change them, so whoever started us may have. */
    run_shell(
        "exec sed -nE 's/^Sig(Blk|Ign|Cgt):\\t[0-9a-f]{7}[01]([08])/\\1 \\2/p' /proc/self/status | "
        "sed 's/ 8/ 0/'");
    CHECK_STR(got.output, "Blk 00000000\nIgn 00000000\nCgt 00000000\n");
    signal(SIGHUP, SIG_DFL);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

TEST(it_leads_a_process_group_and_a_session) {
    run_shell("set -- $(cut -d' ' -f1,5,6 /proc/$$/stat); [ $1 = $2 ] && [ $1 = $3 ] && echo own");
    CHECK_STR(got.output, "own\n");
}

TEST(its_input_is_a_pipe_that_ends) {
    struct child_options options = shell("cat /dev/stdin; echo .");
    options.input = "some words";
    options.input_length = 10;
    run(&options);
    CHECK_STR(got.output, "some words.\n");
    run_shell("readlink /proc/self/fd/0");
    CHECK_STR(got.output, "/dev/null\n");
}

TEST(input_that_it_does_not_read_holds_nothing_up) {
    enum { SIZE = 4 << 20 };
    struct child_options options = shell("exec 0<&-; echo done");
    char *input = calloc(1, SIZE);
    options.input = input;
    options.input_length = SIZE;
    run(&options);
    CHECK_STR(got.output, "done\n");
    CHECK_INT(got.end.code, 0);
    options = shell("head -c 1 | wc -c");
    options.input = input;
    options.input_length = SIZE;
    run(&options);
    CHECK_STR(got.output, "1\n");
    free(input);
}

TEST(much_output_arrives_whole) {
    struct child_options options = shell("head -c 3000000 /dev/zero | tr '\\0' x");
    options.max_output = 3000000;
    run(&options);
    CHECK_INT(got.end.output_length, 3000000);
    CHECK_INT(got.end.code, 0);
}

TEST(a_flood_is_stopped) {
    struct child_options options = shell("exec yes");
    options.max_output = 1000;
    run(&options);
    CHECK(got.end.flooded);
    CHECK_INT(got.end.signal, SIGKILL);
}

TEST(the_last_bytes_of_its_errors_are_kept) {
    struct child_options options = shell("head -c 1000000 /dev/zero >&2; echo -n 0123456789 >&2");
    options.max_errors = 8;
    run(&options);
    CHECK_STR(got.errors, "23456789");
    CHECK_INT(got.end.code, 0);
    options = shell("for i in 1 2 3 4 5 6 7 8 9; do echo -n ${i}ab >&2; sleep 0.01; done");
    options.max_errors = 8;
    run(&options);
    CHECK_STR(got.errors, "ab8ab9ab");
    options = shell("echo much >&2");
    options.max_errors = 0;
    run(&options);
    CHECK_INT(got.end.errors_length, 0);
}

TEST(a_grandchild_with_its_streams_is_not_waited_for) {
    run_shell("sleep 100 & echo $!; echo said >&2");
    CHECK_STR(got.errors, "said\n");
    pid_t left = (pid_t)strtol(got.output, NULL, 10);
    CHECK(left > 0 && kill(left, SIGKILL) == 0);
}

static void stop_loop(struct deadline *deadline) {
    (void)deadline;
    loop_stop(loop);
}

static bool runs(pid_t pid) {
    char path[64], state = 'X';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 'X';
    if (file)
        fclose(file);
    return state != 'X' && state != 'Z';
}

/* Starts a shell with a child of its own, both for ever; the latter's number. */
static pid_t start_two(struct child **child, bool background) {
    int fds[2];
    char text[32] = "";
    struct child_options options = shell("sleep 1000 & echo $!; exec >&-; wait");
    CHECK(pipe2(fds, O_CLOEXEC) == 0);
    options.out = fds[1];
    options.background = background;
    *child = child_start(loop, &options);
    CHECK(*child != NULL);
    CHECK(read(fds[0], text, sizeof text - 1) > 1);
    close(fds[0]);
    return (pid_t)strtol(text, NULL, 10);
}

/* It is somebody else's child: it goes when its new parent has looked after it. */
static void check_gone(pid_t pid) {
    for (int i = 0; i < 2000 && runs(pid); i++)
        usleep(1000);
    CHECK(!runs(pid));
}

TEST(a_signal_goes_to_all_of_its_group) {
    struct child *child;
    begin();
    pid_t grandchild = start_two(&child, false);
    child_kill(child, SIGTERM);
    loop_run(loop);
    CHECK_INT(got.ends, 1);
    CHECK_INT(got.end.signal, SIGTERM);
    check_gone(grandchild);
    finish();
}

TEST(one_that_is_abandoned_is_killed_and_says_nothing) {
    struct child *child;
    for (int background = 0; background < 2; background++) {
        begin();
        pid_t grandchild = start_two(&child, background);
        child_abandon(child);
        check_gone(grandchild);
        finish();
        CHECK_INT(got.ends, 0);
    }
}

TEST(one_in_the_background_does_not_keep_the_loop_running) {
    struct child *child;
    struct deadline deadline = {.fire = stop_loop};
    begin();
    pid_t grandchild = start_two(&child, true);
    loop_arm(loop, &deadline, loop_now(loop) + 20 * LOOP_SECOND);
    loop_disarm(loop, &deadline);
    loop_run(loop);
    CHECK_INT(got.ends, 0);
    CHECK(runs(grandchild));
    child_kill_all();
    check_gone(grandchild);
    child_abandon(child);
    finish();
}

static int ends;

static void count_end(void *arg, const struct child_end *end) {
    (void)arg;
    ends += end->code == 0 && end->errors_length == 2;
}

TEST(many_at_once_are_all_collected) {
    struct child_options options = shell("cat; echo e >&2");
    int before = descriptors();
    options.on_end = count_end;
    options.input = "in";
    options.input_length = 2;
    begin();
    for (int i = 0; i < 100; i++)
        CHECK(child_start(loop, &options) != NULL);
    loop_run(loop);
    CHECK_INT(ends, 100);
    finish();
    CHECK_INT(descriptors(), before);
}
