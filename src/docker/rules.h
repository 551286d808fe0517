/* What error replies mean, as rows of data; error.c reads them. */
#ifndef MOONTIDE_DOCKER_RULES_H
#define MOONTIDE_DOCKER_RULES_H

#include "base/err.h"

struct docker_rule {
    int status;       /* 0: any */
    const char *row;  /* of rows.c; "network_*": all that begin so; NULL: any */
    const char *text; /* found in what the engine says, in any case; NULL: any */
    const char *stop; /* "{}" stands for what follows `text` up to one of these; NULL: none */
    enum err_kind kind;
    enum err_next next;
    const char *message; /* what happened; what to do next */
};

/* The first rule that fits holds; the last one fits everything. */
extern const struct docker_rule docker_rules[];

#endif
