#!/bin/sh
# kpipack.sh - a KPI whose head is not right stops the build, and says where.
#
#   kpipack.sh KPIPACK
set -eu
pack=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0
ran=0

good() {
    cat <<'END'
-- title.it: Prova "uno" \ due
-- title.en: Trial
-- question: Does it work?
-- unit: people
-- better: higher
-- min_den: 3
-- needs: usage audit
-- caveat: None,
--   really.
-- version: 2
-- window: week
--
-- formula: one / two
-- edge: an edge
select 1
END
}

# try NAME WANT SED-SCRIPT: the head changed by the script gives an error that begins with WANT
try() {
    good | sed "$3" >"$dir/x.sql"
    rm -f "$dir/out"
    ran=$((ran + 1))
    if "$pack" c "$dir/out" "$dir/x.sql" 2>"$dir/err"; then
        echo "FAIL $1: accepted"
        failed=$((failed + 1))
    elif ! grep -qF "$dir/x.sql:$2" "$dir/err" || [ -e "$dir/out" ]; then
        echo "FAIL $1: $(cat "$dir/err")"
        failed=$((failed + 1))
    fi
}

try "missing key"       "14: missing key: unit"              '/^-- unit/d'
try "unknown key"       "4: unknown key: units"              's/^-- unit/-- units/'
try "key said twice"    "5: said twice: unit"                's/^-- better.*/-- unit: people/'
try "unknown unit"      "4: not one of its words: unit"      's/unit: people/unit: persons/'
try "unknown side"      "5: not one of its words: better"    's/higher/up/'
try "unknown window"    "11: not one of its words: window"   's/window: week/window: month/'
try "no number"         "6: a whole number from 1 on: min_den" 's/min_den: 3/min_den: few/'
try "zero"              "10: a whole number from 1 on: version" 's/version: 2/version: 0/'
try "empty"             "3: nothing is said here"            's/^-- question:.*/-- question:/'
try "bad needs"         "7: event types"                     's/usage audit/usage, audit/'
try "no formula"        "14: missing: formula"               '/^-- formula/d'
try "no edge"           "14: missing: edge"                  '/^-- edge/d'
try "key after the keys" "12: after the keys"                '/^-- window/d; s/^-- formula.*/-- window: week/'
try "no colon"          "2: should be"                       's/^-- title.en:/-- title.en/'
try "continues nothing" "1: continues nothing"               '1s/^-- /--   /'
cp "$dir/x.sql" "$dir/Bad-Name.sql"
ran=$((ran + 1))
if "$pack" c "$dir/out" "$dir/Bad-Name.sql" 2>/dev/null; then
    echo "FAIL bad name: accepted"
    failed=$((failed + 1))
fi

good >"$dir/trial.sql"
"$pack" c "$dir/out.c" "$dir/trial.sql"
"$pack" md "$dir/out.md" "$dir/trial.sql"
for want in '.id = "trial", .stmt = &sql_kpi_trial' '"Prova \"uno\" \\ due"' '"None, really."' \
    '.unit = KPI_PEOPLE, .better = KPI_HIGHER, .window = KPI_WEEK, .min_den = 3, .version = 2'; do
    ran=$((ran + 1))
    grep -qF -- "$want" "$dir/out.c" || { echo "FAIL not in the table: $want"; failed=$((failed + 1)); }
done
for want in '## `trial`: Trial' '**Formula.** one / two' '* an edge' '**What it does not say.** None, really.'; do
    ran=$((ran + 1))
    grep -qF -- "$want" "$dir/out.md" || { echo "FAIL not on the page: $want"; failed=$((failed + 1)); }
done
sed -i 's/usage audit/any/' "$dir/trial.sql"
"$pack" c "$dir/out.c" "$dir/trial.sql"
ran=$((ran + 1))
grep -qF '.needs = ""' "$dir/out.c" || { echo "FAIL any is not every type"; failed=$((failed + 1)); }
echo "checks: $ran, failed: $failed"
[ "$failed" = 0 ] && [ "$ran" -gt 20 ]
