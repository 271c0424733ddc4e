/* meter.c - how much a key may send: its rate, a burst, and what it owes. */
#include "auth_int.h"
#include "t.h"

#include <pthread.h>

#define S INT64_C(1000000000) /* a second */

/* One who sends one event at a time as often as he may gets his rate, neither more nor less. */
static void
test_rate(void)
{
    static const int64_t rates[] = { 1, 3, 10, 999, 20000 };

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct auth_meter m = { 0 };
        int64_t           rate = rates[i], sent = 0, from = 7 * S, step = S / rate / 3;

        for (int64_t now = from; now < from + 20 * S; now += step)
            if (!auth_meter_wait(&m, now)) {
                auth_meter_spend(&m, rate, 1, now);
                sent++;
            }
        CHECK(sent >= rate * (20 + AUTH_BURST) - rate / 100 - 1);
        CHECK(sent <= rate * (20 + AUTH_BURST) + rate / 100 + 2);
    }
}

/* A batch is taken whole, and its sender waits as long as the rate says. */
static void
test_batch(void)
{
    struct auth_meter m = { 0 };
    int64_t           now = 100 * S;

    CHECK_I(auth_meter_wait(&m, now), 0);
    auth_meter_spend(&m, 10, 50, now); /* the burst */
    CHECK_I(auth_meter_wait(&m, now), 0);
    auth_meter_spend(&m, 10, 1, now);
    CHECK_I(auth_meter_wait(&m, now), 1); /* whole seconds, never too few */
    CHECK_I(auth_meter_wait(&m, now + S / 10), 0);
    auth_meter_spend(&m, 10, 10000, now);
    CHECK_I(auth_meter_wait(&m, now), 1001);
    CHECK_I(auth_meter_wait(&m, now + 1000 * S), 1);
    CHECK_I(auth_meter_wait(&m, now + 1001 * S), 0);
    CHECK_I(auth_meter_wait(&m, now + 5000 * S), 0); /* rest is not saved up: */
    auth_meter_spend(&m, 10, 10000, now + 5000 * S);
    CHECK_I(auth_meter_wait(&m, now + 5000 * S), 995);
}

static void *
spend(void *arg)
{
    for (int i = 0; i < 100000; i++)
        auth_meter_spend(arg, 1000, 1, 50 * S);
    return NULL;
}

/* Nothing is lost between threads. */
static void
test_at_once(void)
{
    struct auth_meter m = { 0 };
    pthread_t         t[4];

    for (int i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, spend, &m);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    CHECK_I(auth_meter_wait(&m, 50 * S), 400 - AUTH_BURST);
}

int
main(void)
{
    T_RUN(test_rate);
    T_RUN(test_batch);
    T_RUN(test_at_once);
    return t_end();
}
