#include "loop/heap.h"

#include <stddef.h>

static bool before(const struct deadline *a, const struct deadline *b) {
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static struct deadline *meld(struct deadline *a, struct deadline *b) {
    if (!a || !b)
        return a ? a : b;
    if (before(b, a)) {
        struct deadline *swap = a;
        a = b;
        b = swap;
    }
    b->prev = a;
    b->next = a->child;
    if (a->child)
        a->child->prev = b;
    a->child = b;
    return a;
}

/* The classic two passes: pairs from left to right, then all into one from right to left. */
static struct deadline *meld_children(struct deadline *child) {
    struct deadline *pairs = NULL, *top = NULL;
    while (child) {
        struct deadline *a = child, *b = a->next;
        child = b ? b->next : NULL;
        a->next = a->prev = NULL;
        if (b)
            b->next = b->prev = NULL;
        a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs) {
        struct deadline *rest = pairs->next;
        pairs->next = NULL;
        top = meld(top, pairs);
        pairs = rest;
    }
    return top;
}

struct deadline *heap_insert(struct deadline *top, struct deadline *deadline) {
    deadline->child = deadline->next = deadline->prev = NULL;
    return meld(top, deadline);
}

struct deadline *heap_remove(struct deadline *top, struct deadline *deadline) {
    struct deadline *orphans = meld_children(deadline->child);
    deadline->child = NULL;
    if (deadline == top)
        return orphans;
    /* `prev` is the parent for a first child, else the elder sibling. */
    if (deadline->prev->child == deadline)
        deadline->prev->child = deadline->next;
    else
        deadline->prev->next = deadline->next;
    if (deadline->next)
        deadline->next->prev = deadline->prev;
    deadline->next = deadline->prev = NULL;
    return meld(top, orphans);
}
