/* Replies that are streamed: as they come, in pieces, with pauses, malformed, broken off. */
#include "http_peer.h"

#include <sys/resource.h>

#define CHUNKS    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define UNTIL_END "HTTP/1.1 200 OK\r\n\r\n"

static void start_stream(int64_t timeout, int64_t head_timeout) {
    start((struct http_request){.method = "GET",
                                .path = "/logs",
                                .class = HTTP_STREAM,
                                .timeout = timeout,
                                .head_timeout = head_timeout,
                                .max_body = 100});
    accept_request("GET /logs HTTP/1.1\r\nHost: one\r\nAccept: */*\r\n\r\n");
}

/* A stream to which that was said. */
static void stream(const char *reply) {
    open_all();
    start_stream(0, 0);
    say_text(reply);
}

TEST(a_stream_is_given_as_it_comes) {
    stream(CHUNKS);
    UNTIL(seen.heads == 1);
    CHECK_INT(seen.status, 200);
    static const char *const pieces[] = {"2\r\nhe\r\n", "3;a=\"b\"\r\nllo\r\n", "00A \r\n 123",
                                         "456789\r\n"};
    static const char *const texts[] = {"he", "hello", "hello 123", "hello 123456789"};
    for (size_t i = 0; i < 4; i++) {
        say_text(pieces[i]);
        UNTIL(strcmp(seen.text, texts[i]) == 0);
    }
    CHECK_INT(seen.ends, 0);
    say_text("000\r\nTrailer: x\r\nHTTP/1.1 404: no\r\n\r\n");
    finish();
    CHECK_STR(seen.message, "");
    CHECK_INT(seen.heads, 1);
    CHECK_INT(seen.status, 200);
    CHECK_STR(seen.text, texts[3]);
    close_all();
}

TEST(a_stream_cut_short_is_an_error_at_every_byte) {
    static const char body[] = "2\r\nhe\r\n3;x\r\nllo\r\n0\r\nT: x\r\n\r\n";
    for (size_t length = 0; length < sizeof body - 2; length++) {
        stream(CHUNKS);
        say(body, length);
        hang_up();
        finish();
        CHECK_INT(seen.failure, HTTP_FAIL_LOST);
        CHECK_INT(seen.status, 0);
        CHECK(strncmp("hello", seen.text, seen.length) == 0);
        close_all();
    }
}

/* --- bad input ------------------------------------------------------------------------------- */

TEST(a_malformed_chunk_is_an_error_and_never_short_data) {
    static const char *const bodies[] = {
        "g\r\nhello\r\n0\r\n\r\n",
        "-1\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5g\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5\rhello\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello\r0\r\n\r\n",
        "5\r\nhello!\r\n0\r\n\r\n",
        "5\r\nhello!\n0\r\n\r\n",
        "00000000000000005\r\nhello\r\n0\r\n\r\n",
        "10000000000000000\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        "8000000000000000\r\nhello\r\n0\r\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\n\n",
        "5\r\nhello\r\n0;\r\r\n\r\n",
        "5\r\nhello\r\n0\r\n\n",
        "5\r\nhello\r\n0\r\nA: b\r\rC: d\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        unit_case = bodies[i];
        stream(CHUNKS);
        say_text(bodies[i]);
        finish();
        CHECK_INT(seen.kind, ERR_TRANSPORT);
        CHECK_INT(seen.failure, HTTP_FAIL_GARBAGE);
        UNIT_CHECK(strstr(seen.message, "chunks that it comes in is malformed"), "it is: %s",
                   seen.message);
        CHECK(strncmp("hello", seen.text, seen.length) == 0);
        close_all();
    }
    unit_case = "";
}

/* Says the same line until the call ends. */
static void say_for_ever(const char *line, size_t most) {
    for (size_t said = 0; said < most && seen.ends == 0; run_for(LOOP_SECOND / 5000))
        while (seen.ends == 0 && said < most &&
               send(fixture.peer, line, strlen(line), MSG_NOSIGNAL) > 0)
            said += strlen(line);
}

