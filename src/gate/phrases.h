/* phrases.h - every sentence of the gate, English and Italian side by side (say.h has the
 * places). Letters: n name, r reason, d day or den, l list, s share, m mark or owner. */
#ifndef COLLAUDO_GATE_PHRASES_H
#define COLLAUDO_GATE_PHRASES_H

#include "say.h"

/* clang-format off */
#define GATE_PHRASES(X) \
    /* figures: x of y */ \
    X(FIG_PEOPLE,     "{x} of {y} {y?person|people}", \
                      "{x} {x?persona|persone} su {y}") \
    X(FIG_WEEKS,      "{x} of {y} {y?person-week|person-weeks}", \
                      "{x} {x?settimana-persona|settimane-persona} su {y}") \
    X(FIG_EVENTS,     "{x} of {y}", "{x} su {y}") \
    X(FIG_PERIODS,    "{x} of {y} {y?period|periods}", \
                      "{x} {x?periodo|periodi} su {y}") \
    X(FIG_HIDDEN,     "figures not shown, to protect small groups", \
                      "cifre non mostrate, a tutela dei gruppi piccoli") \
    X(AT_MOST,        "at most {f}", "al massimo {f}") \
    X(AT_LEAST,       "at least {f}", "almeno {f}") \
    X(TARGET,         ", target {g}", ", obiettivo {g}") \
    X(LIMIT,          ", limit {g}", ", limite {g}") \
    X(FLOOR,          ", floor {g}", ", minimo {g}") \
    X(TOLERATED,      ", tolerated {g}", ", tollerato {g}") \
    X(SUSTAINED,      "met in {x} of the last {y} {y?week|weeks}, {p} needed", \
                      "raggiunto in {x} {x?settimana|settimane} delle ultime {y}, ne {p?serve|servono} {p}") \
    X(SUSTAINED_OPEN, "met in {x} of the last {y} {y?week|weeks}, {p} needed, {o} cannot be judged", \
                      "raggiunto in {x} {x?settimana|settimane} delle ultime {y}, ne {p?serve|servono} {p}, {o} non {o?si può|si possono} giudicare") \
    /* why a criterion cannot be judged */ \
    X(WHY_NO_KPI,     "this program knows no KPI {k}", \
                      "questo programma non conosce il KPI {k}") \
    X(WHY_NO_TARGET,  "the charter gives no target", "il patto non dà un obiettivo") \
    X(WHY_DAMAGED, "its figures are damaged", "le sue cifre sono danneggiate") \
    X(WHY_NO_WEEK, "no full week has passed yet", "non è ancora passata una settimana intera") \
    X(WHY_FEW_WEEKS, "{x} full {x?week|weeks} with data, {y} needed", \
      "{x} {x?settimana intera|settimane intere} con dati, ne {y?serve|servono} {y}") \
    X(WHY_NOTHING,    "nothing to count yet", "ancora niente da contare") \
    X(WHY_NOBODY_YET, "it is too early to judge anybody: too few full weeks have passed", \
      "è presto per giudicare: sono passate troppo poche settimane intere") \
    X(WHY_FEW_PEOPLE, "fewer than {y} people", "meno di {y} persone") \
    X(WHY_FEW_WORK,   "fewer than {y} person-weeks", "meno di {y} settimane-persona") \
    X(WHY_FEW_EVENTS, "fewer than {y} cases", "meno di {y} casi") \
    X(WHY_FEW_PERIODS,"fewer than {y} periods", "meno di {y} periodi") \
    X(SILENT_SINCE, "source {c} has been silent since {d} (owner: {m})", \
      "la fonte {c} tace dal {d} (responsabile: {m})") \
    X(SILENT_EVER, "source {c} has never been heard (owner: {m})", \
      "la fonte {c} non ha mai dato segno di vita (responsabile: {m})") \
    X(SILENT_NONE,    "no source is connected", "nessuna fonte è collegata") \
    X(SILENT_QUIET,   "its sources are silent", "le sue fonti tacciono") \
    X(NOT_NAMED,      "not named", "non indicato") \
    /* one criterion in a list */ \
    X(LINE_MET,          "“{n}” is met: {r}", "il criterio «{n}» è raggiunto: {r}") \
    X(LINE_BORDERLINE,   "“{n}” lies between floor and target: {r}", \
                         "il criterio «{n}» sta fra minimo e obiettivo: {r}") \
    X(LINE_NOT_MET,      "“{n}” is not met: {r}", "il criterio «{n}» non è raggiunto: {r}") \
    X(LINE_INSUFFICIENT, "“{n}” cannot be judged: {r}", \
                         "il criterio «{n}» non si può giudicare: {r}") \
    X(LINE_NO_DATA, "“{n}” has no data: {r}", "il criterio «{n}» non ha dati: {r}") \
    X(LINE_UNSOUND,      "“{n}” is not valid: {r}", "il criterio «{n}» non è valido: {r}") \
    X(LINE_WAIVED, "“{n}” is waived: {r}", "il criterio «{n}» è in deroga: {r}") \
    X(LINE_OBSERVE,      "“{n}” is only observed: {r}", "il criterio «{n}» è solo osservato: {r}") \
    X(LINE_IMPOSSIBLE, "“{n}” can no longer be met, since {d}: {r}", \
      "il criterio «{n}» non è più raggiungibile dal {d}: {r}") \
    X(GUARD_BREACHED,    "guardrail “{n}” is breached", "il limite «{n}» è superato") \
    X(COMMA,          ", ", ", ") \
    X(SEMICOLON,      "; ", "; ") \
    /* verdicts in a sentence */ \
    X(VERDICT_GO,           "GO", "GO") \
    X(VERDICT_CONDITIONS,   "GO WITH CONDITIONS", "GO CON CONDIZIONI") \
    X(VERDICT_NO_GO,        "NO GO", "NO GO") \
    X(VERDICT_INCONCLUSIVE, "INCONCLUSIVE", "NON CONCLUSIVO") \
    X(VERDICT_INVALID,      "INVALID", "NON VALIDO") \
    /* the deciding rule */ \
    X(RULE_0_DRAFT,   "Rule 0: the charter is not sealed yet.", \
                      "Regola 0: il patto non è ancora sigillato.") \
    X(RULE_0_SEALED,  "Rule 0: the pilot begins on {d}.", "Regola 0: il pilota comincia il {d}.") \
    X(RULE_0_RUNNING, "Rule 0: the pilot is still running, until {d}.", \
                      "Regola 0: il pilota è ancora in corso, fino al {d}.") \
    X(RULE_0_READOUT, "Rule 0: the pilot is over; late events are awaited until {d}.", \
                      "Regola 0: il pilota è finito; si attendono gli eventi in ritardo fino al {d}.") \
    X(RULE_0_TODAY,   " With today's data: {v}. {r}", " Con i dati di oggi: {v}. {r}") \
    X(RULE_1, "Rule 1: the evidence is broken: {l}.", "Regola 1: le prove sono compromesse: {l}.") \
    X(RULE_2_EMPTY, "Rule 2: the charter has no criterion to judge, and an empty gate never passes.", \
      "Regola 2: il patto non ha criteri da giudicare, e senza criteri nessun pilota è superato.") \
    X(RULE_2_NO_MUST, "Rule 2: the charter has no criterion that must be met.", \
                      "Regola 2: il patto non ha criteri obbligatori.") \
    X(RULE_3,         "Rule 3: {l}.", "Regola 3: {l}.") \
    X(RULE_4,         "Rule 4: {l}.", "Regola 4: {l}.") \
    X(RULE_4_WAIVED, "Rule 4: every criterion that must be met is waived.", \
      "Regola 4: tutti i criteri obbligatori sono in deroga.") \
    X(RULE_5, "Rule 5: {s} of the weight could be judged, {m} is needed; not judged: {l}.", \
      "Regola 5: peso giudicato {s}, richiesto {m}; non giudicati: {l}.") \
    X(RULE_5_NOTHING, "Rule 5: no weight could be judged.", \
      "Regola 5: nessun criterio che abbia un peso si è potuto giudicare.") \
    X(RULE_6, "Rule 6: {l}. One extension of at most 30 days with the same targets is proposed.", \
      "Regola 6: {l}. Si propone una sola proroga, di 30 giorni al massimo, con gli stessi obiettivi.") \
    X(RULE_7, "Rule 7: no required criterion is missed, and the score is {s}, with {m} needed{w}.", \
      "Regola 7: nessun criterio obbligatorio risulta non raggiunto e il punteggio è {s} (richiesto: {m}){w}.") \
    X(RULE_8, "Rule 8: the score is {s}: enough for conditions ({c}), not for a full go ({m}); the conditions: {l}{w}.", \
      "Regola 8: il punteggio è {s}: basta per un sì con condizioni ({c}), non per un sì pieno ({m}); le condizioni: {l}{w}.") \
    X(RULE_8_GUARD, "Rule 8: the score is {s}, with {m} needed, but {l}{w}.", \
      "Regola 8: il punteggio è {s} (richiesto: {m}), ma {l}{w}.") \
    X(RULE_9, "Rule 9: the score is {s}, with at least {m} needed: {l}{w}.", \
      "Regola 9: il punteggio è {s} (richiesto almeno: {m}): {l}{w}.") \
    X(AND_WAIVED, "; waived: {l}", "; in deroga: {l}") \
    /* broken evidence */ \
    X(BROKEN_UNSEALED,   "the charter is not sealed", "il patto non è sigillato") \
    X(BROKEN_CHARTER,    "the charter is not the one that was sealed", \
                         "il patto non è quello sigillato") \
    X(BROKEN_GAP, "a part of what was received is missing", \
      "manca una parte di ciò che è stato ricevuto") \
    X(BROKEN_CORRUPTION, "a part of what was received is damaged", \
      "una parte di ciò che è stato ricevuto è danneggiata") \
    X(BROKEN_COVERAGE, "the sources were heard in {x} of {y} expected {y?period|periods} ({m} is needed); the weakest is {c}: {a} of {b} (owner: {o})", \
      "le fonti hanno dato segno di vita in {x} {x?periodo|periodi} su {y} attesi (richiesto: {m}); la più debole è {c}: {a} su {b} (responsabile: {o})") \
    X(BROKEN_CLOCK, "the clock of this machine stands before the moment the charter was sealed", \
      "l’orologio di questa macchina è indietro rispetto al momento in cui il patto è stato sigillato") \
    /* what to do about it */ \
    X(EVIDENCE,      "The evidence", "Le prove") \
    X(MEND_UNSEALED, "seal the charter with “collaudo seal”", "sigillare il patto con «collaudo seal»") \
    X(MEND_CHARTER, "whoever keeps this installation should bring back the sealed charter from a backup, and find out who changed it", \
      "chi cura questa installazione deve recuperare da una copia di sicurezza il patto sigillato, e scoprire chi l’ha cambiato") \
    X(MEND_GAP, "whoever keeps this installation should bring back the missing part from a backup: the log of the service names it", \
      "chi cura questa installazione deve recuperare da una copia di sicurezza la parte che manca: il registro del servizio la nomina") \
    X(MEND_CORRUPTION, "whoever keeps this installation should bring back the damaged part from a backup: the log of the service names it", \
      "chi cura questa installazione deve recuperare da una copia di sicurezza la parte danneggiata: il registro del servizio la nomina") \
    X(MEND_COVERAGE, "source {c} must be heard whenever it is expected: check its connection, and let it send a heartbeat when it has no events (owner: {o})", \
      "la fonte {c} deve farsi sentire ogni volta che è attesa: controllarne il collegamento e, quando non ha eventi, farle mandare un segno di vita (responsabile: {o})") \
    X(LATE_COVERED, "source {c} heard in more of the {b} {b?period|periods} in which it was expected, by events or heartbeats (owner: {o})", \
      "la fonte {c} sentita, con eventi o segni di vita, in più periodi fra i {b} in cui era attesa (responsabile: {o})") \
    X(MEND_CLOCK, "whoever keeps this installation should set the clock of this machine right", \
      "chi cura questa installazione deve rimettere a posto l’orologio di questa macchina") \
    /* what to do next; LATE_: what it would have taken, once the pilot is over */ \
    X(DO_LINE,        "{n}: {w}.", "{n}: {w}.") \
    X(DO_LINE_OWNER,  "{n}: {w} (owner: {m}).", "{n}: {w} (responsabile: {m}).") \
    X(DO_SUSTAINED,   "{k} more {k?person|people} active in at least {a} of {b} {b?week|weeks}", \
                      "{k} {k?persona attiva|persone attive} in più, in almeno {a} {a?settimana|settimane} su {b}") \
    X(DO_SUSTAINED_SOME, "more people active in at least {a} of {b} {b?week|weeks}", \
                      "più persone attive in almeno {a} {a?settimana|settimane} su {b}") \
    X(DO_RETENTION, "{k} more {k?person|people} back in their week {a}", \
      "{k} {k?persona|persone} in più che {k?torna|tornano} nella {k?sua|loro} settimana {a}") \
    X(DO_RETENTION_SOME, "more people back in their week {a}", \
      "più persone che tornano nella loro settimana {a}") \
    X(DO_WEEKS,       "{k} more {k?person|people} in each of the {a} weeks that count", \
                      "{k} {k?persona|persone} in più in ciascuna delle {a} settimane che contano") \
    X(DO_PEOPLE,      "{k} more {k?person|people}", "{k} {k?persona|persone} in più") \
    X(DO_FEWER_PEOPLE,"{k} {k?person|people} fewer", "{k} {k?persona|persone} in meno") \
    X(DO_PEOPLE_SOME, "more people", "più persone") \
    X(DO_FEWER_SOME,  "fewer people", "meno persone") \
    X(DO_MORE,        "{k} more of {y}", "{k} in più su {y}") \
    X(DO_FEWER,       "{k} fewer of {y}", "{k} in meno su {y}") \
    X(DO_PASS, "{k} more {k?week|weeks} on the right side of {m}", \
      "{k} {k?settimana|settimane} in più che {k?rispetta|rispettano} la soglia ({m})") \
    X(DO_REPEATS, "source {c} delivers the same events again: its sender must stop repeating", \
      "la fonte {c} consegna più volte gli stessi eventi: chi li manda deve smettere di ripeterli") \
    X(LATE_REPEATS, "fewer events delivered again by source {c}", \
      "meno eventi consegnati più volte dalla fonte {c}") \
    X(DO_QUARANTINE, "source {c} has most events in quarantine: see why with “collaudo sources”, have its sender mended, then send them again", \
      "la fonte {c} ha più eventi in quarantena delle altre: vedere perché con «collaudo sources», far correggere chi li manda, poi rimandarli") \
    X(LATE_QUARANTINE, "fewer events of source {c} in quarantine", \
      "meno eventi della fonte {c} in quarantena") \
    X(DO_MAPPING, "source {c} has most events in quarantine, above all for {k}: have its sender mended, then send them again", \
      "la fonte {c} ha più eventi in quarantena delle altre, soprattutto per {k}: far correggere chi li manda, poi rimandarli") \
    X(LATE_MAPPING, "fewer events of source {c} in quarantine, above all for {k}", \
      "meno eventi della fonte {c} in quarantena, soprattutto per {k}") \
    X(DO_COVERAGE,    "source {c} is heard too rarely: check its connection", \
                      "la fonte {c} si sente troppo di rado: controllarne il collegamento") \
    X(LATE_COVERAGE,  "source {c} heard more often", "la fonte {c} sentita più spesso") \
    X(DO_CONNECT, "check its connection: {r}", "controllare il collegamento: {r}") \
    X(LATE_CONNECT, "data in the weeks that count: {r}", "dati nelle settimane che contano: {r}") \
    X(DO_WAIT, "{k} more full {k?week|weeks} with data", \
      "{k} {k?settimana intera|settimane intere} in più con dati") \
    X(DO_TAKE_PART, "at least {y} {y?person|people} to count", \
      "almeno {y} {y?persona|persone} da contare") \
    X(DO_COUNT, "at least {y} {y?case|cases} to count", "almeno {y} {y?caso|casi} da contare") \
    X(DO_EVENTS, "at least {y} {y?event|events} to judge by", \
      "almeno {y} {y?evento|eventi} su cui giudicare") \
    X(DO_ARRIVE, "it cannot be judged before events arrive", \
      "non si può giudicare prima che arrivino eventi") \
    X(DO_KEEP_ON, "the open weeks decide: keep every source connected", \
      "decidono le settimane ancora aperte: tenere collegate tutte le fonti") \
    X(LATE_KEEP_ON, "more weeks that can be judged", "più settimane che si possano giudicare") \
    X(DO_AMEND, "declare a corrected charter with “collaudo apply”, as a new pilot if this one is sealed: {r}", \
      "dichiarare un patto corretto con «collaudo apply», come nuovo pilota se questo è già sigillato: {r}") \
    X(LATE_AMEND, "a charter without this fault: {r}", "un patto senza questo difetto: {r}") \
    X(DO_LOOK, "the figures are damaged: see them with “collaudo kpi”, and tell whoever keeps this installation", \
      "le cifre sono danneggiate: guardarle con «collaudo kpi» e avvisare chi cura questa installazione") \
    X(LATE_LOOK, "figures that are not damaged; “collaudo kpi” shows them", \
      "cifre non danneggiate; si vedono con «collaudo kpi»") \
    X(DO_TOO_LATE, "the weeks that are left cannot reach it: decide now, or extend with the same targets", \
      "nelle settimane rimaste non si può più raggiungere: decidere ora, o prorogare con gli stessi obiettivi")
