/* simulate.h - an invented pilot that behaves like a real one, and the truth about it.
 *
 * From a seed: a firm of people who adopt three tools or do not, the deliveries of those tools
 * with everything that goes wrong on the way, the declaration of the pilot, and what a perfect
 * observer would have counted. The truth is kept while events are planned; nobody reads it off
 * the delivered lines, so it can be held against whoever does read them.
 *
 * Pure: no clock, no network, no floating point. The same options give the same bytes on every
 * machine (the zone's rules for the days asked for are the only thing read from it).
 *
 * Deliveries come in the order of their reception and are made day by day: memory does not
 * depend on the number of days. One simulation belongs to one thread.
 */
#ifndef COLLAUDO_SIMULATE_H
#define COLLAUDO_SIMULATE_H

#include "collaudo/auto.h"
#include "collaudo/err.h"
#include "collaudo/str.h"
#include "collaudo/time.h"

#define SIMULATE_SOURCES 3
#define SIMULATE_MOST_PEOPLE 19000 /* a declaration takes 20,000, agencies included */
#define SIMULATE_FEWEST_PEOPLE 3
#define SIMULATE_MOST_DAYS 400
#define SIMULATE_FEWEST_DAYS 14
#define SIMULATE_MOST_EVENTS INT64_C(200000000)
/* The charter's late_grace_h: longer than anything of ours is late, so that no figure depends on
 * when a delivery came. */
#define SIMULATE_GRACE_HOURS 168
#define SIMULATE_MOST_LINE ((size_t)1024) /* bytes of one line */
/* Bytes of simulate_replay_line(): in the worst case every byte becomes \u00xx. */
#define SIMULATE_MOST_REPLAY (6 * SIMULATE_MOST_LINE + 128)

struct simulate_opts {
    const char             *profile; /* one of simulate_profiles() */
    const char             *pilot;   /* its id, also the workspace's; a-z 0-9 - */
    int64_t                 seed;
    int32_t                 people; /* seats; programs, agencies and shared accounts come on top */
    int32_t                 days;   /* of the window */
    int32_t                 start;  /* its first local day */
    int64_t                 events; /* about so many deliveries in all; 0: as people work */
    const struct time_zone *zone;
};

struct simulate;

/* "healthy, shelfware, ..." */
const char *simulate_profiles(void);
/* Code of one of the sources, the same for every simulation. */
const char *simulate_source(int source);

/* ERR_INVALID: an option is out of its range, and which. */
must_check bool simulate_new(const struct simulate_opts *o, struct simulate **ret, struct err *e);
void            simulate_close(struct simulate *s);
AUTO_DEFINE_STRUCT(simulate, simulate_close)

/* pilot.yaml as `collaudo apply` takes it. */
void simulate_declaration(const struct simulate *s, struct str *out);

struct simulate_line {
    int         source;
    usec_t      received; /* by a collector that was there at the time */
    const char *p;        /* what the tool sent, n bytes without a line's end; may be no JSON and */
    size_t      n;        /* no UTF-8. Valid until the next call */
};

/* The next delivery. *ret_end: there was none left, *ret is untouched. ERR_NOMEM. */
must_check bool simulate_next(struct simulate *s, struct simulate_line *ret, bool *ret_end,
                              struct err *e);

/* The delivery as a line of `import --replay`: {"received", "line"}; returns its length. ret
 * holds SIMULATE_MOST_REPLAY bytes. */
size_t simulate_replay_line(const struct simulate_line *line, char *ret);

/* What is true of the deliveries handed out so far, as JSON; whole once simulate_next() came
 * to the end. docs/simulate.md describes it. */
void simulate_truth(const struct simulate *s, struct str *out);

#endif
