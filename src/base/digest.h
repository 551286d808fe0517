/* SHA-256 (FIPS 180-4), HMAC with it (RFC 2104), base64 (RFC 4648). */
#ifndef MOONTIDE_BASE_DIGEST_H
#define MOONTIDE_BASE_DIGEST_H

#include "base/buf.h"

enum { SHA256_SIZE = 32, SHA256_HEX_SIZE = 65 };

void sha256(unsigned char out[SHA256_SIZE], const void *data, size_t length);

/* The digest in lower-case hexadecimal digits, with a NUL. */
void sha256_hex(char out[SHA256_HEX_SIZE], const void *data, size_t length);

void hmac_sha256(unsigned char out[SHA256_SIZE], const void *key, size_t key_length,
                 const void *data, size_t length);

/* Appends with padding; `url`: with "-" and "_" for "+" and "/". False, with `out` as it was, when
 * its limit or the memory does not allow it. */
bool base64_encode(struct buf *out, const void *data, size_t length, bool url);

/* Appends the bytes of a padded or unpadded text in either alphabet. False, with `out` as it was,
 * also when it is none. */
bool base64_decode(struct buf *out, const char *text, size_t length);

#endif
