/* Connections that HTTP hands over. */
#include "http_peer.h"

#define GO "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"

static void start_duplex(int64_t head_timeout) {
    static const char *const headers[] = {"Content-Type: a/b", NULL};
    struct http_request request = {
        .method = "POST",
        .path = "/exec?x=1",
        .headers = headers,
        .body = "{}",
        .body_length = 2,
        .class = HTTP_STREAM,
        .duplex = true,
        .head_timeout = head_timeout,
        .max_body = 100,
    };
    start(request);
}

static const char request_text[] = "POST /exec?x=1 HTTP/1.1\r\nHost: one\r\nConnection: Upgrade\r\n"
                                   "Upgrade: tcp\r\nContent-Type: a/b\r\nContent-Length: 2\r\n"
                                   "\r\n{}";

/* The call is begun, by that reply. */
static void begin(const char *reply) {
    open_all();
    start_duplex(0);
    accept_request(request_text);
    say_text(reply);
    UNTIL(seen.heads > 0 || seen.ends > 0);
    CHECK_INT(seen.heads, 1);
}

/* --- agreed ---------------------------------------------------------------------------------- */

TEST(bytes_go_both_ways) {
    /* clang takes strings side by side for a comma that is missing */
    static const char late[] =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" GO;
    static const char *const replies[] = {
        GO,
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n",
        "HTTP/1.0 200 OK\n\n",
        late,
    };
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        unit_case = replies[i];
        begin(replies[i]);
        CHECK(http_write(seen.call, "ab", 2) && http_write(seen.call, "", 0) &&
              http_write(seen.call, "c", 1));
        UNTIL((hear(TEXT), heard_length == 3));
        CHECK_STR(heard, "abc");
        CHECK_INT(http_queued(seen.call), 0);
        say("x\0y", 3);
        UNTIL(seen.length == 3);
        CHECK(memcmp(seen.text, "x\0y", 3) == 0);
        hang_up();
        finish();
        CHECK_STR(seen.message, "");
        CHECK_INT(seen.status, strstr(replies[i], " 101 ") ? 101 : 200);
        close_all();
    }
    unit_case = "";
}

TEST(what_comes_with_the_head_is_not_lost_and_what_is_written_early_waits_for_it) {
    open_all();
    start_duplex(0);
    CHECK(http_write(seen.call, "early", 5));
    accept_request(request_text);
    run_for(LOOP_SECOND / 50);
    hear(TEXT);
    CHECK_STR(heard, "");
    CHECK_INT(http_queued(seen.call), 5);
    say_text(GO "first");
    UNTIL((hear(TEXT), heard_length == 5) && seen.length == 5);
    CHECK_STR(heard, "early");
    CHECK_STR(seen.text, "first");
    close_all();
}

TEST(the_head_may_come_byte_by_byte) {
    open_all();
    start_duplex(0);
    accept_request(request_text);
    for (const char *at = GO; *at; at++) {
        CHECK_INT(seen.heads, 0);
        say(at, 1);
        run_for(LOOP_SECOND / 2000);
    }
    UNTIL(seen.heads == 1);
    say_text("z");
    UNTIL(seen.length == 1);
    CHECK_INT(seen.heads, 1);
    close_all();
}

TEST(the_other_side_reads_the_end_and_may_go_on_sending) {
    begin(GO);
    CHECK(http_write(seen.call, "last", 4));
    http_end(seen.call);
    http_end(seen.call);
    CHECK(!http_write(seen.call, "x", 1));
    UNTIL((hear(TEXT), heard_end));
    CHECK_STR(heard, "last");
    CHECK_INT(seen.ends, 0);
    say_text("answer");
    hang_up();
    finish();
    CHECK_STR(seen.text, "answer");
    CHECK_STR(seen.message, "");
    close_all();
}

TEST(an_end_that_comes_before_the_head_waits_for_it) {
    open_all();
    start_duplex(0);
    http_end(seen.call);
    accept_request(request_text);
    run_for(LOOP_SECOND / 50);
    hear(TEXT);
    CHECK(!heard_end);
    say_text(GO);
    UNTIL((hear(TEXT), heard_end));
    close_all();
}

/* What stands at a place of the long text: no two pieces of it are alike, nor the places in one. */
static char letter_at(int place) {
    return (char)('a' + (place + place / 997) % 26);
}

