/* voice_int.h - what is expected of a source, as it was read. */
#ifndef INGEST_VOICE_INT_H
#define INGEST_VOICE_INT_H

#include "collaudo/ingest_voice.h"

#include <pthread.h>

struct voice_row {
    int64_t     workspace_id, source_id, pilot_id;
    const char *code, *cadence, *owner, *tz;
    bool        expected;
    int32_t     start_day, workday; /* workday: the last before today */
    bool        no_workday;
    usec_t      made_at, heard_at; /* heard_at 0: never */
};

/* All of them; replaced as a whole. */
struct voices {
    pthread_mutex_t   lock;
    struct arena      mem;
    struct voice_row *rows;
    size_t            n;
    usec_t            looked; /* monotonic */
};

void ingest_voices_init(struct voices *v);
void ingest_voices_free(struct voices *v);
/* When it is due. */
must_check bool ingest_voices_refresh(struct voices *v, struct db *db, struct err *e);

/* Is it silent at `now`, when it was heard then (0: never)? *ret_since: since when. Pure. */
bool ingest_voice_judge(const struct voice_row *r, const struct time_zone *zone, usec_t heard,
                        usec_t now, usec_t *ret_since);

#endif
