#include "host/options.h"

#include "loop/loop.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_DEFAULT ((size_t)256 << 20)
#define MEMORY_MINIMUM ((size_t)4 << 20)

static const struct unit {
    const char *name;
    double factor;
} memory_units[] =
    {
        {"", 1},        {"b", 1},        {"k", 1024},      {"kb", 1024},
        {"kib", 1024},  {"m", 1 << 20},  {"mb", 1 << 20},  {"mib", 1 << 20},
        {"g", 1 << 30}, {"gb", 1 << 30}, {"gib", 1 << 30}, {NULL, 0},
},
  time_units[] = {
      {"", 1}, {"s", 1}, {"ms", 1e-3}, {"m", 60}, {NULL, 0},
};

/* A decimal number and a unit. Returns 0 for what is none, or is not positive. */
static double read_quantity(const char *text, const struct unit *units) {
    char *end;
    if (*text < '0' || *text > '9')
        return 0;
    double value = strtod(text, &end);
    for (const struct unit *unit = units; unit->name; unit++)
        if (strcasecmp(end, unit->name) == 0)
            return value * unit->factor;
    return 0;
}

/* "--name VALUE" or "--name=VALUE" at argv[*i], which moves on. */
static const char *option_value(const char *name, int argc, char **argv, int *i) {
    size_t length = strlen(name);
    if (strncmp(argv[*i], name, length) != 0)
        return NULL;
    if (argv[*i][length] == '=')
        return argv[*i] + length + 1;
    if (argv[*i][length] != '\0')
        return NULL;
    return *i + 1 < argc && argv[*i + 1] ? argv[++*i] : "";
}

static bool read_memory(const char *text, struct vm_options *options) {
    double bytes = read_quantity(text, memory_units);
    if (bytes < (double)MEMORY_MINIMUM || bytes > 1e15) {
        fprintf(stderr,
                "moontide: --memory-limit: \"%s\" is not a size of at least 4m; write 64m or 1g\n",
                text);
        return false;
    }
    options->memory_limit = (size_t)bytes;
    return true;
}

static bool read_budget(const char *text, struct vm_options *options) {
    double seconds = read_quantity(text, time_units);
    if (seconds < 0.01 || seconds > 86400) {
        fprintf(stderr,
                "moontide: --script-budget: \"%s\" is not a time from 10ms to a day; write 1s or "
                "250ms\n",
                text);
        return false;
    }
    options->budget = (int64_t)(seconds * (double)LOOP_SECOND);
    return true;
}

/* What moontide.cmd's commands know, as far as it matters here: spec/cmd_options_spec.lua compares.
 */
static const char *const options_with_value[] = {"-H", "--host",    "--state", "--log-format",
                                                 "-e", "--env",     "-u",      "--user",
                                                 "-w", "--workdir", NULL};
static const char *const plain_commands[] = {
    "repl",    "ps",     "ensure", "reconcile", "scale",  "start", "stop",   "rm",   "stats",
    "history", "forget", "adopt",  "prune",     "doctor", "logs",  "events", "pull", NULL};
/* What follows their first word belongs to a script or to another program. */
static const char *const script_commands[] = {"run", "eval", "exec", "completion", NULL};

static bool is_one_of(const char *const *words, const char *word) {
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

/* Whether what follows is none of our business. `words`: how many words without a dash have come,
 * this one included; `plain`: the first one was a command that has options all along. */
static bool is_last(const char *word, int words, bool *plain) {
    if (strcmp(word, "--") == 0)
        return true;
    if (*word == '-' && word[1])
        return false;
    if (words == 1)
        *plain = is_one_of(plain_commands, word);
    return !*plain && !(words == 1 && is_one_of(script_commands, word));
}

bool options_read(int argc, char **argv, struct vm_options *options) {
    int words = 0;
    bool plain = false;
    options->memory_limit = MEMORY_DEFAULT;
    options->budget = LOOP_SECOND;
    for (int i = 1; i < argc; i++) {
        const char *value;
        if ((value = option_value("--memory-limit", argc, argv, &i))) {
            if (!read_memory(value, options))
                return false;
        } else if ((value = option_value("--script-budget", argc, argv, &i))) {
            if (!read_budget(value, options))
                return false;
        } else {
            words += *argv[i] != '-' || !argv[i][1];
            if (is_last(argv[i], words, &plain))
                break;
            i += is_one_of(options_with_value, argv[i]);
        }
    }
    return true;
}
