/* flood.c: an engine that has a lot to say, as fast as it is taken.
 *
 *   flood SOCKET CONTAINERS EVENTS     until it is killed; prints a line once it listens
 *   flood events EVENTS                prints the events
 *
 * Answers /_ping, every list with so many containers, and /events with so many events, which are
 * all of this second; then nothing more comes, as on a quiet host. A process for each connection.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static const char head[] = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nDate: %s\r\n"
                           "Content-Type: application/json\r\n%s\r\n";

/* As Docker 20.10 has them, of a container with some labels and a port. */
static const char container[] =
    "%c{\"Id\":\"%064d\",\"Names\":[\"/shop-web-%d\"],\"Image\":\"registry.example/shop/web:1.14\","
    "\"ImageID\":\"sha256:cd0977f937a5aa03bf59b0939f48a2b667d11edd7bd2a8c9bc9756c6f18efc2d\","
    "\"Command\":\"nginx -g 'daemon off;'\",\"Created\":1795384121,\"Ports\":[{\"IP\":\"0.0.0.0\","
    "\"PrivatePort\":80,\"PublicPort\":%d,\"Type\":\"tcp\"},{\"IP\":\"::\",\"PrivatePort\":80,"
    "\"PublicPort\":%d,\"Type\":\"tcp\"}],\"Labels\":{\"maintainer\":\"web@example.com\","
    "\"moontide.owner\":\"4be3a9\",\"moontide.service\":\"web\",\"moontide.gen\":\"7\"},"
    "\"State\":\"running\",\"Status\":\"Up 5 seconds (healthy)\",\"HostConfig\":{\"NetworkMode\":"
    "\"default\"},\"NetworkSettings\":{\"Networks\":{\"bridge\":{\"IPAMConfig\":null,\"Links\":"
    "null,"
    "\"Aliases\":null,\"NetworkID\":"
    "\"b8fe5dc32d716cf95733694a847d5fb9019feb1b2630d53a6f32fbb10f09e809"
    "\",\"EndpointID\":\"f8bf8037c78af70de037c9bbcf064ffae73f750ace9ece6253828fc8fb69acb8\","
    "\"Gateway\":\"172.17.0.1\",\"IPAddress\":\"172.17.0.6\",\"IPPrefixLen\":16,\"IPv6Gateway\":"
    "\"\","
    "\"GlobalIPv6Address\":\"\",\"GlobalIPv6PrefixLen\":0,\"MacAddress\":\"02:42:ac:11:00:06\","
    "\"DriverOpts\":null}}},\"Mounts\":[]}";
static const char event[] =
    "{\"status\":\"start\",\"id\":\"%064d\",\"from\":\"registry.example/shop/web:1.14\",\"Type\":"
    "\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\"%064d\",\"Attributes\":{\"image\":"
    "\"registry.example/shop/web:1.14\",\"maintainer\":\"web@example.com\",\"moontide.owner\":"
    "\"4be3a9\",\"name\":\"shop-web-%d\"}},\"scope\":\"local\",\"time\":%lld,\"timeNano\":%lld}\n";

static void say_event(FILE *out, int number, time_t now) {
    long long second = (long long)now;
    fprintf(out, event, number, number, number, second, second * 1000000000 + number);
}

static void say_date(FILE *out, const char *more) {
    char date[64];
    time_t now = time(NULL);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
    fprintf(out, head, date, more);
}

static void answer(FILE *out, const char *request, int containers, int events) {
    int has_list = strstr(request, "/containers/json") != NULL;
    int has_events = strstr(request, "/events") != NULL;
    say_date(out, has_list || has_events ? "Connection: close\r\n" : "Content-Length: 2\r\n");
    for (int i = 0; has_list && i < containers; i++)
        fprintf(out, container, i ? ',' : '[', i, i, 10000 + i, 10000 + i);
    for (int i = 0; has_events && i < events; i++)
        say_event(out, i, time(NULL));
    fputs(has_list ? "]\n" : has_events ? "" : "OK", out);
    fflush(out);
}

/* Until the client goes away, for events, or has its reply. */
static void serve(int fd, int containers, int events) {
    char request[8192];
    ssize_t length;
    FILE *out = fdopen(dup(fd), "w");
    if (!out)
        return;
    setvbuf(out, NULL, _IOFBF, 65536);
    while ((length = recv(fd, request, sizeof request - 1, 0)) > 0) {
        request[length] = '\0';
        answer(out, request, containers, events);
        if (strstr(request, "/containers/json"))
            break;
    }
    fclose(out);
}

static int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 64) != 0)
        return -1;
    return fd;
}

static int number(const char *text) {
    return (int)strtol(text, NULL, 10);
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "events") == 0) {
        for (int i = 0; i < number(argv[2]); i++)
            say_event(stdout, i, time(NULL));
        return 0;
    }
    int listening = argc == 4 ? listen_at(argv[1]) : -1;
    if (listening < 0) {
        fputs("flood: cannot listen; usage: flood SOCKET CONTAINERS EVENTS\n", stderr);
        return 1;
    }
    signal(SIGCHLD, SIG_IGN); /* nobody waits for them */
    puts("ready");
    fflush(stdout);
    for (int fd; (fd = accept(listening, NULL, NULL)) >= 0; close(fd)) {
        if (fork() == 0) {
            serve(fd, number(argv[2]), number(argv[3]));
            _exit(0);
        }
    }
    return 1;
}
