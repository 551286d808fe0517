/* UTF-8 as Unicode defines it (table 3-7): no overlong forms, no surrogates, at most U+10FFFF. */
#ifndef MOONTIDE_BASE_UTF8_H
#define MOONTIDE_BASE_UTF8_H

#include <stddef.h>

/* Bytes (1 to 4) of the well-formed sequence that `text` starts with, 0 when there is none.
 * `length` is how many bytes may be read. */
size_t utf8_length(const char *text, size_t length);

#endif
