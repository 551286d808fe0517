#include "task/link.h"

void link_push(struct link **list, struct link *link) {
    struct link *first = *list;
    link->list = list;
    if (!first) {
        *list = link->prev = link->next = link;
        return;
    }
    link->prev = first->prev;
    link->next = first;
    first->prev->next = link;
    first->prev = link;
}

void link_remove(struct link *link) {
    if (!link->list)
        return;
    link->prev->next = link->next;
    link->next->prev = link->prev;
    if (*link->list == link)
        *link->list = link->next == link ? NULL : link->next;
    *link = (struct link){0};
}
