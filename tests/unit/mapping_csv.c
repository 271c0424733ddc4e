/* mapping_csv.c - CSV: what is a row, what is a fault, and that one fault costs one line. */
#include "mapping_t.h"

#include "collaudo/mapping_csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All rows as text: [a|b|c] with its line in front, or !line:reason. `step` bytes are shown
 * more at a time; 0: all at once. */
static char *
read_all(const char *text, size_t n, struct mapping_csv *c, size_t step, bool head,
         struct arena *mem)
{
    struct str   out;
    struct arena sub;
    size_t       at = 0, shown = step ? step : n;

    str_init(&out, mem);
    arena_init(&sub, 16 << 20);
    for (;;) {
        struct mapping_csv_row row;
        size_t                 used, end = at + shown < n ? at + shown : n;
        enum mapping_csv_got   got =
            mapping_csv_next(c, text + at, end - at, end == n, &sub, &row, &used);

        if (used > end - at)
            t_check(false, __FILE__, __LINE__, "more used than shown");
        at += used;
        if (got == MAPPING_CSV_END)
            break;
        if (got == MAPPING_CSV_MORE) {
            if (end == n)
                t_check(false, __FILE__, __LINE__, "more wanted than there is");
            shown = end - at + (step ? step : 1);
            continue;
        }
        shown = step ? step : n;
        if (got == MAPPING_CSV_FAULT) {
            str_addf(&out, "!%zu:%s ", row.line, event_drop_name(row.why));
        } else {
            if (head && !c->columns)
                c->columns = (unsigned)row.n;
            str_addf(&out, "%zu[", row.line);
            for (size_t i = 0; i < row.n; i++) {
                if (strlen(row.field[i].p) != row.field[i].n)
                    t_check(false, __FILE__, __LINE__, "a length that is not the text's");
                str_addf(&out, "%s%s", i ? "|" : "", row.field[i].p);
            }
            str_add(&out, "] ");
        }
        arena_reset(&sub);
    }
    CHECK_I(at, n);
    arena_free(&sub);
    return out.p;
}

struct row {
    const char           *text, *want;
    char                  delimiter;
    enum mapping_encoding encoding;
    bool                  head;
};

