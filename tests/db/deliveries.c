/* deliveries.c - what the tools of two pilots really sent, line by line, against the truth.
 *
 * Late, repeated, malformed and in any order: imported once, twice, shuffled, or half and then
 * all, the same is counted. */
#include "house.h"
#include "t.h"

#include "collaudo/zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 700 /* lines in one request */

struct lines {
    char   *text;
    char  **line;
    size_t *len, n;
};

static bool
collect(void *to, const void *bytes, size_t n, struct err *e)
{
    (void)e;
    str_addn(to, bytes, n);
    return true;
}

static struct lines
read_lines(const char *pilot)
{
    char           path[96];
    size_t         n;
    struct arena   mem;
    struct str     text;
    struct err     e = ERR_INIT;
    struct lines   ret = { .n = 0 };
    struct zip_in *z = zip_in_new((size_t)64 << 20);

    snprintf(path, sizeof path, "tests/data/pilots/%s/deliveries.ndjson.gz", pilot);
    char *gz = t_file(path, &n);
    arena_init(&mem, (size_t)256 << 20);
    str_init(&text, &mem);
    if (!zip_in_push(z, gz, n, collect, &text, &e) || !zip_in_end(z, &e))
        abort();
    zip_in_close(z);
    free(gz);
    ret.text = strdup(text.p);
    ret.line = calloc(text.n, sizeof *ret.line);
    ret.len = calloc(text.n, sizeof *ret.len);
    for (char *p = ret.text; *p; p += ret.len[ret.n - 1] + 1) {
        ret.line[ret.n] = p;
        ret.len[ret.n++] = strcspn(p, "\n");
    }
    arena_free(&mem);
    return ret;
}

static void
free_lines(struct lines *l)
{
    free(l->text);
    free(l->line);
    free(l->len);
}

static void
shuffle(struct lines *l)
{
    uint32_t state = 42;

    for (size_t i = l->n - 1; i; i--) {
        state = state * 1664525 + 1013904223;
        size_t k = (state >> 8) % (i + 1), len = l->len[i];
        char  *line = l->line[i];

        l->line[i] = l->line[k];
        l->len[i] = l->len[k];
        l->line[k] = line;
        l->len[k] = len;
    }
}

static void
import(struct house *h, const struct lines *l, size_t count)
{
    struct ingest_frames *f = ingest_frames_new(true);
    struct err            e = ERR_INIT;

    for (size_t i = 0; i < count; i++) {
        CHECK(ingest_frames_add(f, l->line[i], l->len[i], &e));
        if (ingest_frames_lines(f) == CHUNK)
            house_import(h, "crm", true, f);
    }
    if (ingest_frames_lines(f))
        house_import(h, "crm", true, f);
    ingest_frames_close(f);
}

/* --- against the truth ------------------------------------------------------------------- */

struct expected {
    const char *pilot;
    int64_t     lines, loaded, duplicates;
    struct {
        enum event_drop why;
        int64_t         n;
    } bad[6];
};

/* clang-format off */
static const struct expected pilots[] = {
    { "healthy", 7056, 6840, 203,
      { { EVENT_BAD_TIME, 2 }, { EVENT_MISSING_ACTION, 2 }, { EVENT_NOT_OBJECT, 3 },
        { EVENT_TIME_IN_FUTURE, 2 }, { EVENT_MISSING_USER, 2 }, { EVENT_BAD_UNICODE, 1 } } },
    { "shelfware", 3971, 3908, 62, { { EVENT_BAD_UNICODE, 1 } } },
};
/* clang-format on */

static int64_t
intake(struct house *h, const char *column)
{
    return pg_int(&h->pg, "select coalesce(sum(%s), 0) from intake_day", column);
}

static void
check_counts(struct house *h, const struct expected *x)
{
    int64_t bad = 0;

    CHECK_I(pg_int(&h->pg, "select count(*) from event"), x->loaded);
    CHECK_I(intake(h, "loaded"), x->loaded);
    CHECK_I(intake(h, "duplicates"), x->duplicates);
    CHECK_I(intake(h, "loaded + duplicates + quarantined"), x->lines);
    for (size_t i = 0; i < 6 && x->bad[i].n; i++) {
        t_row = event_drop_name(x->bad[i].why);
        CHECK_I(pg_int(&h->pg, "select count(*) from quarantine where reason = %d", x->bad[i].why),
                x->bad[i].n);
        bad += x->bad[i].n;
    }
    t_row = x->pilot;
    if (strcmp(x->pilot, "healthy") == 0) { /* and one line that is cut off */
        CHECK_I(pg_int(&h->pg, "select count(*) from quarantine where reason = 1"), 1);
        bad++;
    }
    CHECK_I(pg_int(&h->pg, "select count(*) from quarantine"), bad);
    CHECK_I(intake(h, "quarantined"), bad);
    CHECK_I(x->loaded + x->duplicates + bad, x->lines);
    CHECK_I(pg_int(&h->pg, "select count(*) from dirty_day"), 0);
    CHECK_I(pg_int(&h->pg, "select sum(events) from usage_day"), x->loaded);
}