/* clang-format on */

enum gate_phrase {
#define X(name, english, italian) GATE_SAY_##name,
    GATE_PHRASES(X)
#undef X
        GATE_SAY_COUNT
};

extern const struct gate_text gate_phrases[GATE_SAY_COUNT];

#define PHRASE(name) (&gate_phrases[GATE_SAY_##name])

/* "Sustained users is not met: 4 of 20 people, target 14" */
struct gate_text gate_say_line(struct arena *mem, const struct gate_criterion *c);
/* The same for a must that can no longer be met. */
struct gate_text gate_say_impossible(struct arena *mem, const struct gate_criterion *c);
/* What gate_conclude() puts in c->reason. */
struct gate_text gate_say_reason(struct arena *mem, const struct gate_criterion *c);
/* The sentence of one rule (0-9) over a decided record; early: rule 3 before the end, where
 * what is IMPOSSIBLE counts. */
struct gate_text gate_say_rule(struct arena *mem, const struct gate_record *r, int rule,
                               bool early);
/* The owner, or "not named". */
struct gate_text gate_say_owner(const char *owner);

/* The question a record puts to gate_decide(); cases[] has criteria_n elements. */
struct gate_question gate_question_of(const struct gate_record *r, struct gate_case *cases);
/* No day of the window is left that could still change a figure by what people do. */
bool gate_is_over(const struct gate_record *r);
/* What to do next, the most useful first. */
must_check bool gate_plan(struct gate_record *r, struct arena *mem, struct err *e);

#endif
