# lib.sh - for the tests of the checks: what must be found, and what must not.
#
#   example NAME             begins an example: an empty folder, $dir, to fill
#   finds PATTERN COMMAND... the command must fail, and say so
#   passes COMMAND...        the command must succeed
#   finish                   "checks: N, failed: M"; exit code
set -u
here=$(cd "$(dirname "$0")" && pwd)
scripts=$(cd "$here/../../scripts" && pwd)
export scripts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checks=0
failed=0
dir=$work

example() {
    name=$1
    dir=$work/$(echo "$name" | tr -c 'a-z0-9\n' _)
    mkdir -p "$dir"
}

wrong() {
    failed=$((failed + 1))
    echo "FAILED at $name: $1"
    sed 's/^/    /' "$work/out"
}

finds() {
    pattern=$1
    shift
    checks=$((checks + 1))
    if "$@" >"$work/out" 2>&1; then
        wrong "nothing was found, should be: $pattern"
    elif ! grep -qE -- "$pattern" "$work/out"; then
        wrong "not found: $pattern"
    fi
}

# The same in what the last command said, without running it again.
also_finds() {
    checks=$((checks + 1))
    grep -qE -- "$1" "$work/out" || wrong "not found: $1"
}

does_not_find() {
    checks=$((checks + 1))
    ! grep -qE -- "$1" "$work/out" || wrong "wrongly found: $1"
}

passes() {
    checks=$((checks + 1))
    "$@" >"$work/out" 2>&1 || wrong "should pass"
}

finish() {
    echo "checks: $checks, failed: $failed"
    [ "$failed" = 0 ] && [ "$checks" != 0 ]
    exit
}
