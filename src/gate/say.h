/* say.h - one sentence in two languages at once.
 *
 * A phrase is a pair of texts with places:
 *   {a}             the argument with that letter: a text in its language, a number, or a day
 *                   (words.h: "dal {d}" becomes "dall’8 marzo 2026")
 *   {a?one|many}    `one` when the number in a is 1, else `many`
 * Both texts of a phrase are filled from the same arguments, so a fact cannot be right in one
 * language and wrong in the other. */
#ifndef COLLAUDO_GATE_SAY_H
#define COLLAUDO_GATE_SAY_H

#include "collaudo/gate.h"
#include "collaudo/str.h"

struct gate_say {
    struct str en, it;
};

struct gate_say_arg {
    char letter;
    enum { GATE_SAY_TEXT, GATE_SAY_NUMBER, GATE_SAY_DAY } kind;
    int64_t          n; /* the number, or the day */
    struct gate_text text;
};

/* clang-format off */
#define SAY_N(c, x)  ((struct gate_say_arg){ .letter = (c), .kind = GATE_SAY_NUMBER, .n = (x) })
#define SAY_D(c, x)  ((struct gate_say_arg){ .letter = (c), .kind = GATE_SAY_DAY, .n = (x) })
#define SAY_T(c, x)  ((struct gate_say_arg){ .letter = (c), .text = (x) })
#define SAY_S(c, x)  ((struct gate_say_arg){ .letter = (c), .text = { (x), (x) } })
#define SAY_ARGS(...) ((const struct gate_say_arg[]){ __VA_ARGS__, { .letter = 0 } })
#define SAY_NOTHING   ((const struct gate_say_arg[]){ { .letter = 0 } })
/* clang-format on */

void gate_say_init(struct gate_say *s, struct arena *mem);
void gate_say_add(struct gate_say *s, const struct gate_text *phrase,
                  const struct gate_say_arg *args);
/* What was said so far; valid until more is added. */
struct gate_text gate_say_text(const struct gate_say *s);
/* One phrase, filled. */
struct gate_text gate_say(struct arena *mem, const struct gate_text *phrase,
                          const struct gate_say_arg *args);

/* A mark: "70 %", "67.5 %", "67,5 %". */
struct gate_text gate_say_mark(struct arena *mem, int64_t e4);
/* A share beside the mark it is compared with: cut to whole per cents, or to hundredths of
 * them where the cut would put it on the other side. Never rounded up to a mark it missed. */
struct gate_text gate_say_share(struct arena *mem, struct gate_share s, int64_t mark_e4);

#endif
