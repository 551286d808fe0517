/* Building request targets. */
#ifndef MOONTIDE_BASE_URL_H
#define MOONTIDE_BASE_URL_H

#include "base/buf.h"

/* Appends `text`, everything but RFC 3986's unreserved characters percent-encoded. Returns false,
 * with `out` as it was, when its limit or the memory does not allow it. */
bool url_escape(struct buf *out, const char *text, size_t length);

/* Appends "?name=value" or "&name=value", as `out` has a query or not; both are escaped. Fails
 * as url_escape does. */
bool url_query(struct buf *out, const char *name, const char *value);

#endif
