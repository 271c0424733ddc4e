/* auth.c - ingest keys: made once, two at most, found without the database, revoked. */
#include "firm.h"

#include "collaudo/auth.h"

#include <pthread.h>
#include <stdatomic.h>

static struct auth_key_opts
opts(const struct firm *f, const char *source)
{
    return (struct auth_key_opts){ .workspace = 1, .source = source, .now = f->now };
}

static struct auth_key_made
make(struct firm *f, const struct auth_key_opts *o)
{
    struct auth_key_made k = { .id = "" };
    struct err           e = ERR_INIT;

    if (!CHECK(auth_key_create(pg_app(&f->pg), o, &f->mem, &k, &e)))
        fprintf(stderr, "%s\n", e.text);
    return k;
}

static enum err_code
ask(struct firm *f, struct auth_ring *r, const char *key, usec_t now, const struct auth_entry **ret)
{
    struct err e = ERR_INIT;

    *ret = NULL;
    if (!auth_ring_find(r, key, strlen(key), now, &f->mem, ret, &e))
        CHECK(!*ret);
    return e.code;
}

static void
test_one_key(void)
{
    static const char *const types[] = { "usage", "heartbeat" };
    struct firm              f = firm_open();
    struct auth_ring        *ring = auth_ring_new();
    const struct auth_entry *who;
    struct err               e = ERR_INIT;

    firm_apply(&f, FIRM);
    struct auth_key_made a = make(&f, &(struct auth_key_opts){ .workspace = 1,
                                                               .source = "crm",
                                                               .types = types,
                                                               .types_n = 2,
                                                               .now = f.now,
                                                               .expires = f.now + USEC_HOUR });
    struct auth_key_made b =
        make(&f, &(struct auth_key_opts){ .workspace = 1, .source = "billing", .now = f.now });
    CHECK_I(strlen(a.text), AUTH_KEY_LEN - 1);
    CHECK(strncmp(a.text, "clk_", 4) == 0 && strncmp(a.text + 4, a.id, strlen(a.id)) == 0);
    CHECK(strcmp(a.text, b.text) != 0);

    CHECK_I(ask(&f, ring, a.text, f.now, &who), ERR_BUSY); /* never filled */
    CHECK(auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    CHECK_I(ask(&f, ring, a.text, f.now, &who), ERR_NONE);
    if (CHECK(who)) {
        CHECK_S(who->id, a.id);
        CHECK_S(who->source_code, "crm");
        CHECK_S(who->pilot_code, "crm-2026");
        CHECK_S(time_zone_name(who->zone), "Europe/Rome");
        CHECK(who->workspace == 1 && who->pilot == 1 && !who->replay);
        CHECK_I(who->source, pg_int(&f.pg, "select source_id from source where code = 'crm'"));
        CHECK_I(who->types, 1u << EVENT_USAGE | 1u << EVENT_HEARTBEAT);
        CHECK(auth_may(who->rights, RIGHT_SEND) && !auth_may(who->rights, RIGHT_READ));
        CHECK(!auth_may(who->rights, RIGHT_ADMIN) && !auth_may(who->rights, RIGHT_NONE));
    }
    CHECK_I(ask(&f, ring, b.text, f.now, &who), ERR_NONE);
    CHECK(who && who->types == 0);
    CHECK_I(ask(&f, ring, a.text, f.now + USEC_HOUR - 1, &who), ERR_NONE);
    CHECK_I(ask(&f, ring, a.text, f.now + USEC_HOUR, &who), ERR_KEY_EXPIRED);
    a.text[AUTH_KEY_LEN - 2] ^= 1; /* that it has expired is told to who has it only */
    CHECK_I(ask(&f, ring, a.text, f.now + USEC_HOUR, &who), ERR_UNKNOWN_WHO);
    a.text[AUTH_KEY_LEN - 2] ^= 1;
    /* neither the secret nor its bytes are stored */
    CHECK_I(pg_int(&f.pg,
                   "select count(*) from ingest_key where ingest_key::text like '%%%s%%'"
                   " or hash = decode('%s', 'hex')",
                   a.text + 21, a.text + 21),
            0);
    CHECK_I(pg_int(&f.pg, "select count(*) from ingest_key where hash = sha256('%s')", a.text + 21),
            1);
    auth_ring_close(ring);
    firm_close(&f);
}

/* Every way a text is not this key. */
static void
test_wrong_keys(void)
{
    struct firm              f = firm_open();
    struct auth_ring        *ring = auth_ring_new();
    const struct auth_entry *who;
    struct err               e = ERR_INIT;

    firm_apply(&f, FIRM);
    struct auth_key_opts o = opts(&f, "crm");
    struct auth_key_made k = make(&f, &o);
    CHECK(auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    for (size_t i = 0; i < strlen(k.text); i++) { /* any one byte wrong */
        char copy[AUTH_KEY_LEN];

        memcpy(copy, k.text, sizeof copy);
        copy[i] = copy[i] == '1' ? '2' : '1';
        CHECK_I(ask(&f, ring, copy, f.now, &who), ERR_UNKNOWN_WHO);
    }
    for (size_t n = 0; n < strlen(k.text); n++) { /* any beginning; exact size, so that ASan sees */
        char *copy = malloc(n + 1);

        memcpy(copy, k.text, n);
        copy[n] = 0;
        CHECK_I(ask(&f, ring, copy, f.now, &who), ERR_UNKNOWN_WHO);
        free(copy);
    }
    CHECK_I(ask(&f, ring, arena_printf(&f.mem, "%s1", k.text), f.now, &who), ERR_UNKNOWN_WHO);
    for (char *p = k.text; *p; p++)
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
    CHECK_I(ask(&f, ring, k.text, f.now, &who), ERR_UNKNOWN_WHO);
    auth_ring_close(ring);
    firm_close(&f);
}

static void
test_refusals(void)
{
    static const char *const bad[] = { "usagee" };
    struct firm              f = firm_open();
    struct auth_key_made     k;
    static const struct {
        const char        *setup, *source;
        const char *const *types;
        usec_t             expires; /* from now */
        enum err_code      code;
        const char        *why;
    } row[] = {
        { "select 1", "crn", NULL, 0, ERR_NOT_FOUND, "there is no source crn; did you mean crm?" },
        { "select 1", "zzz", NULL, 0, ERR_NOT_FOUND, "there is no source zzz" },
        { "select 1", "crm", bad, 0, ERR_INVALID, "no event type usagee; did you mean usage?" },
        { "select 1", "crm", NULL, -1, ERR_INVALID, "expired already" },
        { "delete from notice", "crm", NULL, 0, ERR_CONFLICT, "pilot crm-2026 has no notice" },
        { "update pilot set state = 'archived', sealed_at = now()", "crm", NULL, 0, ERR_CONFLICT,
          "is archived" },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct err e = ERR_INIT;

        t_row = row[i].why;
        firm_apply(&f, FIRM);
        pg_sql(&f.pg, "%s", row[i].setup);
        CHECK(!auth_key_create(
            pg_app(&f.pg),
            &(struct auth_key_opts){ .workspace = 1,
                                     .source = row[i].source,
                                     .types = row[i].types,
                                     .types_n = row[i].types != NULL,
                                     .now = f.now,
                                     .expires = row[i].expires ? f.now + row[i].expires : 0 },
            &f.mem, &k, &e));
        CHECK_I(e.code, row[i].code);
        if (!CHECK(strstr(e.text, row[i].why)))
            fprintf(stderr, "  it says: %s\n", e.text);
        CHECK_I(pg_int(&f.pg, "select count(*) from ingest_key"), 0);
    }
    firm_close(&f);
}

/* Two in force at most: an expired or revoked one makes room. */
static void
test_rotation(void)
{
    struct firm              f = firm_open();
    struct auth_ring        *ring = auth_ring_new();
    const struct auth_entry *who;
    struct err               e = ERR_INIT;
    struct auth_key_made     c;
    struct auth_key         *keys = NULL;
    size_t                   n = 0;

    firm_apply(&f, FIRM);
    struct auth_key_opts o = opts(&f, "crm");
    o.expires = f.now + USEC_HOUR;
    struct auth_key_made a = make(&f, &o);
    o.now++;
    o.expires = 0;
    struct auth_key_made b = make(&f, &o);
    CHECK(!auth_key_create(pg_app(&f.pg), &o, &f.mem, &c, &e));
    CHECK_I(e.code, ERR_CONFLICT);
    CHECK_S(e.text, arena_printf(&f.mem,
                                 "source crm has 2 keys in force, %s and %s: end the one that is "
                                 "used no more (collaudo key list) with collaudo key revoke ID",
                                 a.id, b.id));
    o.now = f.now + USEC_HOUR; /* the first has expired by now */
    c = make(&f, &o);
    e = (struct err)ERR_INIT;
    CHECK(auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    CHECK_I(ask(&f, ring, a.text, o.now, &who), ERR_KEY_EXPIRED);
    CHECK_I(ask(&f, ring, b.text, o.now, &who), ERR_NONE);
    CHECK_I(ask(&f, ring, c.text, o.now, &who), ERR_NONE);
    CHECK(auth_key_revoke(pg_loader(&f.pg), b.id, o.now + 1, &e));
    CHECK(auth_key_revoke(pg_loader(&f.pg), b.id, o.now + 2, &e)); /* the first time counts */
    CHECK(!auth_key_revoke(pg_loader(&f.pg), "0123456789abcdef", o.now, &e));
    CHECK_I(e.code, ERR_NOT_FOUND);
    e = (struct err)ERR_INIT;
    CHECK(auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    CHECK_I(ask(&f, ring, b.text, o.now, &who), ERR_UNKNOWN_WHO);
    CHECK(auth_key_list(pg_loader(&f.pg), 1, o.now, &f.mem, &keys, &n, &e));
    if (CHECK_I(n, 3)) {
        CHECK_S(keys[0].id, a.id);
        CHECK_S(auth_key_state_name(keys[0].state), "expired");
        CHECK_S(auth_key_state_name(keys[1].state), "revoked");
        CHECK_I(keys[1].revoked, o.now + 1);
        CHECK_S(auth_key_state_name(keys[2].state), "live");
        CHECK_S(keys[2].source, "crm");
        CHECK_S(keys[2].workspace, "rossi");
        CHECK_S(keys[2].pilot, "crm-2026");
        CHECK_S(keys[2].types, "");
    }
    CHECK(auth_key_list(pg_loader(&f.pg), 0, o.now, &f.mem, &keys, &n, &e) && n == 3);
    CHECK(auth_key_list(pg_loader(&f.pg), 2, o.now, &f.mem, &keys, &n, &e) && n == 0);
    auth_ring_close(ring);
    firm_close(&f);
}

/* 401 only when it is known that nobody has this key. */
static void
test_database_away(void)
{
    struct firm              f = firm_open();
    struct auth_ring        *ring = auth_ring_new();
    const struct auth_entry *who;
    struct err               e = ERR_INIT;

    firm_apply(&f, FIRM);
    struct auth_key_opts o = opts(&f, "crm");
    struct auth_key_made a = make(&f, &o);
    CHECK(auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    struct auth_key_made b = make(&f, &o); /* not taken in yet */
    CHECK_I(ask(&f, ring, b.text, f.now, &who), ERR_UNKNOWN_WHO);
    CHECK(!auth_ring_refresh(ring, NULL, &e));
    CHECK_I(e.code, ERR_BUSY);
    CHECK_I(ask(&f, ring, b.text, f.now, &who), ERR_BUSY);
    CHECK_I(ask(&f, ring, a.text, f.now, &who), ERR_NONE);
    a.text[AUTH_KEY_LEN - 2] ^= 1; /* its id is known, its secret is wrong */
    CHECK_I(ask(&f, ring, a.text, f.now, &who), ERR_UNKNOWN_WHO);
    a.text[AUTH_KEY_LEN - 2] ^= 1;
    CHECK_I(ask(&f, ring, "hello", f.now, &who), ERR_UNKNOWN_WHO); /* no key at all */
    /* a real one: the server goes away under the connection */
    pg_sql(&f.pg, "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                  " where datname = current_database() and pid <> pg_backend_pid()");
    e = (struct err)ERR_INIT;
    CHECK(!auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    CHECK_I(ask(&f, ring, b.text, f.now, &who), ERR_BUSY);
    CHECK_I(ask(&f, ring, a.text, f.now, &who), ERR_NONE);
    db_close(f.pg.loader);
    f.pg.loader = NULL;
    e = (struct err)ERR_INIT;
    CHECK(auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    CHECK_I(ask(&f, ring, b.text, f.now, &who), ERR_NONE);
    db_close(f.pg.app);
    f.pg.app = NULL;
    auth_ring_close(ring);
    firm_close(&f);
}

/* "90d", a day, an instant, and what is none of them. */
static void
test_until(void)
{
    static const struct {
        const char *text, *ends; /* NULL: refused */
    } row[] = {
        { "90d", "2026-10-30T08:00:00Z" },
        { "1d", "2026-08-02T08:00:00Z" },
        { "2026-12-31", "2026-12-31T23:00:00Z" }, /* the whole day, in Rome */
        { "2026-08-01", "2026-08-01T22:00:00Z" },
        { "2026-12-31T12:00:00+01:00", "2026-12-31T11:00:00Z" },
        { "2026-07-31", NULL },
        { "2026-08-01T10:00:00+02:00", NULL },
        { "0d", NULL },
        { "3651d", NULL },
        { "99999999999999999999d", NULL },
        { "d", NULL },
        { "90", NULL },
        { "90 d", NULL },
        { "-1d", NULL },
        { "2026-02-30", NULL },
        { "tomorrow", NULL },
        { "", NULL },
    };
    struct firm f = firm_open();

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct auth_key_opts o = opts(&f, "crm");
        struct auth_key_made k;
        struct err           e = ERR_INIT;

        t_row = row[i].text;
        firm_apply(&f, FIRM);
        pg_sql(&f.pg, "delete from ingest_key");
        bool ok = auth_key_until(row[i].text, &o, &e) &&
                  auth_key_create(pg_app(&f.pg), &o, &f.mem, &k, &e);
        CHECK(ok == (row[i].ends != NULL));
        if (!ok)
            CHECK_I(e.code, ERR_INVALID);
        CHECK_I(pg_int(&f.pg, "select count(*) from ingest_key where expires_at = '%s'",
                       row[i].ends ? row[i].ends : "infinity"),
                ok);
    }
    firm_close(&f);
}

/* --- what is remembered of a key ------------------------------------------------------ */

static void
test_rate(void)
{
    struct firm              f = firm_open();
    struct auth_ring        *ring = auth_ring_new();
    const struct auth_entry *who;
    struct err               e = ERR_INIT;
    struct auth_key_made     k;

    firm_apply(&f, FIRM);
    struct auth_key_opts o = opts(&f, "crm");
    o.rate = AUTH_MOST_RATE + 1;
    CHECK(!auth_key_create(pg_app(&f.pg), &o, &f.mem, &k, &e));
    CHECK_I(e.code, ERR_INVALID);
    o.rate = 10;
    struct auth_key_made slow = make(&f, &o);
    o.rate = 0;
    struct auth_key_made other = make(&f, &o);
    CHECK(auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    CHECK_I(ask(&f, ring, other.text, f.now, &who), ERR_NONE);
    CHECK(who && who->rate == AUTH_RATE);
    CHECK_I(ask(&f, ring, slow.text, f.now, &who), ERR_NONE);
    if (CHECK(who && who->rate == 10)) {
        auth_ring_spend(ring, who, 40); /* within the burst of 50 */
        CHECK_I(ask(&f, ring, slow.text, f.now, &who), ERR_NONE);
        auth_ring_spend(ring, who, 1000); /* a whole batch: 99 s beyond it */
    }
    for (int i = 0; i < 3; i++) { /* and a refresh does not forget it */
        struct err why = ERR_INIT;

        CHECK(!auth_ring_find(ring, slow.text, strlen(slow.text), f.now, &f.mem, &who, &why));
        CHECK_I(why.code, ERR_TOO_MANY);
        CHECK(why.wait >= 90 && why.wait <= 99);
        CHECK(auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    }
    CHECK_I(ask(&f, ring, other.text, f.now, &who), ERR_NONE); /* each key has its own */
    auth_ring_close(ring);
    firm_close(&f);
}

/* Noted once a minute at most; one who only tried a wrong secret has not used it. */
static void
test_last_use(void)
{
    struct firm              f = firm_open();
    struct auth_ring        *ring = auth_ring_new();
    const struct auth_entry *who;
    struct err               e = ERR_INIT;
    struct auth_key         *keys = NULL;
    size_t                   n = 0;

    firm_apply(&f, FIRM);
    struct auth_key_opts o = opts(&f, "crm");
    struct auth_key_made k = make(&f, &o);
    struct auth_key_made wrong = k;
    wrong.text[AUTH_KEY_LEN - 2] ^= 1;
    CHECK(auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    CHECK_I(ask(&f, ring, wrong.text, f.now, &who), ERR_UNKNOWN_WHO);
    CHECK(auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    CHECK_I(pg_int(&f.pg, "select count(*) from ingest_key where last_used_at is not null"), 0);
    CHECK_I(auth_ring_used(ring, k.id), 0);
    for (int i = 1; i <= 100; i++)
        CHECK_I(ask(&f, ring, k.text, f.now + i * USEC_SECOND, &who), ERR_NONE);
    CHECK_I(auth_ring_used(ring, k.id), f.now + 100 * USEC_SECOND);
    CHECK(auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    char *noted = pg_text(&f.pg, "select xmin || ' ' || last_used_at from ingest_key");
    for (int i = 101; i <= 105; i++) {
        CHECK_I(ask(&f, ring, k.text, f.now + i * USEC_SECOND, &who), ERR_NONE);
        CHECK(auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    }
    char *after = pg_text(&f.pg, "select xmin || ' ' || last_used_at from ingest_key");
    CHECK_S(after, noted); /* the row was written once */
    free(noted);
    free(after);
    CHECK(auth_key_list(pg_loader(&f.pg), 1, f.now, &f.mem, &keys, &n, &e));
    if (CHECK_I(n, 1)) {
        CHECK_I(keys[0].used, f.now + 100 * USEC_SECOND);
        CHECK_I(keys[0].rate, AUTH_RATE);
    }
    auth_ring_close(ring);
    firm_close(&f);
}

/* --- at once ------------------------------------------------------------------------ */

struct maker {
    struct firm *f;
    bool         made;
    struct err   e;
};

static void *
make_one(void *arg)
{
    struct maker        *m = arg;
    struct db           *db = NULL;
    struct auth_key_made k;
    struct arena         mem;

    arena_init(&mem, 1 << 20);
    m->made =
        db_open(&(struct db_opts){ .conninfo = m->f->pg.conninfo, .role = DB_APP }, &db, &m->e) &&
        auth_key_create(
            db, &(struct auth_key_opts){ .workspace = 1, .source = "crm", .now = m->f->now }, &mem,
            &k, &m->e);
    db_close(db);
    arena_free(&mem);
    return NULL;
}

static void
test_two_of_many(void)
{
    enum { N = 8 };
    struct firm  f = firm_open();
    struct maker m[N];
    pthread_t    t[N];
    int          made = 0, refused = 0;

    firm_apply(&f, FIRM);
    for (int i = 0; i < N; i++) {
        m[i] = (struct maker){ .f = &f };
        pthread_create(&t[i], NULL, make_one, &m[i]);
    }
    for (int i = 0; i < N; i++) {
        pthread_join(t[i], NULL);
        made += m[i].made;
        refused += !m[i].made && m[i].e.code == ERR_CONFLICT;
    }
    CHECK_I(made, 2);
    CHECK_I(refused, N - 2);
    firm_close(&f);
}

struct asker {
    struct auth_ring *ring;
    const char       *key;
    usec_t            now;
    atomic_bool      *stop;
    long              found, other;
};

static void *
ask_on(void *arg)
{
    struct asker *a = arg;
    struct arena  mem;

    arena_init(&mem, 1 << 16);
    while (!atomic_load(a->stop)) {
        const struct auth_entry *who = NULL;
        struct err               e = ERR_INIT;

        arena_reset(&mem);
        if (auth_ring_find(a->ring, a->key, strlen(a->key), a->now, &mem, &who, &e) &&
            strcmp(who->source_code, "crm") == 0)
            a->found++;
        else
            a->other++;
    }
    arena_free(&mem);
    return NULL;
}

/* While the ring is refreshed all the time, every question is answered from one whole state. */
static void
test_asking_while_refreshing(void)
{
    enum { N = 4 };
    struct firm       f = firm_open();
    struct auth_ring *ring = auth_ring_new();
    struct err        e = ERR_INIT;
    atomic_bool       stop = false;
    struct asker      a[N];
    pthread_t         t[N];

    firm_apply(&f, FIRM);
    struct auth_key_opts o = opts(&f, "crm");
    struct auth_key_made k = make(&f, &o);
    CHECK(auth_ring_refresh(ring, pg_loader(&f.pg), &e));
    for (int i = 0; i < N; i++) {
        a[i] = (struct asker){ .ring = ring, .key = k.text, .now = f.now, .stop = &stop };
        pthread_create(&t[i], NULL, ask_on, &a[i]);
    }
    for (int i = 0; i < 200; i++) {
        struct err ignored = ERR_INIT;

        CHECK(auth_ring_refresh(ring, i % 3 ? pg_loader(&f.pg) : NULL, &ignored) == (i % 3 != 0));
    }
    atomic_store(&stop, true);
    for (int i = 0; i < N; i++) {
        pthread_join(t[i], NULL);
        CHECK(a[i].found > 0);
        CHECK_I(a[i].other, 0);
    }
    auth_ring_close(ring);
    firm_close(&f);
}

/* A key of a source of another company is not seen, and not made, from here. */
static void
test_companies_are_walls(void)
{
    struct firm          f = firm_open();
    struct auth_key_made k;
    struct err           e = ERR_INIT;

    firm_apply(&f, FIRM);
    firm_apply(&f, "workspace: {code: verdi}\n");
    CHECK(!auth_key_create(pg_app(&f.pg),
                           &(struct auth_key_opts){ .workspace = 2, .source = "crm", .now = f.now },
                           &f.mem, &k, &e));
    CHECK_I(e.code, ERR_NOT_FOUND);
    CHECK_S(e.text, "there is no source crm");
    firm_close(&f);
}

int
main(void)
{
    T_RUN(test_one_key);
    T_RUN(test_wrong_keys);
    T_RUN(test_refusals);
    T_RUN(test_rotation);
    T_RUN(test_database_away);
    T_RUN(test_until);
    T_RUN(test_rate);
    T_RUN(test_last_use);
    T_RUN(test_two_of_many);
    T_RUN(test_asking_while_refreshing);
    T_RUN(test_companies_are_walls);
    return t_end();
}
