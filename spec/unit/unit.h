/* A test harness for C: include it, write TEST(name) { ... }; main is here. */
#ifndef MOONTIDE_SPEC_UNIT_H
#define MOONTIDE_SPEC_UNIT_H

#include <stdio.h>
#include <string.h>

struct unit_test {
    const char *name;
    void (*run)(void);
    struct unit_test *next;
};

static struct unit_test *unit_first, **unit_end = &unit_first;
static int unit_failures;
static const char *unit_name;
static const char *unit_case = ""; /* a test that walks a table says here which row it is at */

#define TEST(name)                                                                                 \
    static void name(void);                                                                        \
    __attribute__((constructor)) static void add_##name(void) {                                    \
        static struct unit_test test = {#name, name, NULL};                                        \
        *unit_end = &test;                                                                         \
        unit_end = &test.next;                                                                     \
    }                                                                                              \
    static void name(void)

/* A failed check is printed and the test goes on. */
#define CHECK(condition) UNIT_CHECK(condition, "%s", #condition)
#define CHECK_INT(got, want)                                                                       \
    do {                                                                                           \
        long long got_ = (long long)(got), want_ = (long long)(want);                              \
        UNIT_CHECK(got_ == want_, "%s is %lld, not %lld", #got, got_, want_);                      \
    } while (0)
#define CHECK_STR(got, want)                                                                       \
    do {                                                                                           \
        const char *got_ = (got), *want_ = (want);                                                 \
        UNIT_CHECK(strcmp(got_, want_) == 0, "%s is \"%s\", not \"%s\"", #got, got_, want_);       \
    } while (0)
#define UNIT_CHECK(condition, ...)                                                                 \
    ((condition) ? 0                                                                               \
                 : (unit_failures++, printf("not ok %s: %s:%d: ", unit_name, __FILE__, __LINE__),  \
                    printf(__VA_ARGS__), printf(*unit_case ? " [%s]\n" : "%s\n", unit_case)))

int main(void) {
    for (struct unit_test *test = unit_first; test != NULL; test = test->next) {
        int before = unit_failures;
        unit_name = test->name;
        unit_case = "";
        test->run();
        if (unit_failures == before) {
            printf("ok %s\n", test->name);
        }
    }
    return unit_first == NULL || unit_failures > 0;
}

#endif
