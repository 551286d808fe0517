/* What a terminal sends, key by key. */
#ifndef MOONTIDE_HOST_KEYS_H
#define MOONTIDE_HOST_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/* Bytes of the first key in `bytes`: a letter, a control character, or a sequence with what belongs
 * to it (Escape, Ctrl-V and Ctrl-X take the key behind). 0: more has to come. `all`: nothing more
 * will, so what begins a key is one. */
size_t keys_next(const char *bytes, size_t length, bool all);

/* How many of the bytes, from the first one on, are whole letters: no controls. */
size_t keys_letters(const char *bytes, size_t length);

/* One letter of UTF-8; a byte that is none becomes U+DC00 + byte, which no text can contain, and
 * comes back as that byte. Returns its bytes. */
size_t keys_decode(wchar_t *letter, const char *bytes, size_t length);
/* Returns the bytes, 1 to 4. */
size_t keys_encode(char bytes[4], wchar_t letter);

#endif
