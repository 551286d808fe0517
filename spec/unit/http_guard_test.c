/* Calls with deny_link_local or ignore_body: which addresses, and how much of a reply. */
#include "http/guard.h"
#include "http_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static bool is_denied(const char *text) {
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    struct sockaddr_in four = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return guard_is_link_local((struct sockaddr *)&four);
    CHECK_INT(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return guard_is_link_local((struct sockaddr *)&six);
}

TEST(link_local_addresses_are_denied_in_every_form) {
    static const char *const denied[] = {
        "169.254.0.0",
        "169.254.169.254",
        "169.254.255.255",
        "fe80::",
        "fe80::1",
        "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "::ffff:169.254.0.0",
        "::ffff:a9fe:a9fe",
        "::169.254.169.254",
        "::ffff:0:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1:a9fe:a9:fe00::",
        "64:ff9b:1::a9fe:1",
        "2002:a9fe:a9fe::1",
    };
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++) {
        unit_case = denied[i];
        CHECK(is_denied(denied[i]));
    }
    unit_case = "";
}

TEST(other_addresses_are_not) {
    static const char *const allowed[] = {
        "169.253.255.255",
        "169.255.0.0",
        "168.254.0.0",
        "127.0.0.1",
        "10.0.0.1",
        "192.168.169.254",
        "172.16.0.1",
        "0.0.0.0",
        "254.169.254.169",
        "::1",
        "::",
        "fd00::a9fe:a9fe",
        "fe7f:ffff::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::a9fe:a9fe",
        "::ffff:127.0.0.1",
        "::fffe:169.254.169.254",
        "::1:0:a9fe:a9fe",
        "::ffff:1:169.254.169.254",
        "64:ff9b::10.0.0.1",
        "64:ff9b:2:a9fe::",
        "64:ff9b:1:fea9::",
        "2002:fea9:a9fe::1",
        "2003:a9fe::1",
    };
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        unit_case = allowed[i];
        CHECK(!is_denied(allowed[i]));
    }
    unit_case = "";
    CHECK(!guard_is_link_local(&(struct sockaddr){.sa_family = AF_UNIX}));
}

/* A call that ignores the body and waits for `timeout`, 0: as long as it takes. */
static void ignoring(int64_t timeout) {
    open_all();
    start((struct http_request){.method = "GET",
                                .path = "/",
                                .class = HTTP_SHORT,
                                .timeout = timeout,
                                .ignore_body = true,
                                .max_body = 10});
    accept_request("GET / HTTP/1.1\r\nHost: one\r\nAccept: */*\r\n\r\n");
}

static void check_status(int status) {
    finish();
    CHECK_STR(seen.message, "");
    CHECK_INT(seen.kind, ERR_NONE);
    CHECK_INT(seen.failure, HTTP_FAIL_NONE);
    CHECK_INT(seen.status, status);
    CHECK_STR(seen.body, "");
    CHECK_INT(seen.length, 0);
    close_all();
}

TEST(an_ignored_body_may_be_anything_or_nothing) {
    static const struct {
        const char *reply;
        int status;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200},
        {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nlonger than max_body, and cut", 200},
        {"HTTP/1.1 204 No\r\n\r\n", 204},
        {"HTTP/1.1 200 OK\r\n\r\nuntil the end", 200},
        {"HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\nhe", 500},
        {"HTTP/1.1 302 Over there\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", 302},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", 200},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk", 200},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n", 201},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unit_case = rows[i].reply;
        ignoring(0);
        say_text(rows[i].reply);
        hang_up();
        check_status(rows[i].status);
    }
    unit_case = "";
}

TEST(a_head_is_not_ignored) {
    static const struct {
        const char *reply;
        enum http_failure failure;
    } rows[] = {
        {"", HTTP_FAIL_LOST},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", HTTP_FAIL_LOST},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
         HTTP_FAIL_GARBAGE},
        {"HTTP/1.1 100 Continue\r\n\r\n", HTTP_FAIL_LOST},
        {"hello", HTTP_FAIL_GARBAGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unit_case = rows[i].reply;
        ignoring(0);
        say_text(rows[i].reply);
        hang_up();
        finish();
        CHECK_INT(seen.failure, rows[i].failure);
        CHECK_INT(seen.status, 0);
        close_all();
    }
    unit_case = "";
}

TEST(an_ignored_body_that_does_not_come_costs_the_timeout_and_nothing_else) {
    ignoring(LOOP_SECOND / 2);
    say_text("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    check_status(200);
    ignoring(LOOP_SECOND / 2);
    say_text("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n");
    finish();
    CHECK_INT(seen.kind, ERR_TIMEOUT);
    close_all();
}

/* Sends until nobody takes it. */
static size_t flood(void) {
    static char zeros[4096];
    size_t sent = 0;
    int rounds = 0;
    while (seen.ends == 0 && rounds++ < 10000) {
        ssize_t n = send(fixture.peer, zeros, sizeof zeros, MSG_NOSIGNAL | MSG_DONTWAIT);
        sent += n > 0 ? (size_t)n : 0;
        run_for(LOOP_SECOND / 10000);
    }
    return sent;
}

TEST(an_ignored_body_is_read_up_to_64_kilobytes) {
    int small = 4096;
    ignoring(0);
    setsockopt(fixture.peer, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    say_text("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
    size_t sent = flood();
    CHECK(sent >= 64 * 1024 && sent < 256 * 1024);
    check_status(200);
}

TEST(an_ignored_body_that_ends_leaves_its_connection_for_the_next_call) {
    ignoring(0);
    say_text("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    finish();
    seen.ends = 0;
    start((struct http_request){.method = "GET", .path = "/", .class = HTTP_SHORT, .max_body = 10});
    UNTIL((hear(TEXT), strstr(heard, "\r\n\r\n")) || heard_end);
    CHECK(!heard_end);
    http_cancel(seen.call);
    close_all();
}
