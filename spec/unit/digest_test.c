/* SHA-256, HMAC and base64 by the published vectors. */
#include "base/digest.h"
#include "unit.h"

#include <stdlib.h>

static void hex(char *out, const unsigned char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
}

/* FIPS 180-2, appendix B, and NIST's example values. */
static const struct {
    const char *text, *digest;
} digests[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnop"
     "qrs"
     "mnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
};

TEST(digest_sha256_has_the_digests_of_the_standard) {
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
        char got[SHA256_HEX_SIZE];
        unit_case = digests[i].text;
        sha256_hex(got, digests[i].text, strlen(digests[i].text));
        CHECK_STR(got, digests[i].digest);
    }
}

TEST(digest_sha256_of_a_million_letters) {
    char got[SHA256_HEX_SIZE], *text = malloc(1000000);
    memset(text, 'a', 1000000);
    sha256_hex(got, text, 1000000);
    CHECK_STR(got, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(text);
}

/* Every length around the blocks; one digest of all the digests, computed with Python's hashlib. */
TEST(digest_sha256_of_every_length) {
    unsigned char all[200 * SHA256_SIZE], text[200];
    char got[SHA256_HEX_SIZE];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (unsigned char)i;
        sha256(all + i * SHA256_SIZE, text, i);
    }
    sha256_hex(got, all, sizeof all);
    CHECK_STR(got, "ba7b0fcea7d10c06b855b43d2b4dce1e3e842fff6be0acefb0faf4f2dd05bb47");
}

#define TIMES4(byte)  byte byte byte byte
#define TIMES20(byte) TIMES4(byte) TIMES4(byte) TIMES4(byte) TIMES4(byte) TIMES4(byte)
#define TIMES131(byte)                                                                             \
    TIMES20(byte)                                                                                  \
    TIMES20(byte)                                                                                  \
    TIMES20(byte) TIMES20(byte) TIMES20(byte) TIMES20(byte) TIMES4(byte) TIMES4(byte) byte byte byte

/* RFC 4231; its case 5 is truncated to 128 bits. */
static const struct {
    const char *key, *data, *mac;
} macs[] = {
    {TIMES20("\x0b"), "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {TIMES20("\xaa"), TIMES20("\xdd") TIMES20("\xdd") TIMES4("\xdd") TIMES4("\xdd") "\xdd\xdd",
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17"
     "\x18\x19",
     TIMES20("\xcd") TIMES20("\xcd") TIMES4("\xcd") TIMES4("\xcd") "\xcd\xcd",
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {TIMES20("\x0c"), "Test With Truncation", "a3b6167473100ee06e0c796c2955552b"},
    {TIMES131("\xaa"), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {TIMES131("\xaa"),
     "This is a test using a larger than block-size key and a larger than block-size data. The key "
     "needs to be hashed before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

TEST(digest_hmac_has_the_codes_of_rfc_4231) {
    for (size_t i = 0; i < sizeof macs / sizeof *macs; i++) {
        unsigned char mac[SHA256_SIZE];
        char got[SHA256_HEX_SIZE];
        unit_case = macs[i].data;
        hmac_sha256(mac, macs[i].key, strlen(macs[i].key), macs[i].data, strlen(macs[i].data));
        hex(got, mac, sizeof mac);
        got[strlen(macs[i].mac)] = '\0';
        CHECK_STR(got, macs[i].mac);
    }
}

TEST(digest_hmac_of_nothing) {
    unsigned char mac[SHA256_SIZE];
    char got[SHA256_HEX_SIZE];
    hmac_sha256(mac, NULL, 0, NULL, 0);
    hex(got, mac, sizeof mac);
    CHECK_STR(got, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* RFC 4648, section 10, and the letters that differ. */
static const struct {
    const char *bytes, *standard, *url;
} base64s[] = {
    {"", "", ""},
    {"f", "Zg==", "Zg=="},
    {"fo", "Zm8=", "Zm8="},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg=="},
    {"fooba", "Zm9vYmE=", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xfb\xff\xfe", "+//+", "-__-"},
    {"me:p?~>", "bWU6cD9+Pg==", "bWU6cD9-Pg=="},
};

static struct buf out;

static const char *encoded(const char *bytes, size_t length, bool url) {
    buf_free(&out);
    buf_init(&out, 1000);
    CHECK(base64_encode(&out, bytes, length, url));
    return buf_text(&out);
}

static bool decodes(const char *text) {
    buf_free(&out);
    buf_init(&out, 1000);
    CHECK(buf_puts(&out, "<"));
    bool ok = base64_decode(&out, text, strlen(text));
    CHECK(ok || strcmp(buf_text(&out), "<") == 0);
    return ok;
}

TEST(digest_base64_has_the_texts_of_rfc_4648) {
    for (size_t i = 0; i < sizeof base64s / sizeof *base64s; i++) {
        char unpadded[64];
        const char *bytes = base64s[i].bytes;
        unit_case = base64s[i].standard;
        CHECK_STR(encoded(bytes, strlen(bytes), false), base64s[i].standard);
        CHECK_STR(encoded(bytes, strlen(bytes), true), base64s[i].url);
        CHECK(decodes(base64s[i].standard));
        CHECK_STR(buf_text(&out) + 1, bytes);
        CHECK(decodes(base64s[i].url));
        CHECK_STR(buf_text(&out) + 1, bytes);
        snprintf(unpadded, sizeof unpadded, "%.*s", (int)strcspn(base64s[i].url, "="),
                 base64s[i].url);
        CHECK(decodes(unpadded));
        CHECK_STR(buf_text(&out) + 1, bytes);
    }
    buf_free(&out);
}

TEST(digest_base64_keeps_every_byte) {
    char bytes[256], text[400];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)i;
    }
    snprintf(text, sizeof text, "%s", encoded(bytes, sizeof bytes, true));
    CHECK(decodes(text));
    CHECK_INT(out.length, 1 + sizeof bytes);
    CHECK(memcmp(out.data + 1, bytes, sizeof bytes) == 0);
    buf_free(&out);
}

TEST(digest_base64_refuses_what_is_none) {
    static const char *const texts[] = {"Z",      "Zg=",     "Zm8==", "Zm9v=",    "Zm9v====",
                                        "Z===",   "=",       "====",  "Zg==Zg==", "Zm 9v",
                                        "Zm9v\n", "Zm9\x80", "Zm9v!", "Zg=v",     "\xc3\xa9zz"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        unit_case = texts[i];
        CHECK(!decodes(texts[i]));
    }
    CHECK(!base64_decode(&out, "Zm\0v", 4));
    buf_free(&out);
}

TEST(digest_base64_keeps_to_the_limit) {
    buf_init(&out, 5);
    CHECK(buf_puts(&out, "<"));
    CHECK(!base64_encode(&out, "foob", 4, false));
    CHECK_STR(buf_text(&out), "<");
    CHECK(base64_encode(&out, "foo", 3, false));
    CHECK_STR(buf_text(&out), "<Zm9v");
    CHECK(!base64_decode(&out, "Zm9v", 4));
    CHECK_STR(buf_text(&out), "<Zm9v");
    buf_free(&out);
}
