/* Compiles Lua files to bytecode, with line information, as one C file:
 *   embed NAME=FILE... > embedded.c
 * NAME is the module's. The chunk is called "=" and the name as a path, so that a traceback reads
 * "moontide/core/check.lua:12", and no file of a script ("@...") is taken for the library's. Linked
 * with the liblua that will load the code. */
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t written;

static int write_code(lua_State *L, const void *data, size_t size, void *arg) {
    (void)L, (void)arg;
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++, written++)
        printf("%s%u,", written % 20 ? "" : "\n    ", bytes[i]);
    return 0;
}

static void fail(const char *file, const char *why) {
    fprintf(stderr, "embed: %s: %s\n", file, why);
    exit(1);
}

/* "moontide.docker" from lua/moontide/docker/init.lua is "=moontide/docker/init.lua". */
static void chunk_name(char *out, size_t size, const char *name, const char *file) {
    const char *init = strstr(file, "/init.lua");
    snprintf(out, size, "=%s%s.lua", name, init ? "/init" : "");
    for (char *c = out; *c; c++)
        if (*c == '.' && strcmp(c, ".lua") != 0)
            *c = '/';
}

static void compile(int number, const char *name, const char *file) {
    static char text[1 << 20];
    char chunk[256];
    FILE *in = fopen(file, "rb");
    if (!in)
        fail(file, "cannot be opened");
    size_t length = fread(text, 1, sizeof text, in);
    fclose(in);
    if (length == sizeof text)
        fail(file, "is too long");
    lua_State *L = luaL_newstate();
    chunk_name(chunk, sizeof chunk, name, file);
    if (luaL_loadbufferx(L, text, length, chunk, "t") != LUA_OK)
        fail(file, lua_tostring(L, -1));
    printf("static const unsigned char code%d[] = {", number);
    written = 0;
    lua_dump(L, write_code, NULL, 0);
    printf("\n};\n");
    lua_close(L);
}

int main(int argc, char **argv) {
    printf("#include \"host/embedded.h\"\n\n");
    for (int i = 1; i < argc; i++) {
        char *file = strchr(argv[i], '=');
        if (!file)
            fail(argv[i], "is not NAME=FILE");
        *file++ = '\0';
        compile(i, argv[i], file);
    }
    printf("\nconst struct embedded embedded[] = {\n");
    for (int i = 1; i < argc; i++)
        printf("    {\"%s\", code%d, sizeof code%d},\n", argv[i], i, i);
    printf("    {NULL, NULL, 0},\n};\n");
    return 0;
}