/* More than the sockets hold, to a side that reads little at a time. */
TEST(what_is_written_queues_up_and_arrives_whole) {
    enum { BIG = 250000, PIECE = 50000 }; /* a socket takes a part of one */
    static char data[PIECE];
    int small = 2304;
    begin(GO);
    setsockopt(fixture.peer, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < BIG / PIECE; i++) {
        for (int at = 0; at < PIECE; at++)
            data[at] = letter_at(i * PIECE + at);
        CHECK(http_write(seen.call, data, PIECE));
    }
    CHECK_INT(http_queued(seen.call), BIG);
    http_end(seen.call);
    UNTIL(http_queued(seen.call) < BIG);
    CHECK_INT(seen.drained, http_queued(seen.call) <= HTTP_DRAINED);
    for (size_t queued = http_queued(seen.call); heard_length < BIG && !heard_end;) {
        hear(4096);
        run_for(LOOP_SECOND / 5000);
        CHECK(http_queued(seen.call) <= queued);
        queued = http_queued(seen.call);
    }
    UNTIL((hear(1), heard_end));
    CHECK_INT(heard_length, BIG);
    int wrong = 0;
    for (int at = 0; at < BIG; at++)
        wrong += heard[at] != letter_at(at);
    CHECK_INT(wrong, 0);
    CHECK_INT(seen.drained, 1);
    close_all();
}

/* --- pauses ---------------------------------------------------------------------------------- */

TEST(a_pause_holds_the_bytes_back_until_it_is_over) {
    enum { BIG = 120000 };
    static char data[BIG];
    begin(GO);
    memset(data, 'd', BIG);
    seen.pauses = 2;
    say(data, BIG);
    UNTIL(seen.pauses == 1);
    CHECK(http_write(seen.call, "to", 2)); /* only one way is paused */
    UNTIL((hear(TEXT), heard_length == 2));
    hang_up(); /* is noticed afterwards */
    run_for(LOOP_SECOND / 50);
    CHECK_INT(seen.length + (size_t)seen.ends, 0);
    CHECK_INT(seen.pauses, 1);
    http_resume(seen.call);
    UNTIL(seen.pauses == 0);
    CHECK_INT(seen.length, 0);
    http_resume(seen.call);
    http_resume(seen.call);
    CHECK_INT(seen.ends, 0);
    finish();
    CHECK_INT(seen.length, BIG);
    CHECK_STR(seen.message, "");
    close_all();
}

TEST(a_paused_call_can_be_cancelled_or_freed_with_all) {
    for (int round = 0; round < 2; round++) {
        begin(GO);
        seen.pauses = 1;
        say_text("x");
        UNTIL(seen.pauses == 0);
        if (round == 0)
            http_cancel(seen.call);
        close_all();
        CHECK_INT(seen.ends, 0);
    }
}

TEST(bytes_that_the_reader_refuses_end_it) {
    begin(GO);
    seen.refuse = true;
    say_text("x");
    finish();
    CHECK_INT(seen.failure, HTTP_FAIL_LIMIT);
    close_all();
}

/* --- not agreed ------------------------------------------------------------------------------ */

