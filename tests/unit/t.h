/* t.h - the smallest test harness that says where and why.
 *
 *     int main(void) { T_RUN(test_this); T_RUN(test_that); return t_end(); }
 *
 * A failed check prints file, line, the row it was at (t_row) and both values, and
 * the program goes on; t_end() prints how many checks ran and returns 1 if any
 * failed, or if none ran at all.
 */
#ifndef T_H
#define T_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const char *t_row; /* what is being tried; printed with a failure */

#define T_RUN(fn) t_run(#fn, fn)
#define CHECK(cond) t_check((cond), __FILE__, __LINE__, #cond)
#define CHECK_I(got, want) t_int((int64_t)(got), (int64_t)(want), __FILE__, __LINE__, #got)
#define CHECK_S(got, want) t_text((got), (want), __FILE__, __LINE__, #got)

void t_run(const char *name, void (*fn)(void));
bool t_check(bool ok, const char *file, int line, const char *what);
bool t_int(int64_t got, int64_t want, const char *file, int line, const char *what);
bool t_text(const char *got, const char *want, const char *file, int line, const char *what);
int  t_end(void);

/* The whole file, 0-terminated, from malloc; ends the program when it cannot. */
char *t_file(const char *path, size_t *ret_n);

#endif
