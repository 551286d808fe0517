/* curl16.c: pings of an engine with libcurl alone, the yardstick of 100 tasks that do the same.
 *
 *   curl16 SOCKET CALLS IN_FLIGHT      prints the seconds that it took */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t drop(char *data, size_t one, size_t length, void *arg) {
    (void)data, (void)one, (void)arg;
    return length;
}

static void add(CURLM *multi, const char *socket_path) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket_path);
    curl_easy_setopt(easy, CURLOPT_URL, "http://docker/_ping");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    curl_multi_add_handle(multi, easy);
}

/* A finished handle is used again. Returns how many calls are done. */
static int collect(CURLM *multi, int *to_start) {
    int done = 0, left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left))) {
        CURL *easy = message->easy_handle;
        if (message->data.result != CURLE_OK) {
            fprintf(stderr, "curl16: %s\n", curl_easy_strerror(message->data.result));
            exit(1);
        }
        done++;
        curl_multi_remove_handle(multi, easy);
        if ((*to_start)-- > 0)
            curl_multi_add_handle(multi, easy);
        else
            curl_easy_cleanup(easy);
    }
    return done;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fputs("usage: curl16 SOCKET CALLS IN_FLIGHT\n", stderr);
        return 2;
    }
    int calls = (int)strtol(argv[2], NULL, 10), in_flight = (int)strtol(argv[3], NULL, 10);
    double begin = now();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    int to_start = calls - in_flight, done = 0, running;
    for (int i = 0; i < in_flight; i++)
        add(multi, argv[1]);
    while (done < calls) {
        curl_multi_perform(multi, &running);
        done += collect(multi, &to_start);
        if (done < calls)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    printf("%.6f\n", now() - begin);
    curl_multi_cleanup(multi);
    curl_global_cleanup();
    return 0;
}
