/* Building request targets. */
#ifndef MOONTIDE_BASE_URL_H
#define MOONTIDE_BASE_URL_H

#include "base/buf.h"

/* Appends `text`, everything but RFC 3986's unreserved characters percent-encoded. */
bool url_escape(struct buf *out, const char *text, size_t length);

/* Appends "?name=value" or "&name=value", as `out` has a query or not; both are escaped. */
bool url_query(struct buf *out, const char *name, const char *value);

#endif