TEST(a_chunk_has_no_endless_line_and_a_stream_no_endless_headers) {
    static const struct {
        const char *begin, *line;
    } rows[] = {
        {CHUNKS "5;", "extension"},
        {CHUNKS "0\r\n", "Trailer: x\r\n"},
        {CHUNKS "0\r\n", "trailer"},
        {"HTTP/1.1 200 OK\r\n", "X-Filler: 0123456789\r\n"},
        {"HTTP/1.1 200 OK\r\nX-Long: ", "0123456789"},
        {"HTTP/1.1 200 ", "OK"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unit_case = rows[i].line;
        stream(rows[i].begin);
        say_for_ever(rows[i].line, 1024 * 1024);
        finish();
        CHECK_INT(seen.kind, ERR_TRANSPORT);
        CHECK_INT(seen.length, 0);
        close_all();
    }
    unit_case = "";
}

TEST(a_head_that_can_be_misread_is_refused) {
    static const char *const heads[] = {
        "HTTP/1.1 1000 OK\r\n\r\n",
        "HTTP/1.1 99 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 200OK\r\n\r\n",
        "HTTP/1.1 2e2 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/0.9 200 OK\r\n\r\n",
        "HTTP/11 200 OK\r\n\r\n",
        "HTTP/1.1 101 Other protocol\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5,5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        unit_case = heads[i];
        stream(heads[i]);
        finish();
        CHECK_INT(seen.kind, ERR_TRANSPORT);
        CHECK_INT(seen.failure, HTTP_FAIL_GARBAGE);
        CHECK_INT(seen.heads, 0);
        close_all();
    }
    unit_case = "a zero";
    static const char zero[] = "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n";
    stream("");
    say(zero, sizeof zero - 1);
    finish();
    CHECK_INT(seen.failure, HTTP_FAIL_GARBAGE);
    close_all();
    unit_case = "";
}

TEST(a_stream_with_a_length_ends_there_and_no_earlier) {
    stream("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
    UNTIL(seen.length == 4);
    say_text("o and more");
    finish();
    CHECK_STR(seen.message, "");
    CHECK_STR(seen.text, "hello");
    close_all();
    stream("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
    hang_up();
    finish();
    CHECK_INT(seen.failure, HTTP_FAIL_LOST);
    close_all();
}

/* --- pauses ---------------------------------------------------------------------------------- */

/* Resumes whenever it is paused, until it ends. */
static void resume_to_the_end(void) {
    for (int rounds = 0; seen.ends == 0 && rounds < 10000; rounds++) {
        http_resume(seen.call);
        if (seen.ends == 0)
            run_for(LOOP_SECOND / 2000);
    }
}

TEST(a_paused_stream_loses_nothing_and_doubles_nothing) {
    static const char *const replies[] = {
        CHUNKS "1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n4\r\nghij\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcdefghij",
        UNTIL_END "abcdefghij",
    };
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        for (int round = 0; round < (i == 0 ? 16 : 4); round++) { /* chunks are pieces */
            unit_case = replies[i];
            open_all();
            start_stream(0, 0);
            int pauses = seen.pauses = 1 + round % 4;
            seen.takes = round / 4;
            say_text(replies[i]);
            hang_up();
            UNTIL(seen.pauses == pauses - 1);
            CHECK_INT(seen.ends, 0);
            CHECK(seen.length < 10);
            resume_to_the_end();
            CHECK_INT(seen.ends, 1);
            CHECK_STR(seen.message, "");
            CHECK_STR(seen.text, "abcdefghij");
            close_all();
        }
    }
    unit_case = "";
}

/* Sends chunks until the other side takes no more, and returns how many bytes that were. */
static size_t fill_up(void) {
    static char chunk[1007] = "3e8\r\n";
    size_t sent = 0;
    memset(chunk + 5, 'x', 1000);
    memcpy(chunk + 1005, "\r\n", 2);
    for (int quiet = 0; quiet < 20; quiet++) {
        while (send(fixture.peer, chunk, sizeof chunk, MSG_NOSIGNAL) > 0) {
            sent += 1000;
            quiet = 0;
        }
        run_for(LOOP_SECOND / 1000);
    }
    return sent;
}

TEST(a_paused_stream_holds_little_and_costs_no_time) {
    struct rusage before, after;
    int small = 4096;
    stream(CHUNKS);
    setsockopt(fixture.peer, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    seen.pauses = 1;
    size_t sent = fill_up();
    CHECK_INT(seen.pauses, 0);
    UNIT_CHECK(sent > 0 && sent < 100000, "it took %zu bytes", sent);
    getrusage(RUSAGE_SELF, &before);
    run_for(LOOP_SECOND / 5);
    getrusage(RUSAGE_SELF, &after);
    long used = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000L +
                after.ru_utime.tv_usec - before.ru_utime.tv_usec;
    UNIT_CHECK(used < 50000, "it took %ld us", used);
    CHECK_INT(seen.length, 0);
    http_resume(seen.call);
    UNTIL(seen.length == sent);
    close_all();
}

TEST(a_paused_stream_notices_a_broken_connection_when_it_goes_on) {
    open_all();
    start_stream(0, 0);
    seen.pauses = 1;
    say_text(CHUNKS "3\r\nabc\r\n");
    UNTIL(seen.pauses == 0);
    hang_up();
    run_for(LOOP_SECOND / 50);
    CHECK_INT(seen.ends, 0);
    http_resume(seen.call);
    CHECK_STR(seen.text, "abc");
    CHECK_INT(seen.ends, 0);
    finish();
    CHECK_INT(seen.failure, HTTP_FAIL_LOST);
    close_all();
}

TEST(a_paused_stream_has_its_deadline_and_can_be_cancelled) {
    for (int round = 0; round < 3; round++) {
        open_all();
        start_stream(round == 0 ? LOOP_SECOND / 2 : 0, 0);
        seen.pauses = 1;
        say_text(CHUNKS "3\r\nabc\r\n");
        UNTIL(seen.pauses == 0);
        if (round == 0)
            finish();
        if (round == 1)
            http_cancel(seen.call);
        CHECK_INT(seen.ends, round == 0);
        CHECK_INT(seen.kind, round == 0 ? ERR_TIMEOUT : ERR_NONE);
        close_all(); /* in the third round while it is paused */
        CHECK_INT(seen.ends, round == 0);
    }
}

TEST(a_stream_refused_when_it_goes_on_ends_later) {
    open_all();
    start_stream(0, 0);
    seen.pauses = 1;
    say_text(CHUNKS "3\r\nabc\r\n");
    UNTIL(seen.pauses == 0);
    seen.refuse = true;
    http_resume(seen.call);
    CHECK_INT(seen.ends, 0);
    finish();
    CHECK_INT(seen.failure, HTTP_FAIL_LIMIT);
    close_all();
}

/* --- time ------------------------------------------------------------------------------------ */

TEST(a_stream_must_begin_in_time) {
    open_all();
    start_stream(0, LOOP_SECOND / 2);
    say_text("HTTP/1.1 200 OK\r\n");
    finish();
    CHECK_INT(seen.failure, HTTP_FAIL_TIMEOUT);
    CHECK(strstr(seen.message, "within 0.5 s"));
    close_all();
}

TEST(a_stream_that_has_begun_has_time_unless_all_of_it_is_limited) {
    open_all();
    start_stream(0, LOOP_SECOND * 3 / 2);
    say_text(CHUNKS);
    UNTIL(seen.heads == 1);
    run_for(LOOP_SECOND * 8 / 5);
    CHECK_INT(seen.ends, 0);
    close_all();
    open_all();
    start_stream(LOOP_SECOND * 3 / 5, LOOP_SECOND / 2);
    say_text(CHUNKS);
    finish();
    CHECK_INT(seen.heads, 1);
    CHECK(strstr(seen.message, "within 0.6 s"));
    close_all();
}

TEST(the_error_that_comes_instead_of_a_stream_must_be_complete_in_time) {
    open_all();
    start_stream(0, LOOP_SECOND / 2);
    say_text("HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\ngo");
    finish();
    CHECK_INT(seen.kind, ERR_TIMEOUT);
    close_all();
    stream("HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngone\r\n0\r\n\r\n");
    finish();
    CHECK_INT(seen.status, 404);
    CHECK_STR(seen.body, "gone");
    CHECK_INT(seen.heads + (int)seen.length, 0);
    close_all();
}

TEST(what_has_no_body_has_no_chunks) {
    open_all();
    start((struct http_request){.method = "HEAD", .path = "/", .max_body = 10});
    accept_request("HEAD / HTTP/1.1\r\nHost: one\r\nAccept: */*\r\n\r\n");
    say_text(CHUNKS);
    finish();
    CHECK_STR(seen.message, "");
    CHECK_INT(seen.status, 200);
    close_all();
    stream("HTTP/1.1 304 Same\r\nTransfer-Encoding: chunked\r\n\r\n");
    finish();
    CHECK_STR(seen.message, "");
    close_all();
}
