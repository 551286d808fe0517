/* Circular lists whose links are parts of what they hold. */
#ifndef MOONTIDE_TASK_LINK_H
#define MOONTIDE_TASK_LINK_H

#include <stddef.h>

/* A place in a circular list; the list is a pointer to its first link. */
struct link {
    struct link **list, *prev, *next;
};
void link_push(struct link **list, struct link *link);
void link_remove(struct link *link); /* nothing when it is in no list */
#define OF(link_, type, member) ((type *)(void *)((char *)(link_)-offsetof(type, member)))

#endif
