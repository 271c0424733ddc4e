/* shipped.c - the mappings of the folder mappings/, found by name. See mapping.h. */
#include "collaudo/mapping.h"

#include <string.h>

const struct mapping_text *
mapping_shipped(const char *name)
{
    for (size_t i = 0; i < mapping_texts_n; i++)
        if (strcmp(mapping_texts[i].name, name) == 0)
            return &mapping_texts[i];
    return NULL;
}
