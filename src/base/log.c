/* log.c - one line per fact on stderr. See log.h. */
#include "collaudo/log.h"

#include "collaudo/time.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static enum log_level from = LOG_INFO;

void
log_init(enum log_level least)
{
    from = least;
}

/* One write(2) per line, so that lines of threads never mix. */
static void
put(enum log_level level, const char *module, const char *text)
{
    static const char *const word[] = { "debug", "info ", "warn ", "error" };
    char                     when[TIME_TEXT_LEN], line[1024];
    int                      n;

    time_format(time_now(), when);
    n = snprintf(line, sizeof line - 1, "%s %s %-8s %s", when, word[level], module, text);
    if (n < 0)
        return;
    if ((size_t)n > sizeof line - 2)
        n = sizeof line - 2;
    for (int i = 0; i < n; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    line[n++] = '\n';
    if (write(STDERR_FILENO, line, (size_t)n) < 0)
        return; /* nobody is left to tell */
}

void
log_line(enum log_level level, const char *module, const char *fmt, ...)
{
    char    text[800];
    va_list ap;

    if (level < from)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    put(level, module, text);
}

void
log_err(const char *module, const struct err *e, const char *fmt, ...)
{
    char    text[800], all[900];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    snprintf(all, sizeof all, "%.400s: %s (%s:%d)", text, e->text, e->file ? e->file : "?",
             e->line);
    put(LOG_ERROR, module, all);
}
