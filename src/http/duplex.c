/* A connection that HTTP hands over: libcurl connects, with TLS if need be, and then the request,
 * the head of the reply and all that follows go through here. */
#include "http/duplex.h"
#include "http/internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT  ((size_t)16 * 1024)
#define ROUNDS 16 /* reads in one turn of the loop: others want theirs */

/* What is to be sent. OpenSSL wants what it could not send offered again at the same place. */
struct block {
    struct block *next;
    size_t length, sent;
    char data[];
};

struct duplex {
    struct http_call *call; /* NULL: it has ended, and only the handles are left */
    struct http *http;      /* its own: other transfers close what lies idle in theirs */
    uv_poll_t poll;
    uv_timer_t again; /* reads on without waiting for the socket */
    int handles;      /* that are open */
    int socket;       /* a duplicate, so that libcurl's watch and ours are two; -1: none */
    struct block *request, *first, *last;
    size_t queued;
    bool end, ended, broken; /* end asked for, sent; broken: the server reads no more */
    bool wrote;
    bool high;       /* more than HTTP_DRAINED was queued, and on_drained was not called since */
    struct buf line; /* of the head, as far as it has come */
    uint64_t body;   /* bytes of an ordinary reply's body */
    size_t begin, length;
    char input[INPUT]; /* read, and from `begin` not yet taken */
};

/* --- life ------------------------------------------------------------------------------------ */

struct duplex *duplex_new(struct http_call *call) {
    struct duplex *duplex = calloc(1, sizeof *duplex);
    struct loop *loop = call->pool->http->loop;
    if (!duplex)
        return NULL;
    if (!(duplex->http = http_new(loop))) {
        free(duplex);
        return NULL;
    }
    duplex->call = call;
    duplex->socket = -1;
    buf_init(&duplex->line, call->reply.headers.limit);
    uv_timer_init(loop_uv(loop), &duplex->again);
    duplex->again.data = duplex;
    duplex->handles = 1;
    return duplex;
}

struct http *duplex_client(struct duplex *duplex) {
    return duplex->http;
}

static void free_blocks(struct block **first) {
    while (*first) {
        struct block *block = *first;
        *first = block->next;
        free(block);
    }
}

static void on_closed(uv_handle_t *handle) {
    struct duplex *duplex = handle->data;
    if (--duplex->handles > 0)
        return;
    http_free(duplex->http);
    free(duplex);
}

void duplex_free(struct duplex *duplex) {
    if (!duplex)
        return;
    duplex->call = NULL;
    free_blocks(&duplex->request);
    free_blocks(&duplex->first);
    buf_free(&duplex->line);
    uv_close((uv_handle_t *)&duplex->again, on_closed);
    if (duplex->socket >= 0) {
        uv_close((uv_handle_t *)&duplex->poll, on_closed);
        close(duplex->socket); /* libuv has stopped to watch it */
    }
}

static struct block *block_new(const void *data, size_t length) {
    struct block *block = malloc(sizeof *block + length);
    if (!block)
        return NULL;
    *block = (struct block){.length = length};
    memcpy(block->data, data, length);
    return block;
}

/* --- writing --------------------------------------------------------------------------------- */

/* What is left of the blocks afterwards has to wait. False when the connection is broken. */
static bool send_blocks(struct duplex *duplex, struct block **first) {
    while (*first) {
        struct block *block = *first;
        size_t sent = 0;
        CURLcode code = curl_easy_send(duplex->call->easy, block->data + block->sent,
                                       block->length - block->sent, &sent);
        block->sent += sent;
        if (block->sent < block->length && code != CURLE_OK)
            return code == CURLE_AGAIN;
        duplex->call->sent = true;
        if (block->sent == block->length) {
            *first = block->next;
            free(block);
        }
    }
    return true;
}

static void count_queued(struct duplex *duplex) {
    duplex->queued = 0;
    for (struct block *block = duplex->first; block; block = block->next)
        duplex->queued += block->length - block->sent;
}

static void tell_drained(struct duplex *duplex) {
    const struct http_request *request = &duplex->call->request;
    if (!duplex->high || duplex->queued > HTTP_DRAINED)
        return;
    duplex->high = false;
    if (request->on_drained)
        request->on_drained(request->arg);
}

