/* calendar.c - Italian holidays, closures, weekends. See calendar.h. */
#include "collaudo/calendar.h"

#include "collaudo/time.h"

#include <stdlib.h>

/* clang-format off */
static const struct {
    int         month, day;
    int         from; /* first year; 0: always */
    const char *name;
} fixed[] = {
    {  1,  1, 0,    "Capodanno" },
    {  1,  6, 0,    "Epifania" },
    {  4, 25, 0,    "Festa della Liberazione" },
    {  5,  1, 0,    "Festa del Lavoro" },
    {  6,  2, 0,    "Festa della Repubblica" },
    {  8, 15, 0,    "Ferragosto" },
    { 10,  4, 2026, "San Francesco d'Assisi" }, /* law 151 of 8 October 2025 */
    { 11,  1, 0,    "Ognissanti" },
    { 12,  8, 0,    "Immacolata Concezione" },
    { 12, 25, 0,    "Natale" },
    { 12, 26, 0,    "Santo Stefano" },
};
/* clang-format on */

/* The anonymous Gregorian computus (Meeus, Jones, Butcher). */
int32_t
calendar_easter(int year)
{
    int a = year % 19, b = year / 100, c = year % 100;
    int d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
    int h = (19 * a + b - d - g + 15) % 30;
    int i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
    int m = (a + 11 * h + 22 * l) / 451, n = h + l - 7 * m + 114;

    return time_day(year, n / 31, n % 31 + 1);
}

static int
by_day(const void *a, const void *b)
{
    const struct calendar_holiday *x = a, *y = b;

    return (x->day > y->day) - (x->day < y->day);
}

size_t
calendar_italy(int year, struct calendar_holiday ret[CALENDAR_MOST])
{
    int32_t monday = calendar_easter(year) + 1;
    size_t  n = 0;
    bool    taken = false; /* Easter Monday may be the 25th of April */

    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        if (year < fixed[i].from)
            continue;
        ret[n].day = time_day(year, fixed[i].month, fixed[i].day);
        ret[n].name = fixed[i].name;
        taken = taken || ret[n].day == monday;
        n++;
    }
    if (!taken)
        ret[n++] = (struct calendar_holiday){ monday, "Luned\xc3\xac dell'Angelo" };
    qsort(ret, n, sizeof *ret, by_day);
    return n;
}

static const char *
holiday(int32_t day)
{
    struct calendar_holiday all[CALENDAR_MOST];
    struct time_civil       c;
    size_t                  n;

    time_day_civil(day, &c);
    n = calendar_italy(c.year, all);
    for (size_t i = 0; i < n; i++)
        if (all[i].day == day)
            return all[i].name;
    return NULL;
}

const char *
calendar_why(int32_t day, bool italy, const struct calendar_closure *closures, size_t n)
{
    const char *name;

    if (time_weekday(day) > 5)
        return "weekend";
    if (italy && (name = holiday(day)))
        return name;
    for (size_t i = 0; i < n; i++)
        if (day >= closures[i].first && day <= closures[i].last)
            return closures[i].name;
    return "";
}
