/* What the fuzz targets share. A target is a property: it aborts where that does not hold. */
#ifndef MOONTIDE_SPEC_FUZZ_H
#define MOONTIDE_SPEC_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
    ((condition) ? (void)0                                                                         \
                 : (fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition),  \
                    abort()))

/* A stream is to be read alike however it is cut. The first byte of the input says how: 0 at once,
 * else in pieces of so many bytes; this is the length of the next one. */
static inline size_t fuzz_piece(uint8_t cut, size_t left) {
    return cut == 0 || cut > left ? left : cut;
}

/* What was read so far, as one number (FNV-1a). */
static inline uint64_t fuzz_note(uint64_t seen, const void *data, size_t size) {
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++) {
        seen = (seen ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return seen;
}

#define FUZZ_NOTHING UINT64_C(0xcbf29ce484222325)

/* The input as a C string; the caller frees it. */
static inline char *fuzz_text(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    MUST(text);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    return text;
}

#endif
