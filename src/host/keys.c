#include "host/keys.h"

#include "base/utf8.h"

enum { ESCAPE = 0x1b, QUOTE_NEXT = 0x16, PREFIX = 0x18, RAW_BYTE = 0xdc00 };

/* How long the letter is that this byte begins, if it begins one. */
static size_t announced(unsigned char byte) {
    return byte < 0xc2 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 1;
}

/* 0: the bytes may become one. */
static size_t letter_length(const char *bytes, size_t length) {
    size_t whole = utf8_length(bytes, length);
    size_t due = announced((unsigned char)*bytes);
    if (whole || due <= length)
        return whole ? whole : 1;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 1;
    return 0;
}

/* "ESC [ 1 ; 5 C": parameters, then one byte that ends it. Linux's console has "ESC [ [ A". */
static size_t control_sequence(const char *bytes, size_t length) {
    size_t i = 2;
    if (i < length && bytes[i] == '[')
        return length > 3 ? 4 : 0;
    while (i < length && bytes[i] >= 0x20 && bytes[i] <= 0x3f)
        i++;
    return i < length ? i + 1 : 0;
}

static size_t escape_sequence(const char *bytes, size_t length) {
    if (length == 1)
        return 0;
    if (bytes[1] == '[')
        return control_sequence(bytes, length);
    if (bytes[1] == 'O')
        return length > 2 ? 3 : 0;
    size_t rest = keys_next(bytes + 1, length - 1, false);
    return rest ? rest + 1 : 0;
}

size_t keys_next(const char *bytes, size_t length, bool all) {
    size_t size = 0;
    if (length == 0)
        return 0;
    if (*bytes == ESCAPE)
        size = escape_sequence(bytes, length);
    else if (*bytes == QUOTE_NEXT || *bytes == PREFIX) {
        size_t rest = length > 1 ? letter_length(bytes + 1, length - 1) : 0;
        size = rest ? rest + 1 : 0;
    } else
        size = letter_length(bytes, length);
    return size || !all ? size : length;
}

size_t keys_letters(const char *bytes, size_t length) {
    size_t i = 0;
    while (i < length && (unsigned char)bytes[i] >= 0x20 && bytes[i] != 0x7f) {
        size_t size = letter_length(bytes + i, length - i);
        if (!size)
            break;
        i += size;
    }
    return i;
}

size_t keys_decode(wchar_t *letter, const char *bytes, size_t length) {
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t size = utf8_length(bytes, length);
    if (!size) {
        *letter = RAW_BYTE + (unsigned char)*bytes;
        return 1;
    }
    unsigned long code = (unsigned char)*bytes & masks[size];
    for (size_t i = 1; i < size; i++)
        code = code << 6 | ((unsigned char)bytes[i] & 0x3f);
    *letter = (wchar_t)code;
    return size;
}

size_t keys_encode(char bytes[4], wchar_t letter) {
    unsigned long code = (unsigned long)letter;
    if (code < 0x80 || (code >= RAW_BYTE + 0x80 && code <= RAW_BYTE + 0xff)) {
        bytes[0] = (char)code;
        return 1;
    }
    size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, code >>= 6)
        bytes[i] = (char)(0x80 | (code & 0x3f));
    bytes[0] = (char)((0xf00 >> size & 0xff) | code);
    return size;
}