/* A server that reads no more may still have something to say: so a failure is only noted. */
static void flush(struct duplex *duplex) {
    if (!duplex->broken && !send_blocks(duplex, &duplex->request))
        duplex->broken = true;
    if (!duplex->broken && duplex->call->begun) {
        duplex->wrote = duplex->wrote || duplex->first;
        duplex->broken = !send_blocks(duplex, &duplex->first);
        count_queued(duplex);
    }
    if (duplex->broken) {
        free_blocks(&duplex->request);
        free_blocks(&duplex->first);
        duplex->queued = 0;
    }
    tell_drained(duplex);
    if (duplex->end && !duplex->ended && !duplex->broken && duplex->call->begun && !duplex->first) {
        shutdown(duplex->socket, SHUT_WR);
        duplex->ended = true;
    }
}

/* --- reading --------------------------------------------------------------------------------- */

/* How an action went. */
enum outcome {
    GO_ON,
    WAIT, /* for the socket, or for http_resume */
    OVER, /* the call is to be ended */
};

static enum outcome refused(struct http_call *call) {
    if (call->fault)
        fail_transfer(call, CURLE_WEIRD_SERVER_REPLY);
    return OVER;
}

static size_t pending(const struct duplex *duplex) {
    return duplex->length - duplex->begin;
}

/* An ordinary reply, whose body is still to come, if it has one. */
static enum outcome begin_body(struct duplex *duplex) {
    struct http_call *call = duplex->call;
    char length[32] = "";
    bool counted = http_header(&call->reply.headers, "Content-Length", length, sizeof length);
    int status = call->reply.status;
    duplex->body = counted ? strtoull(length, NULL, 10) : UINT64_MAX;
    return duplex->body == 0 || status == 204 || status == 304 ? OVER : GO_ON;
}

/* Takes one line of the head, or the beginning of one. */
static enum outcome take_line(struct duplex *duplex) {
    struct http_call *call = duplex->call;
    const char *input = duplex->input + duplex->begin, *end = memchr(input, '\n', pending(duplex));
    size_t length = end ? (size_t)(end + 1 - input) : pending(duplex);
    struct buf *line = &duplex->line;
    if (!buf_append(line, input, length)) {
        fail_limit(call, "its headers may be too long");
        return OVER;
    }
    duplex->begin += length;
    size_t known = line->length < 7 ? line->length : 7;
    bool first = call->reply.headers.length == 0 || call->head_complete;
    if (first && memcmp(buf_text(line), "HTTP/1.", known) != 0) {
        call->fault = "its reply does not begin with a status of HTTP/1";
        return refused(call);
    }
    if (!end)
        return GO_ON;
    bool was_complete = call->head_complete;
    bool ok = receive_line(call, line->data, line->length);
    line->length = 0;
    if (!ok)
        return refused(call);
    bool final = call->head_complete && !was_complete && call->reply.status / 100 != 1;
    return final && !call->begun ? begin_body(duplex) : GO_ON;
}

static bool is_complete(const struct http_call *call) {
    return call->head_complete && (call->begun || call->reply.status / 100 != 1);
}

/* Takes bytes of what comes after the head. */
static enum outcome take_bytes(struct duplex *duplex) {
    struct http_call *call = duplex->call;
    const char *input = duplex->input + duplex->begin;
    size_t length = pending(duplex), used;
    enum http_take taken;
    if (call->begun || !call->in_chunks) {
        used = call->begun || length < duplex->body ? length : (size_t)duplex->body;
        taken = receive(call, input, used);
        used = taken == HTTP_TAKEN ? used : 0;
    } else {
        taken = receive_framed(call, input, length, &used);
    }
    duplex->begin += used;
    if (taken != HTTP_TAKEN)
        return taken == HTTP_PAUSE ? WAIT : refused(call);
    if (call->begun)
        return GO_ON;
    if (duplex->body != UINT64_MAX)
        duplex->body -= used;
    return duplex->body == 0 || call->chunked.ended ? OVER : GO_ON;
}

/* The server has hung up. */
static enum outcome hung_up(struct duplex *duplex, CURLcode code) {
    struct http_call *call = duplex->call;
    bool until_close = is_complete(call) && !call->in_chunks && duplex->body == UINT64_MAX;
    /* One that closes with input unread resets the connection. */
    bool reset = code != CURLE_OK && !(duplex->wrote && call->begun);
    if (!reset && (call->begun || until_close))
        return OVER;
    if (code == CURLE_OK) {
        bool nothing = call->reply.headers.length == 0 && duplex->line.length == 0;
        code = nothing ? CURLE_GOT_NOTHING : CURLE_PARTIAL_FILE;
        call->fault = nothing             ? NULL
                      : is_complete(call) ? "its body is cut off"
                                          : "its headers are cut off";
    }
    fail_transfer(call, code);
    return OVER;
}

