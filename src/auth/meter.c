/* meter.c - how much a key has sent lately: one number, from which any thread may take.
 *
 * The number is the instant at which everything taken so far would have come at exactly the
 * key's rate. It may lie ahead of now by AUTH_BURST. A request is weighed after it was read: who
 * has anything left is taken whole, and pays by waiting longer the next time. So a batch is never
 * cut, and no body has to be read twice. */
#include "auth_int.h"

#define NANO INT64_C(1000000000)
#define BURST (AUTH_BURST * NANO)

unsigned
auth_meter_wait(const struct auth_meter *m, int64_t now)
{
    int64_t over = atomic_load_explicit(&m->paid, memory_order_relaxed) - now - BURST;

    return over <= 0 ? 0 : (unsigned)((over + NANO - 1) / NANO);
}

void
auth_meter_spend(struct auth_meter *m, int64_t rate, uint64_t events, int64_t now)
{
    int64_t cost = NANO / rate * (int64_t)events;
    int64_t was = atomic_load_explicit(&m->paid, memory_order_relaxed);

    while (!atomic_compare_exchange_weak_explicit(&m->paid, &was, (was > now ? was : now) + cost,
                                                  memory_order_relaxed, memory_order_relaxed))
        continue;
}
