/* sources.c - tools and sources as declared. See docs/charter.md. */
#include "declare_int.h"

#include "sql_gen.h"

#include <string.h>

/* --- tools ---------------------------------------------------------------------- */

struct tool {
    int64_t     tool_id;
    const char *code, *name, *owner;
};

static const struct db_col tool_cols[] = {
    DB_COL(struct tool, tool_id, DB_INT8),
    DB_COL(struct tool, code, DB_TEXT),
    DB_COL(struct tool, name, DB_TEXT),
    DB_COL(struct tool, owner, DB_TEXT),
    DB_COLS_END,
};

static bool
list_tools(struct declare_job *j, struct tool **ret, size_t *ret_n)
{
    void *rows = NULL;
    bool  ok = db_query(j->db, &sql_pilot_list_tools, DB_ARGS(db_int8(j->workspace)), tool_cols,
                        sizeof(struct tool), j->mem, &rows, ret_n, j->e);

    *ret = rows;
    return ok;
}

static const struct tool *
find_tool(const struct tool *t, size_t n, const char *code)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(t[i].code, code) == 0)
            return &t[i];
    return NULL;
}

static bool
put_tool(struct declare_job *j, const struct decl_tool *d, const struct tool *was)
{
    if (!was) {
        declare_note(j, DECLARE_CREATE, "tool", d->code, "%s", d->name);
        return db_exec(
            j->db, &sql_pilot_insert_tool,
            DB_ARGS(db_int8(j->workspace), db_text(d->code), db_text(d->name), db_text(d->owner)),
            NULL, j->e);
    }
    if (strcmp(was->name, d->name) == 0 && strcmp(was->owner, d->owner) == 0) {
        declare_note(j, DECLARE_SAME, "tool", d->code, "%s", "");
        return true;
    }
    declare_note(j, DECLARE_CHANGE, "tool", d->code, "name or owner");
    return db_exec(
        j->db, &sql_pilot_update_tool,
        DB_ARGS(db_int8(j->workspace), db_int8(was->tool_id), db_text(d->name), db_text(d->owner)),
        NULL, j->e);
}

/* The tools on trial must be known, in the files or before. */
static void
check_pilot_tools(struct declare_job *j, const struct tool *t, size_t n)
{
    const struct conf_texts *names = &j->d->pilot.tools;
    const struct decl_tool  *d = j->d->tools.rows;

    for (size_t i = 0; i < names->n; i++) {
        bool found = find_tool(t, n, names->v[i]);

        for (size_t k = 0; k < j->d->tools.n && !found; k++)
            found = strcmp(d[k].code, names->v[i]) == 0;
        if (!found)
            declare_refuse(j, ERR_INVALID, "tool", names->node,
                           "pilot.tools[%zu] is not among the tools", i);
    }
}

bool
declare_put_tools(struct declare_job *j)
{
    const struct decl_tool *d = j->d->tools.rows;
    struct tool            *t = NULL;
    size_t                  n = 0;

    if (!list_tools(j, &t, &n))
        return false;
    for (size_t i = 0; i < j->d->tools.n; i++)
        if (!put_tool(j, &d[i], find_tool(t, n, d[i].code)))
            return false;
    check_pilot_tools(j, t, n);
    return true;
}

/* --- sources ------------------------------------------------------------------------ */

static const struct db_col source_cols[] = {
    DB_COL(struct declare_source, source_id, DB_INT8),
    DB_COL(struct declare_source, pilot_id, DB_INT8),
    DB_COL(struct declare_source, tool_id, DB_INT8),
    DB_COL(struct declare_source, code, DB_TEXT),
    DB_COL(struct declare_source, cadence, DB_TEXT),
    DB_COL(struct declare_source, mapping, DB_TEXT),
    DB_COL(struct declare_source, pilot, DB_TEXT),
    DB_COL(struct declare_source, tool, DB_TEXT),
    DB_COLS_END,
};

static bool
list_sources(struct declare_job *j, struct declare_source **ret, size_t *ret_n)
{
    void *rows = NULL;
    bool  ok = db_query(j->db, &sql_pilot_list_sources, DB_ARGS(db_int8(j->workspace)), source_cols,
                        sizeof(struct declare_source), j->mem, &rows, ret_n, j->e);

    *ret = rows;
    return ok;
}