static enum outcome fill(struct duplex *duplex) {
    size_t length = 0;
    CURLcode code = curl_easy_recv(duplex->call->easy, duplex->input, INPUT, &length);
    if (code == CURLE_AGAIN)
        return WAIT;
    if (code != CURLE_OK || length == 0)
        return hung_up(duplex, code);
    duplex->begin = 0;
    duplex->length = length;
    return GO_ON;
}

static enum outcome read_on(struct duplex *duplex) {
    struct http_call *call = duplex->call;
    for (int round = 0; !call->paused; round++) {
        enum outcome outcome = GO_ON;
        while (outcome == GO_ON && pending(duplex) > 0)
            outcome = is_complete(call) ? take_bytes(duplex) : take_line(duplex);
        if (outcome == GO_ON && round == ROUNDS)
            return GO_ON;
        if (outcome == GO_ON)
            outcome = fill(duplex);
        if (outcome != GO_ON)
            return outcome;
    }
    return WAIT;
}

/* --- the socket ------------------------------------------------------------------------------ */

static void act(struct duplex *duplex);

static void on_again(uv_timer_t *timer) {
    act(timer->data);
}

void duplex_go_on(struct duplex *duplex) {
    if (duplex->socket >= 0) /* else it is not connected, and begins by itself */
        uv_timer_start(&duplex->again, on_again, 0, 0);
}

static void on_ready(uv_poll_t *poll, int status, int events) {
    (void)status; /* an error shows when it is read */
    (void)events;
    act(poll->data);
}

/* Does what can be done now, and waits for the rest. */
static void act(struct duplex *duplex) {
    struct http_call *call = duplex->call;
    flush(duplex);
    enum outcome outcome = read_on(duplex);
    if (outcome == OVER) {
        call_deliver(call);
        return;
    }
    if (outcome == GO_ON)
        duplex_go_on(duplex);
    flush(duplex); /* what the reply has let in */
    bool waits = duplex->request || (duplex->first && call->begun);
    int events = (call->paused ? 0 : UV_READABLE) | (waits ? UV_WRITABLE : 0);
    if (events)
        uv_poll_start(&duplex->poll, events, on_ready);
    else
        uv_poll_stop(&duplex->poll);
}

/* --- the connection -------------------------------------------------------------------------- */

static struct block *write_request(const struct http_call *call) {
    struct buf out;
    buf_init(&out, SIZE_MAX);
    struct block *block = upgrade_write(&out, call) ? block_new(out.data, out.length) : NULL;
    buf_free(&out);
    return block;
}

static bool watch(struct duplex *duplex) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(duplex->call->easy, CURLINFO_ACTIVESOCKET, &socket);
    int own = fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (own < 0)
        return false;
    if (uv_poll_init_socket(loop_uv(duplex->http->loop), &duplex->poll, own) != 0) {
        close(own);
        return false;
    }
    duplex->poll.data = duplex;
    duplex->socket = own;
    duplex->handles++;
    return true;
}

void duplex_connected(struct duplex *duplex) {
    duplex->request = write_request(duplex->call);
    if (duplex->request && watch(duplex))
        duplex_go_on(duplex);
    else
        call_fail_soon(duplex->call, ERR_TRANSPORT, "out of memory or descriptors");
}

/* --- what callers do ------------------------------------------------------------------------- */

bool http_write(struct http_call *call, const void *data, size_t length) {
    struct duplex *duplex = call->duplex;
    if (!duplex || duplex->end)
        return false;
    if (duplex->broken || length == 0)
        return true;
    struct block *block = block_new(data, length);
    if (!block)
        return false;
    if (duplex->first)
        duplex->last->next = block;
    else
        duplex->first = block;
    duplex->last = block;
    duplex->queued += length;
    duplex->high = duplex->high || duplex->queued > HTTP_DRAINED;
    duplex_go_on(duplex);
    return true;
}

size_t http_queued(const struct http_call *call) {
    return call->duplex ? call->duplex->queued : 0;
}

void http_end(struct http_call *call) {
    if (!call->duplex)
        return;
    call->duplex->end = true;
    duplex_go_on(call->duplex);
}
