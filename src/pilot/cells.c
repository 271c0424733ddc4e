/* cells.c - one partition of the roster, so that no figure can be subtracted from another to find
 * a person (PRIVACY.md section 3). */
#include "seal_int.h"

#include <stdlib.h>
#include <string.h>

struct cell {
    const char *code;
    int64_t     people;
};

static int
by_size(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;

    if (x->people != y->people)
        return x->people < y->people ? -1 : 1;
    return strcmp(x->code, y->code);
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "b" and "a+c" together: "a+b+c". */
static const char *
joined(const char *a, const char *b, struct arena *mem)
{
    char        *both = arena_printf(mem, "%s+%s", a, b);
    const char **part;
    size_t       n = 0;
    struct str   out;

    str_init(&out, mem);
    part = both ? arena_new(mem, const char *, strlen(both) / 2 + 1) : NULL;
    if (!part)
        return "";
    for (char *p = both; p; n++) {
        part[n] = p;
        p = strchr(p, '+');
        if (p)
            *p++ = 0;
    }
    qsort(part, n, sizeof *part, by_text);
    for (size_t i = 0; i < n; i++)
        str_addf(&out, "%s%s", i ? "+" : "", part[i]);
    return out.p;
}

static const char *
code_of(const struct seal_team *t)
{
    return *t->team ? t->team : SEAL_TEAMLESS;
}

/* Does the cell hold the team? Codes hold no '+' of their own. */
static bool
holds(const char *cell, const char *team)
{
    size_t n = strlen(team);

    for (const char *p = cell; p; p = strchr(p, '+'), p = p ? p + 1 : NULL)
        if (strncmp(p, team, n) == 0 && (p[n] == '+' || !p[n]))
            return true;
    return false;
}

/* The smallest goes into the next smallest until all are large enough; what comes out depends
 * on the teams alone. Returns how many are left. */
static size_t
merge(struct cell *cells, size_t n, int64_t k, struct arena *mem)
{
    for (; n > 1; n--) {
        qsort(cells, n, sizeof *cells, by_size);
        if (cells[0].people >= k)
            break;
        cells[1].code = joined(cells[0].code, cells[1].code, mem);
        cells[1].people += cells[0].people;
        memmove(cells, cells + 1, (n - 1) * sizeof *cells);
    }
    return n;
}

void
seal_cells(struct seal_team *teams, size_t n, int64_t k, struct arena *mem,
           const char *const **ret_cells, size_t *ret_n)
{
    struct cell *cells = arena_new(mem, struct cell, n);
    const char **codes = arena_new(mem, const char *, n);
    int64_t      people = 0;
    size_t       left = 0;

    *ret_cells = codes;
    *ret_n = 0;
    for (size_t i = 0; i < n; i++) {
        teams[i].cell = "";
        people += teams[i].people;
        if (cells && teams[i].people)
            cells[left++] = (struct cell){ code_of(&teams[i]), teams[i].people };
    }
    if (!cells || !codes || people < SEAL_SPLIT_FROM)
        return;
    left = merge(cells, left, k, mem);
    if (left < 2)
        return;
    for (size_t i = 0; i < left; i++)
        codes[i] = cells[i].code;
    qsort(codes, left, sizeof *codes, by_text);
    *ret_n = left;
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < left; c++)
            if (holds(cells[c].code, code_of(&teams[i])))
                teams[i].cell = cells[c].code;
}
