/* tables.c - the names of types, statuses and reasons. See event.h. */
#include "collaudo/event.h"

#include <string.h>

static const char *const types[] = {
#define X(symbol, number, name, needs) [number] = name,
    EVENT_TYPES(X)
#undef X
};

static const char *const statuses[] = {
#define X(symbol, number, name) [number] = name,
    EVENT_STATUSES(X)
#undef X
};

static const char *const drops[] = {
#define X(symbol, number, name, sentence) [number] = name,
    EVENT_DROPS(X)
#undef X
};

static const char *const sentences[] = {
#define X(symbol, number, name, sentence) [number] = sentence,
    EVENT_DROPS(X)
#undef X
};

_Static_assert(sizeof drops / sizeof *drops == EVENT_DROP_MAX + 1, "EVENT_DROP_MAX is the last");

#define NAME_OF(table, i) ((uint64_t)(i) < sizeof(table) / sizeof *(table) ? (table)[i] : NULL)

const char *
event_type_name(int64_t type)
{
    return NAME_OF(types, type);
}

const char *
event_status_name(int64_t status)
{
    return NAME_OF(statuses, status);
}

const char *
event_drop_name(int64_t drop)
{
    return NAME_OF(drops, drop);
}

const char *
event_drop_sentence(int64_t drop)
{
    return NAME_OF(sentences, drop);
}

enum event_type
event_type_of(const char *name, size_t n)
{
    for (size_t i = 1; i < sizeof types / sizeof *types; i++)
        if (types[i] && strlen(types[i]) == n && memcmp(types[i], name, n) == 0)
            return (enum event_type)i;
    return (enum event_type)0;
}