/* clang-format off */
static const struct row rows[] = {
    { "", "", ',', 0, 0 },
    { "\n\r\n\r", "", ',', 0, 0 },
    { "a,b\n1,2\n", "1[a|b] 2[1|2] ", ',', 0, 0 },
    { "a,b\r\n1,2", "1[a|b] 2[1|2] ", ',', 0, 0 },
    { "a;b\r1;2\r", "1[a|b] 2[1|2] ", ';', 0, 0 },
    { "a\tb\n\n\n1\t\n", "1[a|b] 4[1|] ", '\t', 0, 0 },
    { "a|b\n,|;", "1[a|b] 2[,|;] ", '|', 0, 0 },
    { "a,b,\n,,\n", "1[a|b|] 2[||] ", ',', 0, 0 },
    { "\"a\",\"b \"\"x\"\" c\"\n\"\",\"\"\"\"\n", "1[a|b \"x\" c] 2[|\"] ", ',', 0, 0 },
    { "\"a\nb\",\"c\r\nd\"\nx,y\n", "1[a\nb|c\r\nd] 4[x|y] ", ',', 0, 0 },
    { "\"a,b\",c\n", "1[a,b|c] ", ',', 0, 0 },
    { "\xef\xbb\xbf\"a\",b\n", "1[a|b] ", ',', 0, 0 },
    { " a , b \n", "1[ a | b ] ", ',', 0, 0 },
    /* quotes */
    { "a\"b,c\n1,2\n", "!1:not_json 2[1|2] ", ',', 0, 0 },
    { "\"a\"b,c\n1,2\n", "!1:not_json 2[1|2] ", ',', 0, 0 },
    { "\"a\" ,c\n1,2\n", "!1:not_json 2[1|2] ", ',', 0, 0 },
    { "1,\"open\n2,3\n4,5\n", "!1:not_json 2[2|3] 3[4|5] ", ',', 0, 0 },
    { "1,\"open\n2,\"x\"\n4,5\n", "!1:not_json 2[2|x] 3[4|5] ", ',', 0, 0 },
    { "a,b\n1,2\"\n3,\"4\n", "1[a|b] !2:not_json !3:not_json ", ',', 0, 0 },
    /* columns */
    { "a,b\n1\n1,2,3\n1,2\n", "1[a|b] !2:not_object !3:not_object 4[1|2] ", ',', 0, 1 },
    { "a,b\n\"1,2\"\n", "1[a|b] !2:not_object ", ',', 0, 1 },
    /* encodings */
    { "\xc3\xa8,\xe2\x82\xac\n", "1[\xc3\xa8|\xe2\x82\xac] ", ',', MAPPING_UTF8, 0 },
    { "\xe8,b\nx,y\n", "!1:bad_unicode 2[x|y] ", ',', MAPPING_UTF8, 0 },
    { "\xc0\xaf,b\n", "!1:bad_unicode ", ',', MAPPING_UTF8, 0 },
    { "\xe8,\xff\n", "1[\xc3\xa8|\xc3\xbf] ", ',', MAPPING_ISO_8859_1, 0 },
    { "\x80,b\nx,\x9f\n", "!1:bad_unicode !2:bad_unicode ", ',', MAPPING_ISO_8859_1, 0 },
    { "\xe8,\x80,\x92,\x8c,\x9f\n", "1[\xc3\xa8|\xe2\x82\xac|\xe2\x80\x99|\xc5\x92|\xc5\xb8] ", ',', MAPPING_WINDOWS_1252, 0 },
    { "\x81\n\x8d\n\x8f\n\x90\n\x9d\n\xa0\n", "!1:bad_unicode !2:bad_unicode !3:bad_unicode !4:bad_unicode !5:bad_unicode 6[\xc2\xa0] ", ',', MAPPING_WINDOWS_1252, 0 },
    { "\xef\xbb\xbf" "a\n", "!1:bad_unicode 1[a] ", ',', MAPPING_WINDOWS_1252, 0 },
};
/* clang-format on */

static void
test_rows(void)
{
    struct arena mem;

    arena_init(&mem, 16 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t step = 0; step < 5; step++) { /* the same however it is cut */
            struct mapping_csv c;

            t_row = rows[i].text;
            mapping_csv_init(&c, rows[i].delimiter, rows[i].encoding);
            CHECK_S(read_all(rows[i].text, strlen(rows[i].text), &c, step, rows[i].head, &mem),
                    rows[i].want);
        }
    t_row = NULL;
    arena_free(&mem);
}

static void
test_odd_bytes(void)
{
    struct mapping_csv c;
    struct arena       mem;

    arena_init(&mem, 4 << 20);
    mapping_csv_init(&c, ',', MAPPING_UTF8);
    CHECK_S(read_all("a\0b,c\nd,e\n", 10, &c, 0, false, &mem), "!1:bad_unicode 2[d|e] ");
    mapping_csv_init(&c, ',', MAPPING_WINDOWS_1252);
    CHECK_S(read_all("a\0b,c\nd,e\n", 10, &c, 0, false, &mem), "!1:bad_unicode 2[d|e] ");
    mapping_csv_init(&c, ',', MAPPING_UTF8);
    CHECK(strncmp(read_all("\xff\xfe"
                           "a\0\n\0",
                           6, &c, 0, false, &mem),
                  "!1:bad_unicode", 14) == 0);
    arena_free(&mem);
}

static char *
filled(struct arena *mem, size_t n, char with)
{
    char *p = arena_alloc(mem, n + 1);

    memset(p, with, n);
    return p;
}

