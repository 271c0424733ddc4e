/* import.c - files become numbered lines, and lines become events. */
#include "ingest_t.h"
#include "t.h"

#include <stdlib.h>
#include <string.h>

static void
add(struct ingest_frames *f, const char *line)
{
    struct err e = ERR_INIT;

    CHECK(ingest_frames_add(f, line, strlen(line), &e));
}

static bool
import(struct ingest_frames *f, bool replay, struct ingest_intake *in)
{
    struct err             e = ERR_INIT;
    size_t                 n;
    const void            *body = ingest_frames_body(f, &n);
    struct ingest_sources *none = ingest_sources_new(NULL);
    bool ok = CHECK(ingest_import_take(&crm, none, replay, body, n, NOW, &mem, in, &e));

    ingest_sources_close(none);
    return ok;
}

static void
test_import(void)
{
    struct ingest_frames *f = ingest_frames_new(false);
    struct ingest_intake  in;

    add(f, OK("1"));
    add(f, "");
    add(f, " \r");
    add(f, OK("1"));
    add(f, "[1");
    add(f, "\xff");
    CHECK_I(ingest_frames_lines(f), 4);
    import(f, false, &in);
    CHECK_I(in.accepted, 2);
    CHECK_I(in.rejected, 2);
    CHECK_I(in.results[1].why, EVENT_NOT_JSON);
    struct ingest_record_item a = item_of(&in, 0), b = item_of(&in, 1);
    CHECK(a.has_line && b.has_line && memcmp(&a.line, &b.line, sizeof a.line) != 0);
    CHECK(memcmp(&a.hash, &b.hash, sizeof a.hash) == 0);
    CHECK_I(a.received, NOW);
    CHECK_S(kept(&in, 3), "\xff");

    /* the same file again, in another order: the same digests */
    struct ingest_frames *g = ingest_frames_new(false);
    struct ingest_intake  again;
    add(g, "[1");
    add(g, OK("1"));
    ingest_frames_clear(g); /* sent; the counting goes on */
    add(g, OK("1"));
    add(g, "\xff");
    import(g, false, &again);
    struct ingest_record_item c = item_of(&again, 0), d = item_of(&again, 1), x = item_of(&in, 3);
    CHECK(memcmp(&c.line, &b.line, sizeof c.line) == 0);
    CHECK(memcmp(&d.line, &x.line, sizeof d.line) == 0);
    ingest_frames_close(f);
    ingest_frames_close(g);
    arena_reset(&mem);
}

