/* The request of a duplex call, which libcurl does not send. */
#include "http/internal.h"

#include <string.h>

/* "http://user@host:80/path?query": where the host and the path of it are. */
bool upgrade_write(struct buf *out, const struct http_call *call) {
    const char *scheme = strstr(call->url, "://");
    const char *host = scheme ? scheme + 3 : call->url;
    int length = (int)strcspn(host, "/?");
    const char *path = host + length, *at = memrchr(host, '@', (size_t)length);
    if (at) {
        length -= (int)(at + 1 - host);
        host = at + 1;
    }
    bool ok = buf_printf(out, "%s %s%s HTTP/1.1\r\nHost: %.*s\r\n", call->request.method,
                         *path == '/' ? "" : "/", path, length, host);
    ok = ok && buf_puts(out, "Connection: Upgrade\r\nUpgrade: tcp\r\n");
    for (const struct curl_slist *line = call->headers; line; line = line->next) {
        size_t end = strlen(line->data);
        bool is_default = end > 0 && line->data[end - 1] == ':'; /* libcurl is told to omit it */
        ok = ok && (end == 0 || is_default || buf_printf(out, "%s\r\n", line->data));
    }
    if (easy_has_body(&call->request))
        ok = ok && buf_printf(out, "Content-Length: %zu\r\n", call->request.body_length);
    ok = ok && buf_puts(out, "\r\n");
    return ok && buf_append(out, call->request.body, call->request.body_length);
}
