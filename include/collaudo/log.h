/* log.h - one line per fact on stderr, for journald or a file.
 *
 *     2026-03-02T09:00:00.123Z info  journal  recovered up to position 4096
 *
 * The text is made printable (control bytes become '?'). Never put personal data,
 * identifiers of people, event payloads or secrets into it. A fault is logged
 * once, by the outermost loop that gives up on it.
 */
#ifndef COLLAUDO_LOG_H
#define COLLAUDO_LOG_H

#include "collaudo/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* What is below `least` is not written. Default: LOG_INFO. Call before threads start. */
void log_init(enum log_level least);

void log_line(enum log_level level, const char *module, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "fmt...: text of *e (file:line)" at LOG_ERROR. */
void log_err(const char *module, const struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