/* A value made of all rows of a table, to see that nothing changed. */
static void
fingerprint(struct house *h, char *ret, size_t size)
{
    char *text = pg_text(
        &h->pg,
        "select (select md5(string_agg(e::text, '|' order by source_id, event_id)) from event e)"
        " || (select md5(string_agg((workspace_id, source_id, day, reason, loaded, duplicates,"
        "     quarantined)::text, '|' order by source_id, day, reason)) from intake_day)"
        " || (select md5(string_agg((source_id, reason, received_at, size)::text, '|'"
        "     order by source_id, received_at, reason)) from quarantine)"
        " || (select md5(string_agg(u::text, '|' order by day, source_id, aid, feature))"
        "     from usage_day u)"
        " || (select count(*) from import_line)");

    snprintf(ret, size, "%s", text);
    free(text);
}

/* Whose events they are is known by computing the pseudonym again. */
static void
check_users(struct house *h, const char *pilot)
{
    static const char *const sources[] = { "crm", "billing", "tickets" };
    char                     path[96];
    size_t                   n;
    struct arena             mem;
    const cJSON             *truth, *roster, *p, *a;
    struct err               e = ERR_INIT;
    const struct hash_key   *key;

    arena_init(&mem, (size_t)64 << 20);
    CHECK(vault_key(h->vault, 1, 1, false, &key, &e));
    snprintf(path, sizeof path, "tests/data/pilots/%s/truth.json", pilot);
    char *truth_text = t_file(path, &n);
    if (!CHECK(json_parse(&mem, truth_text, n, &truth, &e)))
        return;
    snprintf(path, sizeof path, "tests/data/pilots/%s/roster.json", pilot);
    char *roster_text = t_file(path, &n);
    if (!CHECK(json_parse(&mem, roster_text, n, &roster, &e)))
        return;
    pg_sql(&h->pg,
           "create table who (source_id bigint, aid uuid, name text, unique (source_id, aid))");
    cJSON_ArrayForEach (p, roster) {
        const char *names[8] = { json_text(p, "id") };
        size_t      names_n = 1;

        cJSON_ArrayForEach (a, json_get(p, "aliases"))
            if (names_n < 8)
                names[names_n++] = a->valuestring;
        for (size_t i = 0; i < names_n; i++)
            for (size_t s = 0; s < 3; s++) {
                struct hash_id aid =
                    vault_account(key, sources[s], names[i], strlen(names[i]), &mem);
                char hex[33];

                hash_hex(&aid, sizeof aid, hex);
                pg_sql(&h->pg, "insert into who values (%zu, '%s', '%s') on conflict do nothing",
                       s + 1, hex, names[0]);
            }
    }
    int users = 0;
    cJSON_ArrayForEach (p, json_get(truth, "events_by_user")) {
        t_row = p->string;
        CHECK_I(pg_int(&h->pg,
                       "select count(*) from event e join who w using (source_id, aid)"
                       " where w.name = '%s' and event_id not like '%%-d'",
                       p->string),
                (int64_t)p->valuedouble);
        users++;
    }
    t_row = pilot;
    CHECK(users >= 17);
    free(truth_text);
    free(roster_text);
    arena_free(&mem);
}

static void
test_deliveries(void)
{
    for (size_t i = 0; i < 2; i++) {
        struct house h = house_make();
        struct lines l = read_lines(pilots[i].pilot);
        char         first[256], again[256];

        t_row = pilots[i].pilot;
        CHECK_I(l.n, pilots[i].lines);
        import(&h, &l, l.n);
        house_work(&h);
        check_counts(&h, &pilots[i]);
        check_users(&h, pilots[i].pilot);
        CHECK_I(intake(&h, "reread"), 0);
        house_conserved(&h);
        fingerprint(&h, first, sizeof first);

        import(&h, &l, l.n); /* once more: only "read again" grows */
        house_work(&h);
        fingerprint(&h, again, sizeof again);
        CHECK_S(again, first);
        CHECK_I(intake(&h, "reread"), pilots[i].lines);
        house_conserved(&h);

        house_stop(&h); /* a new worker, which remembers nothing, and another order */
        h.received = h.accepted = h.rejected = 0;
        shuffle(&l);
        import(&h, &l, l.n);
        house_work(&h);
        fingerprint(&h, again, sizeof again);
        CHECK_S(again, first);
        CHECK_I(intake(&h, "reread"), 2 * pilots[i].lines);
        house_conserved(&h);
        house_drop(&h);
        free_lines(&l);
    }
    t_row = NULL;
}

