/* yaml.c - YAML into a tree, with everything refused that could surprise. See conf.h. */
#include "conf_int.h"

#include <string.h>
#include <yaml.h>

/* One step ahead of the reader there is always exactly one event: `ev`. */
struct reader {
    struct conf_build b;
    yaml_parser_t     parser;
    yaml_event_t      ev;
    bool              has; /* ev is to be released */
};

static int
line_of(const struct reader *r)
{
    return (int)r->ev.start_mark.line + 1;
}

/* The next event. libyaml's problem texts are fixed sentences and quote nothing. */
static bool
step(struct reader *r, struct err *e)
{
    if (r->has)
        yaml_event_delete(&r->ev);
    r->has = false;
    if (yaml_parser_parse(&r->parser, &r->ev))
        return r->has = true;
    if (r->parser.error == YAML_MEMORY_ERROR)
        return err_set(e, ERR_NOMEM, "%s: no memory to read it", r->b.file);
    return err_set(e, ERR_INVALID, "%s:%zu: not YAML: %s", r->b.file,
                   r->parser.problem_mark.line + 1,
                   r->parser.problem ? r->parser.problem : "unreadable");
}

static bool
refuse(const struct reader *r, const char *why, struct err *e)
{
    return err_set(e, ERR_INVALID, "%s:%d: %s", r->b.file, line_of(r), why);
}

/* Names for nodes, and types other than what is written, are more than a charter needs; and
 * aliases let a small file become a large tree. */
static bool
is_bare(const struct reader *r, struct err *e)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;

    switch (r->ev.type) {
    case YAML_ALIAS_EVENT:
        return refuse(r, "aliases (*name) are not taken: write the value again", e);
    case YAML_SCALAR_EVENT:
        anchor = r->ev.data.scalar.anchor;
        tag = r->ev.data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = r->ev.data.sequence_start.anchor;
        tag = r->ev.data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = r->ev.data.mapping_start.anchor;
        tag = r->ev.data.mapping_start.tag;
        break;
    default:
        break;
    }
    if (anchor)
        return refuse(r, "anchors (&name) are not taken", e);
    return !tag || refuse(r, "tags (!name) are not taken", e);
}

/* The text of the scalar at hand, in the arena. */
static bool
scalar_text(struct reader *r, const char **ret, struct err *e)
{
    const char *p = (const char *)r->ev.data.scalar.value;
    size_t      n = r->ev.data.scalar.length;

    if (memchr(p, 0, n))
        return refuse(r, "a text has the character U+0000", e);
    if (!(*ret = arena_strndup(r->b.mem, p, n)))
        return err_set(e, ERR_NOMEM, "%s: no memory for so large a file", r->b.file);
    return true;
}

static void
set_scalar(struct conf_node *n, const char *text, bool plain)
{
    size_t len = strlen(text);

    n->json.type = cJSON_String;
    n->json.valuestring = (char *)(uintptr_t)text;
    if (!plain)
        return;
    if (!len || strcmp(text, "~") == 0 || strcmp(text, "null") == 0)
        n->json.type = cJSON_NULL;
    else if (strcmp(text, "true") == 0)
        n->json.type = cJSON_True;
    else if (strcmp(text, "false") == 0)
        n->json.type = cJSON_False;
    else if (conf_is_int(text, len) || conf_is_decimal(text, len))
        conf_node_number(n, text);
    if (n->json.type != cJSON_String)
        n->json.valuestring = NULL;
}

static bool value(struct reader *r, int depth, int line, struct conf_node *parent, const char *key,
                  struct conf_node **ret, struct err *e);

static bool
elements(struct reader *r, int depth, struct conf_node *array, struct err *e)
{
    struct conf_node *got;

    while (r->ev.type != YAML_SEQUENCE_END_EVENT)
        if (!value(r, depth + 1, line_of(r), array, NULL, &got, e))
            return false;
    return true;
}

static bool
members(struct reader *r, int depth, struct conf_node *object, struct err *e)
{
    struct conf_node *got;
    const char       *key;
    int               line;

    while (r->ev.type != YAML_MAPPING_END_EVENT) {
        if (!is_bare(r, e))
            return false;
        if (r->ev.type != YAML_SCALAR_EVENT)
            return refuse(r, "a key must be text", e);
        line = line_of(r);
        if (!scalar_text(r, &key, e) || !step(r, e) ||
            !value(r, depth + 1, line, object, key, &got, e))
            return false;
    }
    return true;
}

/* Reads the value at hand and steps behind it. */
static bool
value(struct reader *r, int depth, int line, struct conf_node *parent, const char *key,
      struct conf_node **ret, struct err *e)
{
    bool              map = r->ev.type == YAML_MAPPING_START_EVENT, plain;
    struct conf_node *n;
    const char       *text;

    if (!is_bare(r, e))
        return false;
    if (depth > CONF_MAX_DEPTH)
        return refuse(r, "nested too deep", e);
    if (!conf_node_new(&r->b, map ? cJSON_Object : cJSON_Array, line, parent, key, &n, e))
        return false;
    if (r->ev.type == YAML_SCALAR_EVENT) {
        plain = r->ev.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        if (!scalar_text(r, &text, e))
            return false;
        set_scalar(n, text, plain);
    } else if (!step(r, e) || !(map ? members : elements)(r, depth, n, e)) {
        return false;
    }
    *ret = n;
    return step(r, e);
}

static bool
document(struct reader *r, struct conf_node **ret, struct err *e)
{
    if (!step(r, e) || !step(r, e)) /* the stream begins; the document, if there is one */
        return false;
    if (r->ev.type == YAML_STREAM_END_EVENT)
        return err_set(e, ERR_INVALID, "%s: the file is empty", r->b.file);
    if (!step(r, e) || !value(r, 1, line_of(r), NULL, NULL, ret, e))
        return false;
    if (!step(r, e)) /* at the end of the document */
        return false;
    return r->ev.type == YAML_STREAM_END_EVENT ||
           refuse(r, "a second document begins: give it a file of its own", e);
}

bool
conf_yaml(const struct conf_text *file, struct arena *mem, struct conf_node **ret, struct err *e)
{
    struct reader r = { .b = { .mem = mem, .file = file->name } };
    const char   *text = file->text;
    size_t        n = file->n;
    bool          ok;

    if (!str_is_utf8(text, n))
        return err_set(e, ERR_INVALID, "%s: the file is not UTF-8", file->name);
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3, n -= 3;
    if (!yaml_parser_initialize(&r.parser))
        return err_set(e, ERR_NOMEM, "%s: no memory to read it", file->name);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, n);
    ok = document(&r, ret, e);
    if (r.has)
        yaml_event_delete(&r.ev);
    yaml_parser_delete(&r.parser);
    return ok;
}
