/* charter.c - reading a charter back, and the page about its keys. */
#include "t.h"

#include "collaudo/charter.h"
#include "collaudo/declare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE "docs/charter.md"
#define MARK "<!-- From here on written by the program"

static struct arena mem;

/* The page says what the tables say. COLLAUDO_WRITE_DOCS=1 writes it anew. */
static void
test_page(void)
{
    size_t     n;
    char      *text = t_file(PAGE, &n), *at = strstr(text, MARK);
    struct str want;

    if (!CHECK(at) || !CHECK(strchr(at, '\n')))
        return;
    at = strchr(at, '\n') + 1;
    str_init(&want, &mem);
    str_addc(&want, '\n');
    declare_doc(&want);
    if (getenv("COLLAUDO_WRITE_DOCS")) {
        FILE *f = fopen(PAGE, "wb");

        if (!CHECK(f))
            return;
        fwrite(text, 1, (size_t)(at - text), f);
        fwrite(want.p, 1, want.n, f);
        CHECK(fclose(f) == 0);
    } else if (!CHECK(strcmp(at, want.p) == 0)) {
        fprintf(stderr, PAGE " is behind the tables: COLLAUDO_WRITE_DOCS=1 build/test_charter\n");
    }
    free(text);
    /* every object of the charter is there, with its keys */
    CHECK(strstr(want.p, "## `criteria[].target`"));
    CHECK(strstr(want.p, "| `weight` | whole number, 0 to 1000 | `1` |"));
    CHECK(strstr(want.p, "| `min_group` | whole number, 3 to 1000 | `5` |"));
    CHECK(strstr(want.p, "| `go` | decimal, "));
}

#define GOOD                                                                                       \
    "{\"charter\":1,\"criteria\":[{\"floor\":{\"le_e4\":500},\"id\":\"a\",\"kpi\":\"k\","          \
    "\"mode\":\"observe\",\"params\":{\"weeks\":4,\"kind\":\"calendar\"},\"must\":false,"          \
    "\"sustain\":{\"of\":4,\"pass\":3},\"target\":{\"le_e4\":200},\"weight\":0},"                  \
    "{\"id\":\"b\",\"kpi\":\"k\",\"target\":{\"ge_e4\":-5}}],"                                     \
    "\"features\":[\"x\"],\"late_grace_h\":0,\"population\":{\"company_seats\":60,"                \
    "\"price_eur_seat_month_cents\":3900},\"privacy\":{\"agreement_ref\":\"r\",\"min_group\":5,"   \
    "\"notice_ref\":\"\",\"raw_retention_days\":180},"                                             \
    "\"score\":{\"conditional_e4\":7000,\"go_e4\":8500,\"min_coverage_e4\":8000},"                 \
    "\"value_events\":[\"a.*\",\"b\"]}"

static void
test_reading(void)
{
    struct charter c;
    struct err     e = ERR_INIT;

    if (!CHECK(charter_read(GOOD, &mem, &c, &e)))
        return;
    CHECK(c.criteria_n == 2 && c.value_events_n == 2 && c.features_n == 1);
    CHECK_S(c.criteria[0].params, "{\"kind\":\"calendar\",\"weeks\":4}");
    CHECK(c.criteria[0].observe && !c.criteria[0].must && c.criteria[0].weight == 0);
    CHECK(c.criteria[0].weeks == 4 && c.criteria[0].sustain_pass == 3);
    CHECK_I(c.criteria[0].sustain_of, 4);
    CHECK(c.criteria[0].target.side == CHARTER_AT_MOST && c.criteria[0].target.e4 == 200);
    CHECK(c.criteria[0].floor.given && c.criteria[0].floor.e4 == 500);
    CHECK(c.criteria[1].target.side == CHARTER_AT_LEAST && c.criteria[1].target.e4 == -5);
    CHECK(!c.criteria[1].floor.given && c.criteria[1].floor.e4 == -5);
    CHECK_I(c.criteria[1].weight, 1);
    CHECK_S(c.criteria[1].params, "{}");
    CHECK(c.company_seats == 60 && c.price_cents_month == 3900 && c.late_grace_h == 0);
    CHECK_S(c.agreement_ref, "r");
}

static void
test_damage(void)
{
    static const struct {
        const char *from, *to;
    } row[] = {
        { "{\"charter\":1,", "{\"charter\":2," },
        { "{\"charter\":1,", "{" },
        { "{\"charter\":1,", "[" },
        { "\"id\":\"a\",", "" },
        { "\"kpi\":\"k\",\"mode\"", "\"mode\"" },
        { "\"target\":{\"le_e4\":200}", "\"target\":{\"le_e4\":\"x\"}" },
        { "\"target\":{\"ge_e4\":-5}", "\"target\":{}" },
        { "\"go_e4\":8500", "\"go\":8500" },
        { "\"min_group\":5", "\"min_groups\":5" },
        { "[\"a.*\",\"b\"]", "[\"a.*\",7]" },
        { "\"weeks\":4", "\"weeks\":4.5" },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const char    *at = strstr(GOOD, row[i].from);
        struct charter c;
        struct err     e = ERR_INIT;
        struct str     s;

        t_row = row[i].to;
        str_init(&s, &mem);
        str_addn(&s, GOOD, (size_t)(at - GOOD));
        str_add(&s, row[i].to);
        str_add(&s, at + strlen(row[i].from));
        CHECK(!charter_read(s.p, &mem, &c, &e));
        CHECK_I(e.code, ERR_INVALID);
    }
}

int
main(void)
{
    arena_init(&mem, 16 << 20);
    T_RUN(test_page);
    T_RUN(test_reading);
    T_RUN(test_damage);
    arena_free(&mem);
    return t_end();
}
