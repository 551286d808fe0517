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

/* moontide.cmd's options whose value is the next word. */
static bool takes_value(const char *word) {
    static const char *const names[] = {"-H", "--host", "--log-format"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(word, names[i]) == 0)
            return true;
    return false;
}

/* What follows the command's first word that is a file belongs to the script. */
static bool is_last(const char *word, int words) {
    bool command = words == 1 && (strcmp(word, "run") == 0 || strcmp(word, "eval") == 0 ||
                                  strcmp(word, "ps") == 0);
    return strcmp(word, "--") == 0 || (*word != '-' && !command);
}

bool options_read(int argc, char **argv, struct vm_options *options) {
    int words = 0;
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
            words += *argv[i] != '-';
            if (is_last(argv[i], words))
                break;
            i += takes_value(argv[i]);
        }
    }
    return true;
}
