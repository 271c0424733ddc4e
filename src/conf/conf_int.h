/* conf_int.h - the nodes of a tree, shared by its two readers. */
#ifndef CONF_INT_H
#define CONF_INT_H

#include "collaudo/conf.h"

struct conf_node {
    cJSON                   json; /* first: a node is found from its cJSON */
    const struct conf_node *parent;
    const char             *file;
    const char             *source;      /* of a number: as written */
    int                     line, index; /* index: position in an array */
};

struct conf_build {
    struct arena *mem;
    const char   *file;
};

/* A node of a cJSON type, placed under parent (NULL: top) with its key (NULL: element or top). */
must_check bool conf_node_new(const struct conf_build *b, int type, int line,
                              struct conf_node *parent, const char *key, struct conf_node **ret,
                              struct err *e);
/* What a number is worth; its text is kept. */
void conf_node_number(struct conf_node *n, const char *source);

must_check bool conf_yaml(const struct conf_text *file, struct arena *mem, struct conf_node **ret,
                          struct err *e);
must_check bool conf_json(const struct conf_text *file, struct arena *mem, struct conf_node **ret,
                          struct err *e);

bool conf_is_int(const char *p, size_t n);     /* -?(0|[1-9][0-9]*) */
bool conf_is_decimal(const char *p, size_t n); /* the same with a fraction */

#endif
