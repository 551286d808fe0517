#include "base/digest.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 64, LENGTH_SIZE = 8 };

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes so far */
    unsigned char block[BLOCK];
};

static const uint32_t constants[BLOCK] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
};

static uint32_t rotate(uint32_t word, unsigned bits) {
    return word >> bits | word << (32 - bits);
}

static uint32_t read_word(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void expand(uint32_t words[BLOCK], const unsigned char block[BLOCK]) {
    for (size_t i = 0; i < 16; i++) {
        words[i] = read_word(block + 4 * i);
    }
    for (size_t i = 16; i < BLOCK; i++) {
        uint32_t a = words[i - 15], b = words[i - 2];
        words[i] = words[i - 16] + words[i - 7] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
                   (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
}

/* FIPS 180-4, 6.2.2; v[0] to v[7] are its a to h. */
static void compress(uint32_t state[8], const unsigned char block[BLOCK]) {
    uint32_t words[BLOCK], v[8];
    expand(words, block);
    memcpy(v, state, sizeof v);
    for (size_t i = 0; i < BLOCK; i++) {
        uint32_t e = v[4], a = v[0];
        uint32_t one = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                       ((e & v[5]) ^ (~e & v[6])) + constants[i] + words[i];
        uint32_t two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                       ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += one;
        v[0] = one + two;
    }
    for (size_t i = 0; i < 8; i++) {
        state[i] += v[i];
    }
}

static void begin(struct sha256 *sha) {
    static const uint32_t first[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                      0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
    memcpy(sha->state, first, sizeof first);
    sha->length = 0;
}

static void feed(struct sha256 *sha, const void *data, size_t length) {
    const unsigned char *bytes = data;
    size_t held = sha->length % BLOCK;
    sha->length += length;
    while (length >= BLOCK - held) {
        size_t taken = BLOCK - held;
        memcpy(sha->block + held, bytes, taken);
        compress(sha->state, sha->block);
        bytes += taken;
        length -= taken;
        held = 0;
    }
    if (length > 0) {
        memcpy(sha->block + held, bytes, length);
    }
}

static void finish(struct sha256 *sha, unsigned char out[SHA256_SIZE]) {
    static const unsigned char padding[BLOCK] = {0x80};
    unsigned char bits[LENGTH_SIZE];
    for (size_t i = 0; i < LENGTH_SIZE; i++) {
        bits[i] = (unsigned char)(sha->length * 8 >> (56 - 8 * i));
    }
    size_t held = sha->length % BLOCK, room = BLOCK - LENGTH_SIZE;
    feed(sha, padding, held < room ? room - held : BLOCK + room - held);
    feed(sha, bits, sizeof bits);
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        out[i] = (unsigned char)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

void sha256(unsigned char out[SHA256_SIZE], const void *data, size_t length) {
    struct sha256 sha;
    begin(&sha);
    feed(&sha, data, length);
    finish(&sha, out);
}

void sha256_hex(char out[SHA256_HEX_SIZE], const void *data, size_t length) {
    unsigned char digest[SHA256_SIZE];
    sha256(digest, data, length);
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        out[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    out[SHA256_HEX_SIZE - 1] = '\0';
}

/* One of the two digests of a HMAC: of the key, masked, and what follows. */
static void keyed(unsigned char out[SHA256_SIZE], const unsigned char key[BLOCK],
                  unsigned char mask, const void *data, size_t length) {
    unsigned char masked[BLOCK];
    struct sha256 sha;
    for (size_t i = 0; i < BLOCK; i++) {
        masked[i] = key[i] ^ mask;
    }
    begin(&sha);
    feed(&sha, masked, sizeof masked);
    feed(&sha, data, length);
    finish(&sha, out);
}

void hmac_sha256(unsigned char out[SHA256_SIZE], const void *key, size_t key_length,
                 const void *data, size_t length) {
    unsigned char block[BLOCK] = {0}, inner[SHA256_SIZE];
    if (key_length > BLOCK) {
        sha256(block, key, key_length);
    } else if (key_length > 0) {
        memcpy(block, key, key_length);
    }
    keyed(inner, block, 0x36, data, length);
    keyed(out, block, 0x5C, inner, sizeof inner);
}

/* --- base64 ---------------------------------------------------------------------------------- */

enum { PADDING = 64 }; /* after the digits of an alphabet */
#define COMMON "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

bool base64_encode(struct buf *out, const void *data, size_t length, bool url) {
    const char *alphabet = url ? COMMON "-_=" : COMMON "+/=";
    const unsigned char *bytes = data;
    struct buf text;
    buf_init(&text, out->limit - out->length);
    bool ok = true;
    for (size_t i = 0; i < length && ok; i += 3) {
        size_t left = length - i;
        uint32_t bits = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                        (left > 2 ? bytes[i + 2] : 0);
        char four[4] = {alphabet[bits >> 18], alphabet[bits >> 12 & 63],
                        alphabet[left > 1 ? bits >> 6 & 63 : PADDING],
                        alphabet[left > 2 ? bits & 63 : PADDING]};
        ok = buf_append(&text, four, sizeof four);
    }
    ok = ok && buf_append(out, text.data, text.length);
    buf_free(&text);
    return ok;
}

/* 0 to 63, or -1. */
static int value_of(char c) {
    const char *at = c ? strchr(COMMON, c) : NULL;
    return at ? (int)(at - COMMON) : c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool base64_decode(struct buf *out, const char *text, size_t length) {
    size_t letters = length;
    while (letters > 0 && length - letters < 2 && text[letters - 1] == '=') {
        letters--;
    }
    if (letters % 4 == 1 || (letters < length && length % 4 != 0)) {
        return false;
    }
    struct buf bytes;
    buf_init(&bytes, out->limit - out->length);
    uint32_t bits = 0;
    bool ok = true;
    for (size_t i = 0; i < letters && ok; i++) {
        int value = value_of(text[i]);
        bits = bits << 6 | (uint32_t)(value & 63);
        /* After the second, third and fourth letter of four a byte is whole. */
        unsigned char byte = (unsigned char)(bits >> (6 - 2 * (i % 4)));
        ok = value >= 0 && (i % 4 == 0 || buf_append(&bytes, &byte, 1));
    }
    ok = ok && buf_append(out, bytes.data, bytes.length);
    buf_free(&bytes);
    return ok;
}