static void
test_long_rows(void)
{
    struct mapping_csv c;
    struct arena       mem;
    const size_t       most = MAPPING_CSV_MAX_ROW;

    arena_init(&mem, 64 << 20);
    for (size_t step = 0; step < 200000; step += 65536) {
        char *text = filled(&mem, 2 * most, 'x');

        t_row = "a line that is too long";
        text[most + 100] = '\n';
        memcpy(text + most + 101, "a,b\n", 4);
        mapping_csv_init(&c, ',', MAPPING_UTF8);
        CHECK_S(read_all(text, most + 105, &c, step, false, &mem), "!1:event_too_large 2[a|b] ");

        t_row = "a quote that is not closed for too long";
        text = filled(&mem, 2 * most, 'x');
        memcpy(text, "1,\"x\n2,y\n", 9);
        for (size_t i = 1000; i < 2 * most; i += 1000)
            text[i] = '\n';
        mapping_csv_init(&c, ',', MAPPING_UTF8);
        char *got = read_all(text, 2 * most, &c, step, false, &mem);
        CHECK(strncmp(got, "!1:event_too_large 2[2|y] 3[xxx", 31) == 0);

        t_row = "just long enough";
        text = filled(&mem, most, 'x');
        text[most - 1] = '\n';
        mapping_csv_init(&c, ',', MAPPING_UTF8);
        got = read_all(text, most, &c, step, false, &mem);
        CHECK(strncmp(got, "1[xxx", 5) == 0 && strlen(got) == most - 1 + 4);
    }
    t_row = "too many columns";
    char *text = filled(&mem, 2000, ',');
    mapping_csv_init(&c, ',', MAPPING_UTF8);
    CHECK_S(read_all(text, 1000, &c, 0, false, &mem), "!1:event_too_large ");
    mapping_csv_init(&c, ',', MAPPING_UTF8);
    CHECK(strncmp(read_all(text, 999, &c, 0, false, &mem), "1[|||", 5) == 0);
    t_row = NULL;
    arena_free(&mem);
}

/* Work grows with the bytes, not with their square: quotes that are never closed are the
 * worst there is. Counted in rows, not in seconds. */
static void
test_hostile(void)
{
    static const char *const lines[] = { "\"\n", ";\"\n", "\"\"\"\n", "a;\"b\n", "\"a\";\"\n" };
    struct arena             mem;

    arena_init(&mem, 256 << 20);
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        struct mapping_csv c;
        struct str         text;

        t_row = lines[k];
        str_init(&text, &mem);
        while (text.n < 4 << 20)
            str_add(&text, lines[k]);
        mapping_csv_init(&c, ';', MAPPING_UTF8);
        CHECK(strlen(read_all(text.p, text.n, &c, 0, false, &mem)) > 1000);
    }
    t_row = NULL;
    arena_free(&mem);
}

/* --- through a mapping --------------------------------------------------------------------- */

#define MAP                                                                                        \
    "{\"mapping\":\"m\",\"version\":1,\"format\":\"csv\",\"common\":{\"/id\":\"/id\",\"/"          \
    "source\":{\"const\":\"s\"},"                                                                  \
    "\"/type\":{\"const\":\"pilot.usage\"},\"/time\":{\"time\":{\"from\":\"/"                      \
    "t\"}}},\"rules\":[{\"set\":{}}]}"

static const struct {
    const char *body, *want;
} bodies[] = {
    { " id , t \n1,2026-03-02T09:00:00Z\n",
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"pilot.usage\","
      "\"time\":\"2026-03-02T09:00:00.000Z\"}\n" },
    { "id,t\n", "" },
    { "", "unreadable: the file has no head row\n" },
    { "id,id\n1,2\n", "unreadable: columns 1 and 2 of the head row have one name\n" },
    { "\"id,t\n1,2\n", "unreadable: line 1: a quote is not closed\n" },
    { "\xff\xfei\0d", "unreadable: line 1: the text is UTF-16: save it as UTF-8\n" },
    { "id,t\n1,\n\"2\"x,3\n1,2,3\n,2026-03-02T09:00:00Z\n1,gestern\n",
      "{\"rejected\":\"missing_time\",\"pointer\":\"\",\"index\":0}\n"
      "{\"rejected\":\"not_json\",\"pointer\":\"\",\"index\":1}\n"
      "{\"rejected\":\"not_object\",\"pointer\":\"\",\"index\":2}\n"
      "{\"rejected\":\"missing_id\",\"pointer\":\"\",\"index\":3}\n"
      "{\"rejected\":\"bad_time\",\"pointer\":\"/t\",\"index\":4}\n" },
};