static bool
insert_source(struct declare_job *j, const struct decl_source *d, const struct tool *t)
{
    declare_note(j, DECLARE_CREATE, "source", d->name, "tool %s, cadence %s", d->tool,
                 declare_cadences[d->cadence]);
    return db_exec(j->db, &sql_pilot_insert_source,
                   DB_ARGS(db_int8(j->workspace), db_int8(j->pilot), db_int8(t->tool_id),
                           db_text(d->name), db_text(declare_cadences[d->cadence]),
                           db_text(d->mapping), db_time(j->now)),
                   NULL, j->e);
}

static bool
update_source(struct declare_job *j, const struct decl_source *d, const struct declare_source *was,
              const struct tool *t)
{
    bool tool = was->tool_id != t->tool_id;
    bool cadence = strcmp(was->cadence, declare_cadences[d->cadence]) != 0;
    bool mapping = strcmp(was->mapping, d->mapping) != 0;

    if (!tool && !cadence && !mapping) {
        declare_note(j, DECLARE_SAME, "source", d->name, "%s", "");
        return true;
    }
    if (j->sealed && (tool || cadence)) {
        declare_refuse(j, ERR_CONFLICT, "source", d->at.node,
                       "pilot %s is sealed: tool and cadence of source %s stay", j->is.code,
                       d->name);
        return true;
    }
    declare_note(j, DECLARE_CHANGE, "source", d->name, "%s%s%s", tool ? "tool " : "",
                 cadence ? "cadence " : "", mapping ? "mapping " : "");
    return db_exec(j->db, &sql_pilot_update_source,
                   DB_ARGS(db_int8(j->workspace), db_int8(was->source_id), db_int8(t->tool_id),
                           db_text(declare_cadences[d->cadence]), db_text(d->mapping)),
                   NULL, j->e);
}

static bool
put_source(struct declare_job *j, const struct decl_source *d, const struct declare_source *s,
           size_t n, const struct tool *t)
{
    const struct declare_source *was = NULL;

    for (size_t i = 0; i < n && !was; i++)
        if (strcmp(s[i].code, d->name) == 0)
            was = &s[i];
    if (was && was->pilot_id != j->pilot) {
        declare_refuse(j, ERR_CONFLICT, "source", d->at.node,
                       "source %s belongs to pilot %s; a source belongs to one pilot", d->name,
                       was->pilot);
        return true;
    }
    if (!t) {
        declare_refuse(j, ERR_INVALID, "source", d->at.node, "%s.tool is not among the tools",
                       conf_path(d->at.node, j->mem));
        return true;
    }
    if (!was && j->frozen) {
        declare_refuse_final(j, "source", d->at.node,
                             arena_printf(j->mem, "source %s is new", d->name));
        return true;
    }
    return was ? update_source(j, d, was, t) : insert_source(j, d, t);
}

/* A source has a history: events in the journal may still name it. */
static void
check_missing(struct declare_job *j, const struct declare_source *s, size_t n)
{
    const struct decl_source *d = j->d->sources.rows;

    if (!conf_given(&declare_table, j->d, "sources"))
        return;
    for (size_t i = 0; i < n; i++) {
        bool found = s[i].pilot_id != j->pilot;

        for (size_t k = 0; k < j->d->sources.n && !found; k++)
            found = strcmp(d[k].name, s[i].code) == 0;
        if (!found)
            declare_refuse(j, ERR_CONFLICT, "source", NULL,
                           "source %s is not among the files; a source cannot be taken away: leave "
                           "it there and revoke its keys",
                           s[i].code);
    }
}

/* Those of this pilot, after all changes. */
static bool
keep_sources(struct declare_job *j)
{
    struct declare_source *s = NULL;
    size_t                 n = 0;

    if (!list_sources(j, &s, &n))
        return false;
    j->sources = s;
    for (size_t i = 0; i < n; i++)
        if (s[i].pilot_id == j->pilot)
            s[j->sources_n++] = s[i];
    return true;
}

bool
declare_put_sources(struct declare_job *j)
{
    const struct decl_source *d = j->d->sources.rows;
    struct declare_source    *s = NULL;
    struct tool              *t = NULL;
    size_t                    n = 0, tools = 0;

    if (!list_sources(j, &s, &n) || !list_tools(j, &t, &tools))
        return false;
    for (size_t i = 0; i < j->d->sources.n; i++)
        if (!put_source(j, &d[i], s, n, find_tool(t, tools, d[i].tool)))
            return false;
    check_missing(j, s, n);
    return keep_sources(j);
}
