/* A descriptor of somebody else's library (a terminal's, an epoll's) that the loop waits for. */
#ifndef MOONTIDE_LOOP_WATCH_H
#define MOONTIDE_LOOP_WATCH_H

struct loop;
struct watch;

/* readable(arg) is called once in each turn of the loop in which there is something to read, or the
 * end. A regular file always has. The descriptor's own flags stay as they are. It keeps the loop
 * running. NULL, with errno, when the system refuses. */
struct watch *watch_start(struct loop *loop, int fd, void (*readable)(void *arg), void *arg);

/* From anywhere, also from readable. The descriptor may be closed afterwards. */
void watch_stop(struct watch *watch);

#endif