/* Half first, then all; and shuffled from the start: the same counts. */
static void
test_in_any_order(void)
{
    for (int how = 0; how < 2; how++) {
        struct house h = house_make();
        struct lines l = read_lines("healthy");

        t_row = "healthy";
        if (how)
            shuffle(&l);
        else
            import(&h, &l, l.n / 2);
        import(&h, &l, l.n);
        house_work(&h);
        check_counts(&h, &pilots[0]);
        if (how == 0)
            check_users(&h, "healthy");
        CHECK_I(intake(&h, "reread"), how ? 0 : (int64_t)l.n / 2);
        house_conserved(&h);
        house_drop(&h);
        free_lines(&l);
    }
    t_row = NULL;
}

/* The same file by two imports at once, each through its own journal. */
static void
test_imported_twice_at_once(void)
{
    struct house a = house_make();
    struct lines l = read_lines("healthy");
    char         dir[] = "/tmp/house.XXXXXX", cmd[192];

    t_row = "healthy";
    CHECK(mkdtemp(dir) != NULL);
    snprintf(cmd, sizeof cmd, "cp -r %s/keys %s/keys", a.dir, dir);
    CHECK(system(cmd) == 0);
    struct house b = house_join(&a.pg, dir);
    import(&a, &l, l.n);
    shuffle(&l);
    import(&b, &l, l.n);
    house_start(&a);
    house_start(&b);
    house_work(&a);
    house_work(&b);
    check_counts(&a, &pilots[0]);
    CHECK_I(intake(&a, "reread"), (int64_t)l.n);
    house_conserved(&a);
    house_conserved(&b);
    house_leave(&b);
    snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    CHECK(system(cmd) == 0);
    house_drop(&a);
    free_lines(&l);
    t_row = NULL;
}

/* --- naughty strings, in the database and back ---------------------------------------------- */

static void
test_naughty_strings(void)
{
    struct house h = house_make();
    struct arena mem;
    size_t       n;
    char        *text = t_file("tests/data/blns/blns.json", &n);
    const cJSON *doc, *s;
    struct err   e = ERR_INIT;
    struct str   body;
    int          i = 0, stored = 0;

    arena_init(&mem, (size_t)64 << 20);
    str_init(&body, &mem);
    if (CHECK(json_parse(&mem, text, n, &doc, &e)))
        cJSON_ArrayForEach (s, doc) {
            str_addf(
                &body,
                "{\"id\":\"%d\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"u\",\"action\":", i++);
            str_json(&body, s->valuestring);
            str_add(&body, ",\"object_type\":");
            str_json(&body, s->valuestring);
            str_add(&body, "}\n");
        }
    house_sendn(&h, "crm", body.p, body.n);
    CHECK_I(h.in.received, i);
    house_work(&h);
    CHECK_I(house_stats(&h).refused, 0);
    i = 0;
    const struct ingest_source *crm = ingest_sources_named(h.sources, 1, "crm", 3);
    cJSON_ArrayForEach (s, doc) {
        char *got = pg_text(&h.pg,
                            "select action from event where event_id = '%d' and action ="
                            " object_type",
                            i++);

        t_row = s->valuestring;
        if (got) {
            struct event_text want = event_text(s->valuestring);

            if (strchr(want.p, '@')) /* might be an address */
                want = ingest_hidden(crm, want, &mem);
            CHECK_S(got, arena_strndup(&mem, want.p, want.n));
            stored++;
        }
        free(got);
    }
    t_row = NULL;
    ingest_sources_put(h.sources, crm);
    CHECK_I(stored, h.in.accepted);
    CHECK_I(stored, 506);
    house_conserved(&h);
    arena_free(&mem);
    free(text);
    house_drop(&h);
}

int
main(void)
{
    T_RUN(test_deliveries);
    T_RUN(test_in_any_order);
    T_RUN(test_imported_twice_at_once);
    T_RUN(test_naughty_strings);
    return t_end();
}
