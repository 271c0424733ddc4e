/* err.c - fills, wraps and translates struct err. See err.h for what it promises. */
#include "collaudo/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int         http, exit_code;
    const char *name;
} rows[ERR_COUNT] = { [ERR_NONE] = { 200, 0, "none" },
#define X(code, http, exit_code, name) [code] = { http, exit_code, name },
                      ERR_TABLE(X)
#undef X
};

/* Keeps the promise of err.h: safe in JSON, in a log line and in a header. */
static void
clean(char *s)
{
    for (; *s; s++)
        if (*s < 0x20 || *s > 0x7e || *s == '"' || *s == '\\')
            *s = '?';
}

bool
err_set_at(struct err *e, enum err_code code, const char *file, int line, const char *fmt, ...)
{
    va_list ap;

    *e = (struct err){ .code = code, .file = file, .line = line };
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    clean(e->text);
    return false;
}

bool
err_errno_at(struct err *e, int no, const char *file, int line, const char *fmt, ...)
{
    va_list     ap;
    const char *why = strerrordesc_np(no);
    size_t      n;

    *e = (struct err){ .code = ERR_IO, .file = file, .line = line };
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    n = strlen(e->text);
    snprintf(e->text + n, sizeof e->text - n, ": %s", why ? why : "unknown error");
    clean(e->text);
    return false;
}

bool
err_wrap(struct err *e, const char *fmt, ...)
{
    char    old[sizeof e->text];
    va_list ap;
    size_t  n;

    memcpy(old, e->text, sizeof old);
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    n = strlen(e->text);
    snprintf(e->text + n, sizeof e->text - n, ": %s", old);
    clean(e->text);
    return false;
}

int
err_http(enum err_code code)
{
    return rows[code].http;
}

int
err_exit(enum err_code code)
{
    return rows[code].exit_code;
}

const char *
err_name(enum err_code code)
{
    return rows[code].name;
}

enum err_code
err_of_name(const char *name)
{
    for (int i = 1; i < ERR_COUNT; i++)
        if (strcmp(rows[i].name, name) == 0)
            return (enum err_code)i;
    return ERR_NONE;
}
