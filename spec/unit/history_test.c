#include "host/history.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[64], path[128];

static void begin(void) {
    snprintf(directory, sizeof directory, "/tmp/mt-history.XXXXXX");
    CHECK(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/a/b/history", directory);
}

static void end(void) {
    char part[128];
    unlink(path);
    for (const char *const *name = (const char *[]){"/a/b", "/a", "", NULL}; *name; name++) {
        snprintf(part, sizeof part, "%s%s", directory, *name);
        rmdir(part);
    }
}

static char *contents(void) {
    static char text[4 << 20];
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[length] = '\0';
    return text;
}

static int lines(void) {
    int count = 0;
    for (const char *c = contents(); *c; c++)
        count += *c == '\n';
    return count;
}

static void set(const char *text) {
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

static bool add(const char *line) {
    return history_add(path, line, strlen(line));
}

TEST(lines_are_added_for_the_owner_only) {
    struct stat made;
    begin();
    CHECK(add("one"));
    CHECK(add("two"));
    CHECK(add("two")); /* not twice */
    CHECK(add("wo"));
    CHECK_STR(contents(), "one\ntwo\nwo\n");
    CHECK(stat(path, &made) == 0);
    CHECK_INT(made.st_mode & 0777, 0600);
    *strrchr(path, '/') = '\0';
    CHECK(stat(path, &made) == 0);
    CHECK_INT(made.st_mode & 0777, 0700);
    path[strlen(path)] = '/';
    chmod(path, 0644);
    CHECK(add("three"));
    CHECK(stat(path, &made) == 0);
    CHECK_INT(made.st_mode & 0777, 0600);
    end();
}

TEST(the_newest_are_kept) {
    char line[16];
    begin();
    for (int i = 1; i <= HISTORY_LINES + 5; i++) {
        snprintf(line, sizeof line, "line %d", i);
        CHECK(add(line));
    }
    CHECK_INT(lines(), HISTORY_LINES);
    CHECK(strncmp(contents(), "line 6\n", 7) == 0);
    set("only this\nand no end");
    CHECK(add("of the line"));
    CHECK_STR(contents(), "only this\nand no end\nof the line\n");
    end();
}

TEST(programs_at_once_lose_nothing) {
    enum { PROGRAMS = 4, EACH = 100, LENGTH = 4000 }; /* long enough to meet */
    int start[2];
    begin();
    CHECK(add("first"));
    CHECK(pipe(start) == 0);
    for (int child = 0; child < PROGRAMS; child++) {
        if (fork() != 0)
            continue;
        char byte;
        close(start[1]);
        bool done = read(start[0], &byte, 1) == 0; /* all at once */
        for (int i = 0; i < EACH; i++) {
            char line[LENGTH];
            snprintf(line, sizeof line, "%d %*d", child, LENGTH - 10, i);
            done = add(line) && done;
        }
        _exit(!done);
    }
    close(start[0]);
    close(start[1]);
    for (int status, i = 0; i < PROGRAMS; i++)
        CHECK(wait(&status) > 0 && status == 0);
    CHECK_INT(lines(), PROGRAMS * EACH + 1);
    end();
}

TEST(a_file_that_cannot_be_is_said) {
    begin();
    CHECK(!history_add("/proc/nothing/history", "x", 1));
    CHECK(!history_add(directory, "x", 1));
    end();
}