TEST(any_other_reply_is_an_ordinary_one) {
    static const struct {
        const char *reply;
        int status;
        const char *body;
        bool open; /* and the connection stays so */
    } rows[] = {
        {"HTTP/1.1 404 No\r\nContent-Length: 17\r\n\r\n{\"message\":\"no\"}more", 404,
         "{\"message\":\"no\"}m", true},
        {"HTTP/1.1 409 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n3\r\npe!\r\n0\r\n\r\n",
         409, "nope!", true},
        {"HTTP/1.0 500 No\r\n\r\ntext", 500, "text", false},
        {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 500, "", true},
        {"HTTP/1.1 204 Nothing\r\n\r\n", 204, "", true},
        {"HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 400 No\r\nContent-Length: 1\r\n\r\nx", 400, "x", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", 200, "<html>", true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 200, "x",
         true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unit_case = rows[i].reply;
        open_all();
        start_duplex(0);
        accept_request(request_text);
        say_text(rows[i].reply);
        if (!rows[i].open)
            hang_up();
        finish();
        CHECK_STR(seen.message, "");
        CHECK_INT(seen.status, rows[i].status);
        CHECK_STR(seen.body, rows[i].body);
        CHECK_INT(seen.heads + (int)seen.length, 0);
        close_all();
    }
    unit_case = "";
}

static void cut_short(const char *reply, size_t length, bool garbage) {
    open_all();
    start_duplex(0);
    accept_request(request_text);
    say(reply, length);
    hang_up();
    finish();
    CHECK_INT(seen.kind, ERR_TRANSPORT);
    CHECK_INT(seen.failure, garbage ? HTTP_FAIL_GARBAGE : HTTP_FAIL_LOST);
    CHECK_INT(seen.status + seen.heads, 0);
    CHECK(strstr(seen.message, fixture.path));
    close_all();
}

TEST(a_reply_cut_short_is_an_error_at_every_byte) {
    static const char chunks[] =
        "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n";
    static const char counted[] = "HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\nno!";
    for (size_t length = 0; length < sizeof GO - 1; length++)
        cut_short(GO, length, false);
    for (size_t length = 0; length < sizeof chunks - 1; length++)
        cut_short(chunks, length, false);
    for (size_t length = 0; length < sizeof counted - 1; length++)
        cut_short(counted, length, false);
}

TEST(what_is_not_http_is_an_error_at_once) {
    static const char *const replies[] = {
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\x15\x03\x01",
        "HTTP/2.0 101 Go\r\n\r\n",
        "HTTP/1.1 1010 Go\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nabc\r\n",
        "HTTP/1.1 101 Go\r\nno colon\r\n\r\n",
        "HTTP/1.1 404 No\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\ng\r\n",
        "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\n",
    };
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        unit_case = replies[i];
        open_all();
        start_duplex(0);
        accept_request(request_text);
        say_text(replies[i]);
        finish();
        CHECK_INT(seen.failure, HTTP_FAIL_GARBAGE);
        close_all();
    }
    unit_case = "";
}

TEST(a_reply_has_limits) {
    for (int i = 0; i < 3; i++) {
        char line[1024];
        memset(line, 'x', sizeof line);
        open_all();
        start_duplex(0);
        accept_request(request_text);
        say_text(i == 0 ? "HTTP/1.1 404 No\r\nX: " : "HTTP/1.1 404 No\r\n");
        memcpy(line + sizeof line - 5, i == 1 ? "\r\nX: " : "xxxxx", 5);
        if (i == 1)
            say_text("X: ");
        if (i == 2)
            say_text("\r\n"); /* then it is the body that has no end */
        for (int n = 0; n < 200 && seen.ends == 0; n++) {
            send(fixture.peer, line, sizeof line, MSG_NOSIGNAL);
            run_for(LOOP_SECOND / 2000);
        }
        finish();
        CHECK_INT(seen.failure, HTTP_FAIL_LIMIT);
        close_all();
    }
}

TEST(a_queue_that_has_drained_is_told_of_each_time) {
    static char data[2 * HTTP_DRAINED];
    begin(GO);
    CHECK(http_write(seen.call, data, HTTP_DRAINED));
    UNTIL((hear(TEXT), http_queued(seen.call) == 0));
    CHECK_INT(seen.drained, 0); /* it was never above */
    heard_length = 0;
    for (int i = 1; i <= 2; i++) {
        seen.queued = SIZE_MAX;
        CHECK(http_write(seen.call, data, sizeof data));
        CHECK_INT(seen.drained, i - 1); /* not from inside */
        UNTIL((hear(TEXT), seen.drained == i));
        CHECK(seen.queued <= HTTP_DRAINED);
        UNTIL((hear(TEXT), http_queued(seen.call) == 0));
        heard_length = 0;
    }
    CHECK_INT(seen.drained, 2);
    close_all();
}

TEST(a_queue_that_nobody_reads_any_more_is_told_of) {
    static char data[2 * HTTP_DRAINED];
    begin(GO);
    shutdown(fixture.peer, SHUT_RD);
    CHECK(http_write(seen.call, data, sizeof data));
    UNTIL(seen.drained == 1);
    CHECK_INT(seen.queued, 0);
    close_all();
}

/* --- ends ------------------------------------------------------------------------------------ */

