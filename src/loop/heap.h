/* A pairing heap of deadlines, ordered by (at, order). Intrusive: no operation can fail. */
#ifndef MOONTIDE_LOOP_HEAP_H
#define MOONTIDE_LOOP_HEAP_H

#include "loop/loop.h"

/* All return the new top; NULL is the empty heap. */
struct deadline *heap_insert(struct deadline *top, struct deadline *deadline);
struct deadline *heap_remove(struct deadline *top, struct deadline *deadline);

#endif
