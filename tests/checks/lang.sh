#!/bin/sh
# lang.sh - check-lang finds a sentence that nobody says, and only that.
. "$(dirname "$0")/lib.sh"

check() { "$scripts/check-lang" "$dir"; }

house() {
    example "$1"
    mkdir -p "$dir/src/api" "$dir/dashboards/lang"
    printf '{\n"one": "1",\n"two_more": "{n}",\n"three": "3"\n}\n' >"$dir/dashboards/lang/en.json"
    echo '<p>{t:one} {t:two_more(3)}</p>' >"$dir/dashboards/x.html.t"
}

house "all said"
echo 'x = LANG_three;' >"$dir/src/api/a.c"
passes check
echo 'x = text_three(o);' >"$dir/src/api/a.c"
passes check

house "one unsaid"
echo 'x = text_threes(o) + three;' >"$dir/src/api/a.c"
finds 'nobody says three' check
does_not_find 'two_more'

example "no sentences"
mkdir -p "$dir/src" "$dir/dashboards/lang"
echo '{}' >"$dir/dashboards/lang/en.json"
finds "no sentences" check
finish