TEST(a_server_that_hangs_up_with_input_unread_has_ended_it) {
    enum { BIG = 200000 };
    static char data[BIG];
    begin(GO);
    CHECK(http_write(seen.call, data, BIG));
    run_for(LOOP_SECOND / 100);
    say_text("done");
    hang_up();
    finish();
    CHECK_STR(seen.message, "");
    CHECK_STR(seen.text, "done");
    close_all();
}

TEST(a_server_that_reads_no_more_may_still_send) {
    begin(GO);
    shutdown(fixture.peer, SHUT_RD);
    CHECK(http_write(seen.call, "x", 1));
    UNTIL(http_queued(seen.call) == 0);
    CHECK(http_write(seen.call, "x", 1));
    http_end(seen.call);
    say_text("more");
    UNTIL(seen.length == 4);
    hang_up();
    finish();
    CHECK_STR(seen.message, "");
    close_all();
}

TEST(the_head_must_come_in_time_and_what_follows_need_not) {
    open_all();
    start_duplex(LOOP_SECOND / 2);
    accept_request(request_text);
    finish();
    CHECK_INT(seen.kind, ERR_TIMEOUT);
    CHECK_INT(seen.failure, HTTP_FAIL_TIMEOUT);
    CHECK(strstr(seen.message, "within 0.5 s"));
    close_all();
    open_all();
    start_duplex(LOOP_SECOND * 3 / 2);
    accept_request(request_text);
    say_text(GO);
    UNTIL(seen.heads == 1);
    run_for(LOOP_SECOND * 8 / 5);
    CHECK_INT(seen.ends, 0);
    close_all();
}

TEST(an_error_must_be_complete_in_time) {
    open_all();
    start_duplex(LOOP_SECOND / 2);
    accept_request(request_text);
    say_text("HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\nno");
    finish();
    CHECK_INT(seen.kind, ERR_TIMEOUT);
    close_all();
}

TEST(it_can_be_cancelled_in_every_state) {
    static const char *const said[] = {NULL, "",    "HTTP/1.1 1", "HTTP/1.1 404 No\r\n\r\nno",
                                       GO,   GO "x"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        open_all();
        start_duplex(10 * LOOP_SECOND);
        if (said[i]) {
            accept_request(request_text);
            say_text(said[i]);
            run_for(LOOP_SECOND / 100);
            UNTIL(seen.heads == (i >= 4));
            CHECK(http_write(seen.call, "x", 1));
            http_end(seen.call);
        }
        http_cancel(seen.call);
        if (said[i])
            UNTIL((hear(TEXT), heard_end));
        CHECK_INT(seen.ends, 0);
        close_all();
    }
}

/* A password in the address is for nobody who reads a log of requests. */
TEST(the_host_is_named_without_a_user) {
    open_all();
    http_pool_free(fixture.pool);
    fixture.pool = http_pool_new(
        fixture.http,
        &(struct http_target){.unix_path = fixture.path, .base_url = "http://me:secret@one"}, 4);
    start_duplex(0);
    accept_request(request_text);
    close_all();
}

TEST(a_missing_server_is_an_error) {
    open_all();
    unlink(fixture.path);
    start_duplex(0);
    finish();
    CHECK_INT(seen.failure, HTTP_FAIL_CONNECT);
    CHECK(strstr(seen.message, "No such file"));
    close_all();
}

/* Requests close connections that have been idle: this one only looks as if it were. */
TEST(other_calls_leave_the_connection_alone) {
    begin(GO);
    struct http_request other = {
        .method = "GET", .path = "/", .max_body = 10, .on_done = on_done, .arg = &seen};
    struct http_call *call = seen.call;
    for (int i = 0; i < 3; i++) {
        seen.ends = 0;
        seen.call = http_start(fixture.pool, &other);
        int peer = -1;
        UNTIL((peer = accept4(fixture.listener, NULL, NULL, 0)) >= 0);
        char request[1000];
        CHECK(read(peer, request, sizeof request) > 0);
        CHECK(send(peer, "HTTP/1.0 200 OK\r\n\r\n", 19, 0) == 19);
        close(peer);
        finish();
    }
    seen.ends = 0;
    seen.call = call;
    say_text("still here");
    UNTIL(seen.length == 10);
    CHECK_INT(seen.ends, 0);
    close_all();
}