static void
test_through_a_mapping(void)
{
    struct arena mem;

    arena_init(&mem, 16 << 20);
    const struct mapping *m = t_mapping(MAP, sizeof MAP - 1, &mem);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        t_row = bodies[i].body;
        CHECK_S(t_apply(m, bodies[i].body, strlen(bodies[i].body), NULL, 0, &mem), bodies[i].want);
    }
    t_row = NULL;
    arena_free(&mem);
}

/* csv-spectrum: what others agree that CSV means. */
static void
test_spectrum(void)
{
    static const char *const names[] = { "comma_in_quotes",
                                         "empty",
                                         "empty_crlf",
                                         "escaped_quotes",
                                         "json",
                                         "newlines",
                                         "newlines_crlf",
                                         "quotes_and_newlines",
                                         "simple",
                                         "simple_crlf",
                                         "utf8" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct arena           mem;
        struct mapping_reader *r;
        struct mapping_record  rec;
        struct err             e = ERR_INIT;
        const cJSON           *want, *w;
        char                   path[256];
        size_t                 n, want_n;

        t_row = names[i];
        arena_init(&mem, 4 << 20);
        const struct mapping *m = t_mapping(MAP, sizeof MAP - 1, &mem);
        snprintf(path, sizeof path, "tests/data/mapping/csv-spectrum/csvs/%s.csv", names[i]);
        char *csv = t_file(path, &n);
        snprintf(path, sizeof path, "tests/data/mapping/csv-spectrum/json/%s.json", names[i]);
        char *json = t_file(path, &want_n);
        CHECK(json_parse(&mem, json, want_n, &want, &e));
        CHECK(mapping_open(m, csv, n, NULL, 0, &mem, &r, &e));
        cJSON_ArrayForEach (w, want) {
            struct str a, b;

            str_init(&a, &mem);
            str_init(&b, &mem);
            CHECK(mapping_next(r, &mem, &rec));
            mapping_print(rec.tree, &a);
            mapping_print(w, &b);
            CHECK_S(a.p, b.p);
        }
        CHECK(!mapping_next(r, &mem, &rec));
        free(csv);
        free(json);
        arena_free(&mem);
    }
    t_row = NULL;
}

/* Lines and bytes of each row, for quarantine. */
static void
test_places(void)
{
    static const char      body[] = "\xef\xbb\xbfid,t\r\n\r\n1,\"a\r\nb\"\r\n2,c\r\n";
    struct arena           mem;
    struct mapping_reader *r;
    struct mapping_record  rec;
    struct err             e = ERR_INIT;

    arena_init(&mem, 1 << 20);
    const struct mapping *m = t_mapping(MAP, sizeof MAP - 1, &mem);
    if (CHECK(mapping_open(m, body, sizeof body - 1, NULL, 0, &mem, &r, &e))) {
        CHECK(mapping_next(r, &mem, &rec));
        CHECK_I(rec.line, 3);
        CHECK_I(rec.index, 0);
        CHECK_S(arena_strndup(&mem, rec.raw.p, rec.raw.n), "1,\"a\r\nb\"");
        CHECK_S(json_text(rec.tree, "t"), "a\r\nb");
        CHECK(mapping_next(r, &mem, &rec));
        CHECK_I(rec.line, 5);
        CHECK_S(arena_strndup(&mem, rec.raw.p, rec.raw.n), "2,c");
        CHECK(!mapping_next(r, &mem, &rec));
        CHECK(!mapping_next(r, &mem, &rec));
    }
    arena_free(&mem);
}

int
main(void)
{
    T_RUN(test_rows);
    T_RUN(test_odd_bytes);
    T_RUN(test_long_rows);
    T_RUN(test_hostile);
    T_RUN(test_through_a_mapping);
    T_RUN(test_spectrum);
    T_RUN(test_places);
    return t_end();
}
