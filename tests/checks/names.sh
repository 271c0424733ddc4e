#!/bin/sh
# names.sh - check-names finds what a module should not show, and only that.
. "$(dirname "$0")/lib.sh"

# library MODULE: the C text on stdin, as lib<module>.a
library() {
    cat >"$dir/x.c"
    cc -O1 -c "$dir/x.c" -o "$dir/x.o" && rm -f "$dir/lib$1.a" && ar rc "$dir/lib$1.a" "$dir/x.o"
}

check() { "$scripts/check-names" "$dir"; }

example "all is well"
library store <<'END'
struct named { const char *name; };
extern const struct named db_table[], sql_kpi_one;
const struct named db_table[] = { { "a table with pointers cannot be written" } };
const struct named sql_kpi_one = { "made by sqlpack" };
static int counter;
static _Thread_local int mine;
int db_open(void);
int cluster_start(void);
static int unseen(void) { return ++counter + ++mine; }
int db_open(void) { return unseen(); }
int cluster_start(void) { return unseen(); }
END
passes check

while IFS='|' read -r module text said; do
    example "$module $text"
    echo "$text" | library "$module"
    finds "$said" check
done <<'END'
store|int open_it(void); int open_it(void) { return 1; }|libstore.a: open_it begins with no public header of store
store|int kpi_find(void); int kpi_find(void) { return 1; }|kpi_find begins with no public header of store
base|int sql_one(void); int sql_one(void) { return 1; }|sql_one begins with no public header of base
store|int dbopen(void); int dbopen(void) { return 1; }|dbopen begins with no public header
store|__attribute__((weak)) int soft(void) { return 1; }|soft begins with no public header
store|int db_count;|db_count can be written
store|int db_count = 7;|db_count can be written \(.data\)
store|const char *db_names[] = { "a" };|db_names can be written
store|int db_common __attribute__((common));|db_common can be written
store|_Thread_local int db_mine = 1;|db_mine can be written
END

example "no library"
finds "no libraries in" check
finish
