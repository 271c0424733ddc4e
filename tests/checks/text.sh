#!/bin/sh
# text.sh - check-text finds what it says it finds, and check-floors, -names, -sql refuse to
# pass on nothing.
. "$(dirname "$0")/lib.sh"

check() { "$scripts/check-text" "$dir"; }

good() {
    example "$1"
    mkdir -p "$dir/src/base" "$dir/src/store" "$dir/scripts"
    cat >"$dir/src/base/a.c" <<'END'
/* a.c - is fine. It says strcpy() in a comment, /root in another,
 * sprintf() too */
int a(void); // goto nowhere
int a(void) { return snprintf(0, 0, "strcpy(\"x\") goto") + my_atoi() + gmtime_r(); }
END
    printf '#!/bin/sh\n# b - is fine\n' >"$dir/scripts/b"
}

good "good" && passes check

while IFS='|' read -r file line said; do
    good "$file $line"
    echo "$line" >>"$dir/$file"
    finds "$said" check
done <<'END'
src/base/a.c|x = strcpy(a, b);|a.c:5: strcpy is banned
src/base/a.c|x = f(sprintf (a, "%d", b));|sprintf is banned
src/base/a.c|if (x) goto out;|goto is banned
src/base/a.c|/* a */ n = atoi(x); /* b */|atoi is banned
src/base/a.c|cJSON_GetObjectItem(o, "k");|cJSON_GetObjectItem is banned
src/base/a.c|PQexec(c, "select 1");|PQexec is banned
src/base/a.c|/* TODO later */|a.c:5: unfinished
scripts/b|# FIXME|b:3: unfinished
scripts/b|cd /home/anna/collaudo|b:3: a path of somebody's machine
END

good "store may" && echo 'PQexec(c, "select 1");' >"$dir/more" && {
    { echo '/* s.c - speaks to libpq */'; cat "$dir/more"; } >"$dir/src/store/s.c"
    rm "$dir/more"
    passes check
}
good "no opening" && echo 'int b;' >"$dir/src/base/b.c" && finds 'b.c:1: does not open with "/\* b.c - ' check
good "no opening of a script" && printf '#!/bin/sh\necho\n' >"$dir/scripts/c" && finds 'c:2: does not open with "# c - ' check
good "too long" && yes 'int b;' | head -n 600 >>"$dir/src/base/a.c" && finds 'a.c: 604 lines' check

good "links" && mkdir -p "$dir/docs" && {
    printf 'see [a](docs/b.md#part), [b](https://example.org/x), [c](#here), `[d](none.md)`\n' >"$dir/README.md"
    printf '```\n[e](none.md)\n```\n[f](../README.md) [g](../src)\n' >"$dir/docs/b.md"
    passes check
    printf 'all is [well](../gone.md), or [not](b.md)\n' >>"$dir/docs/b.md"
    finds 'docs/b.md:5: a link to ../gone.md, which is not there' check
}
good "packages" && mkdir -p "$dir/docs" && {
    printf '#!/bin/sh\n# deps - installs\npackages() {\nrun      curl     asks\ntest     libc6-dev  the C library\n}\n' >"$dir/scripts/deps"
    printf '| curl | asks | MIT |\n| libc6-dev, b | x | y |\n' >"$dir/docs/dependencies.md"
    passes check
    printf '| libcurl, my-curl | asks | MIT |\n| libc6-dev | x | y |\ncurl is fine\n' >"$dir/docs/dependencies.md"
    finds 'scripts/deps installs curl, which is not in its tables' check
}
good "rooms" && mkdir -p "$dir/docs" "$dir/tests/unit" && {
    echo '`base` `store` `tests/`: `unit/`, `b`' >"$dir/docs/architecture.md"
    passes check
    mkdir "$dir/tests/fault"
    finds 'docs/architecture.md: tests/fault/ stands nowhere' check
}

example "nothing at all"
finds "no files here" check
finds "no sources here" "$scripts/check-floors" "$dir"
finds "no libraries" "$scripts/check-names" "$dir"
finds "no folder" "$scripts/check-sql" "$dir"
finish
