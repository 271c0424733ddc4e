/* ingest_voice.h - which sources are heard, and which are silent against what they declared.
 *
 * A source is silent when the last whole period in which it was expected has passed and nothing
 * of it came in since that period began: no event, no refused one, no heartbeat.
 *
 *   hourly    the last whole hour: silent after one to two hours
 *   workday   the last working day before today, where the pilot is: on a Sunday, on a holiday and
 * on the morning after, nothing is missed none      never silent
 *
 * It is judged while its pilot is sealed and running, in real time: no draft, no replay, and no
 * period before the pilot's first day or before the source was declared. What the doors took in
 * this process counts at once, also while the database is behind; of replayed history it forgets
 * that at its end, and the database says when its lines say they were received.
 */
#ifndef COLLAUDO_INGEST_VOICE_H
#define COLLAUDO_INGEST_VOICE_H

#include "collaudo/ingest.h"
#include "collaudo/ingest_ledger.h"

struct ingest_voice {
    int64_t                 workspace, source, pilot;
    const char             *name, *owner; /* of the source; of its tool, perhaps "" */
    const struct time_zone *zone;
    bool                    silent;
    usec_t                  heard; /* last; 0: never */
    usec_t                  since; /* of the silence: `heard`, or since when it was expected */
};

/* Every source as the doors know it, at most some seconds old; by workspace and name, in `mem`. No
 * database is asked. */
must_check bool ingest_voices(struct ingest_sources *s, struct ingest_ledger *l, usec_t now,
                              struct arena *mem, struct ingest_voice **ret, size_t *ret_n,
                              struct err *e);

/* Reads them; ingest_sources_load() does this by itself every few seconds. Role DB_LOADER. */
must_check bool ingest_voices_load(struct ingest_sources *s, struct db *db, usec_t now,
                                   struct err *e);

/* Seconds since each source was heard, and whether it is silent, as Prometheus text. */
void ingest_voices_metrics(struct ingest_sources *s, struct ingest_ledger *l, struct str *out);

#endif