static void
test_replay(void)
{
    /* clang-format off */
    static const struct {
        const char *line, *raw; /* what is kept of it: they are all refused */
        usec_t      received;
    } row[] = {
        { "{\"received\":\"2026-03-09T11:00:00+01:00\",\"line\":\"[1]\"}", "[1]", INT64_C(1773050400000000) },
        { "{\"line\":\"[1]\",\"received\":\"2026-03-09T10:00:00Z\"}", "[1]", INT64_C(1773050400000000) },
        { " { \"line\" : \"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e8\\u20ac\\ud83d\\ude00\" } ",
          "a\"\\/\b\f\n\r\t\xc3\xa8\xe2\x82\xac\xf0\x9f\x98\x80", NOW },
        { "{\"line\":\"x\\udcffy\\udc80\"}", "x\xffy\x80", NOW },
        { "{\"line\":\"per\xc3\xb2 \\udcc3\\udcb2\"}", "per\xc3\xb2 \xc3\xb2", NOW },
        { "{\"line\":\"x\\ud800y\"}", NULL, NOW }, /* stands for nothing: the line as it is */
        { "{\"line\":\"x\\udc7f\"}", NULL, NOW },
        { "{\"line\":\"x\\ud83d\\u0041\"}", NULL, NOW },
        { "{\"line\":\"1\",\"line\":\"2\"}", NULL, NOW },
        { "{\"line\":\"1\",\"more\":\"2\"}", NULL, NOW },
        { "{\"line\":1}", NULL, NOW },
        { "{\"line\":{\"line\":\"1\"}}", NULL, NOW },
        { "{\"received\":\"today\",\"line\":\"1\"}", NULL, NOW },
        { "{\"received\":\"2026-03-09T10:00:00Z\"}", NULL, NOW },
        { "{}", NULL, NOW },
        { "[]", NULL, NOW },
        { "{\"line\":\"1\"", NULL, NOW },
        { "{\"line\":\"\xff\"}", NULL, NOW },
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct ingest_frames *f = ingest_frames_new(true);
        struct ingest_intake  in;

        t_row = row[i].line;
        add(f, row[i].line);
        import(f, true, &in);
        CHECK_I(in.rejected, 1);
        CHECK_S(kept(&in, 0), row[i].raw ? row[i].raw : row[i].line);
        CHECK_I(item_of(&in, 0).received, row[i].received);
        ingest_frames_close(f);
        arena_reset(&mem);
    }
    t_row = NULL;

    /* received: as said; not said: when it happened; and in the future only from there */
    struct ingest_frames *f = ingest_frames_new(true);
    struct ingest_intake  in;
#define QUOTED(time)                                                                               \
    "{\\\"id\\\":\\\"1\\\",\\\"time\\\":\\\"" time                                                 \
    "\\\",\\\"user\\\":\\\"u\\\",\\\"action\\\":\\\"a\\\"}"
    add(f, "{\"line\":\"" QUOTED("2026-01-09T10:00:00Z") "\"}");
    add(f,
        "{\"received\":\"2026-01-09T10:00:01Z\",\"line\":\"" QUOTED("2026-01-09T10:00:00Z") "\"}");
    add(f,
        "{\"received\":\"2026-01-09T09:00:00Z\",\"line\":\"" QUOTED("2026-01-09T10:00:00Z") "\"}");
    import(f, true, &in);
    CHECK_I(in.accepted, 2);
    CHECK(item_of(&in, 0).received == item_of(&in, 0).event.time);
    CHECK_I(item_of(&in, 1).received - item_of(&in, 1).event.time, USEC_SECOND);
    CHECK_I(in.results[0].why, EVENT_TIME_IN_FUTURE);
    ingest_frames_close(f);
    arena_reset(&mem);
}

static void
test_import_bodies(void)
{
    struct ingest_frames  *f = ingest_frames_new(false);
    struct ingest_sources *none = ingest_sources_new(NULL);
    struct ingest_intake   in;
    struct err             e = ERR_INIT;
    size_t                 n, whole = 0;

    add(f, OK("1"));
    const char *body = ingest_frames_body(f, &n);
    whole = n;
    add(f, OK("2"));
    body = ingest_frames_body(f, &n);
    for (size_t cut = 0; cut <= n; cut++) {
        char *part = malloc(cut ? cut : 1);
        bool  ok;

        memcpy(part, body, cut);
        ok = ingest_import_take(&crm, none, false, part, cut, NOW, &mem, &in, &e);
        CHECK(ok == (cut == 0 || cut == whole || cut == n));
        CHECK(ok || e.code == ERR_INVALID);
        free(part);
        arena_reset(&mem);
    }
    while (ingest_frames_lines(f) <= INGEST_MAX_EVENTS)
        add(f, "x");
    body = ingest_frames_body(f, &n);
    CHECK(!ingest_import_take(&crm, none, false, body, n, NOW, &mem, &in, &e));
    CHECK_I(e.code, ERR_TOO_LARGE);
    ingest_frames_close(f);
    ingest_sources_close(none);
    arena_reset(&mem);
}

int
main(void)
{
    ingest_t_init();
    T_RUN(test_import);
    T_RUN(test_replay);
    T_RUN(test_import_bodies);
    arena_free(&mem);
    return t_end();
}
