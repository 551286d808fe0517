/* spawn.c: time, peak memory and CPU time of whole processes, without a shell in between.
 *
 *   spawn RUNS CMD [ARG...] [-- CMD [ARG...]]...
 *
 * Runs the commands in turn, RUNS times all of them, their output to /dev/null. Prints a line for
 * each: the median of its wall time in ms, of its peak memory in KiB, and of its CPU time in ms. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { MAX_RUNS = 1000, MAX_COMMANDS = 8 };

static struct command {
    char **argv;
    double ms[MAX_RUNS], kib[MAX_RUNS], cpu[MAX_RUNS];
} commands[MAX_COMMANDS];

extern char **environ;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double ms_of(struct timeval t) {
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static void run(struct command *command, int turn) {
    posix_spawn_file_actions_t actions;
    struct rusage usage;
    pid_t pid;
    int status = -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    double begin = now();
    int failed = posix_spawnp(&pid, command->argv[0], &actions, NULL, command->argv, environ);
    if (failed || wait4(pid, &status, 0, &usage) < 0 || status != 0) {
        fprintf(stderr, "spawn: %s failed (%d)\n", command->argv[0], failed ? failed : status);
        exit(1);
    }
    command->ms[turn] = now() - begin;
    command->kib[turn] = (double)usage.ru_maxrss;
    command->cpu[turn] = ms_of(usage.ru_utime) + ms_of(usage.ru_stime);
    posix_spawn_file_actions_destroy(&actions);
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare);
    return (values[count / 2] + values[(count - 1) / 2]) / 2;
}

int main(int argc, char **argv) {
    int runs = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0, count = 0;
    if (runs < 1 || runs > MAX_RUNS) {
        fputs("usage: spawn RUNS CMD [ARG...] [-- CMD [ARG...]]...\n", stderr);
        return 2;
    }
    for (char **word = argv + 1; word < argv + argc && count < MAX_COMMANDS; word++) {
        if (word != argv + 1 && strcmp(*word, "--") != 0)
            continue;
        *word = NULL; /* ends the command before */
        commands[count++].argv = word + 1;
    }
    for (int turn = 0; turn < runs; turn++)
        for (int i = 0; i < count; i++)
            run(&commands[i], turn);
    for (int i = 0; i < count; i++)
        printf("%.3f %.0f %.3f\n", median(commands[i].ms, runs), median(commands[i].kib, runs),
               median(commands[i].cpu, runs));
    return 0;
}
