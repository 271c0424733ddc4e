# check-sql.awk - reads statement files as the rules of sql/README.md have them. Faults go to
# stdout; a script for psql that prepares and explains every statement goes to the file OUT.
#
# The first input (-) lists what the database has: "business NAME" and "control NAME".
# This is no parser: it knows words, parentheses and clauses, as much as the rules need.

function bad(why) { printf "%s: %s\n", file, why }

# --- words -----------------------------------------------------------------------------------

# Cuts SQL text into tok[1..ntok]: words in lower case, $n, and single characters; a string
# becomes one token that begins with a quote. Comments vanish.
function cut(text,    rest, c, len) {
    ntok = 0
    rest = text
    while (rest != "") {
        c = substr(rest, 1, 1)
        len = 1
        if (match(rest, /^[ \t\r\n]+/)) { rest = substr(rest, RLENGTH + 1); continue }
        if (match(rest, /^--[^\n]*/)) { rest = substr(rest, RLENGTH + 1); continue }
        if (substr(rest, 1, 2) == "/*") {
            len = index(rest, "*/")
            rest = len ? substr(rest, len + 2) : ""
            continue
        }
        if (match(rest, /^'([^']|'')*'/) || match(rest, /^"[^"]*"/) || match(rest, /^\$[0-9]+/) \
            || match(rest, /^[A-Za-z_][A-Za-z0-9_]*/) || match(rest, /^[0-9]+(\.[0-9]+)?/))
            len = RLENGTH
        c = substr(rest, 1, len)
        if (c ~ /^"/) c = substr(c, 2, len - 2)
        tok[++ntok] = c ~ /^'/ ? c : tolower(c)
        rest = substr(rest, len + 1)
    }
    tok[ntok + 1] = tok[ntok + 2] = tok[ntok + 3] = ""
}

function closing(i,    depth) { # of the parenthesis at i
    for (; i <= ntok; i++) {
        depth += tok[i] == "("
        depth -= tok[i] == ")"
        if (depth == 0) break
    }
    return i
}

function find_ctes(    i, j) {
    split("", cte)
    for (i = 2; i < ntok; i++) {
        if (tok[i - 1] != "with" && tok[i - 1] != "," && tok[i - 1] != "recursive") continue
        j = tok[i + 1] == "(" ? closing(i + 1) + 1 : i + 1
        if (tok[i] ~ /^[a-z_]/ && tok[j] == "as" && tok[j + 1] ~ /^(\(|not|materialized)$/) cte[tok[i]] = 1
    }
}

# --- which tables, under which name, in which part of the statement ------------------------------

function names_a_table(i,    before) {
    if (!(tok[i] in business) && !(tok[i] in control) || (tok[i] in cte) && tok[i - 1] != ".") return 0
    if (tok[i + 1] == "(" && tok[i - 1] != "into" && tok[1] != "copy") return 0 # a function
    before = i - 1
    if (tok[before] == ".") {
        if (tok[before - 1] != "collaudo") return 0
        before -= 2
    }
    return tok[before] ~ /^(from|join|into|update|only|using|copy|lateral)$/ || (tok[before] == "," && clause[depth] == "from")
}

# A part is a SELECT of its own: parentheses around one, or what UNION divides.
function find_tables(    i, parts) {
    nref = ncond = depth = parts = 0
    split("", clause)
    part[0] = ++parts
    for (i = 1; i <= ntok; i++) {
        if (tok[i] == "(") {
            part[depth + 1] = tok[i + 1] ~ /^(select|with|insert|update|delete|values)$/ ? ++parts : part[depth]
            depth++
            clause[depth] = ""
        } else if (tok[i] == ")") depth--
        else if (tok[i] ~ /^(union|intersect|except)$/) part[depth] = ++parts
        else if (tok[i] == "from") clause[depth] = "from"
        else if (tok[i] ~ /^(where|group|order|having|limit|select|set|values|returning|window|on)$/) clause[depth] = ""
        note_condition(i)
        if (names_a_table(i)) note_table(i)
    }
}

function note_table(i,    next_one) {
    next_one = tok[i + 1] == "as" ? tok[i + 2] : tok[i + 1]
    ref_table[++nref] = tok[i]
    ref_part[nref] = part[depth]
    ref_into[nref] = tok[i - 1] == "into" || tok[i - 2] tok[i - 1] == "collaudo." && tok[i - 3] == "into"
    ref_columns[nref] = ref_into[nref] && tok[i + 1] == "(" ? i + 1 : 0
    ref_alias[nref] = next_one ~ /^[a-z_]/ && next_one !~ plain_word ? next_one : tok[i]
}

# [alias .] workspace_id = $n, either way round; `free` when only mentioned
function note_condition(i,    at) {
    if (tok[i] != "workspace_id") return
    at = tok[i - 1] == "." ? i - 2 : i
    cond_alias[++ncond] = at == i ? "" : tok[at]
    cond_part[ncond] = part[depth]
    cond_fixed[ncond] = tok[i + 1] == "=" && tok[i + 2] ~ /^\$/ || tok[at - 1] == "=" && tok[at - 2] ~ /^\$/
}

function alone_in_part(r,    i) {
    for (i = 1; i <= nref; i++)
        if (i != r && ref_part[i] == ref_part[r] && !ref_into[i]) return 0
    return 1
}

function is_bound(r, fixed,    i) {
    for (i = 1; i <= ncond; i++)
        if (cond_part[i] == ref_part[r] && (cond_fixed[i] || !fixed) \
            && (cond_alias[i] == ref_alias[r] || cond_alias[i] == "" && alone_in_part(r)))
            return 1
    return 0
}

function gives_workspace(r,    i, end) { # an INSERT with the column in its list
    if (!ref_columns[r]) return 0
    end = closing(ref_columns[r])
    for (i = ref_columns[r]; i < end; i++)
        if (tok[i] == "workspace_id") return 1
    return 0
}

# --- the rules --------------------------------------------------------------------------------------

function check_tables(tag,    r, of_business) {
    for (r = 1; r <= nref; r++) of_business += ref_table[r] in business
    for (r = 1; r <= nref; r++) {
        if (!(ref_table[r] in business)) continue
        if (tag == "control") bad("is tagged control and touches " ref_table[r])
        else if (ref_into[r] && !gives_workspace(r)) bad("inserts into " ref_table[r] " without naming workspace_id")
        else if (ref_into[r]) continue
        else if (tag == "workspace" && !is_bound(r, 1))
            bad("does not say workspace_id = $n for " ref_table[r] (ref_alias[r] == ref_table[r] ? "" : " " ref_alias[r]))
        else if (tag == "fleet" && of_business > 1 && !is_bound(r, 0))
            bad("does not join " ref_table[r] (ref_alias[r] == ref_table[r] ? "" : " " ref_alias[r]) " by workspace_id")
    }
}

function check_words(    i) {
    for (i = 1; i <= ntok; i++) {
        if (tok[i] ~ clock_or_dice && tok[i - 1] !~ /^(\.|as)$/) bad("asks the clock or the dice: " tok[i] "; time is a parameter")
        if (tolower(tok[i]) ~ /^'(now|today|yesterday|tomorrow)'$/) bad("asks the clock: " tok[i])
        if (tok[i] ~ /^(temp|temporary|unlogged)$/ && tok[i - 1] == "create") bad("makes a temporary or unlogged table")
        if (tok[i] == "merge" && (i == 1 || tok[i + 1] == "into")) bad("uses MERGE")
    }
}

# "$1 int8 workspace" anywhere in the head; "$5 $6 int8[] ..." gives several one type
function read_types(head,    n, word, i, j, t) {
    split("", type)
    gsub(/,/, " ", head)
    n = split(head, word, /[ \t\n]+/)
    for (i = 1; i <= n; i++) {
        if (word[i] !~ /^\$[0-9]+$/) continue
        for (j = i; word[j] ~ /^\$[0-9]+$/; j++) ;
        t = word[j]
        if (t ~ db_type) for (; i < j; i++) type[substr(word[i], 2) + 0] = t
    }
}

# "int8, text" for PREPARE and "null, null" for EXECUTE
function parameters(    i, most) {
    types = nulls = ""
    for (i = 1; i <= ntok; i++)
        if (tok[i] ~ /^\$/ && substr(tok[i], 2) + 0 > most) most = substr(tok[i], 2) + 0
    for (i in type) if (i + 0 > most) most = i + 0
    for (i = 1; i <= most; i++) {
        if (!(i in type)) { bad("says no type for $" i " (-- $" i " int8 what it is)"); return 0 }
        types = types (i > 1 ? ", " : "") type[i]
        nulls = nulls (i > 1 ? ", " : "") "null"
    }
    return 1
}

# COPY and LOCK cannot be prepared: a SELECT of the same columns or table is.
function put_script(tag, body,    i, columns) {
    if (tok[1] == "copy") {
        for (i = 4; i < closing(3); i++) columns = columns tok[i] " "
        body = "select " columns " from " tok[2]
    }
    if (tok[1] == "lock") body = "select from " (tok[2] == "table" ? tok[3] : tok[2])
    sub(/;[ \t\n]*$/, "", body)
    gsub(/\n+$/, "", body)
    printf "\\warn @prepare %s\nprepare statement%s as\n%s\n;\n", file, (types == "" ? "" : " (" types ")"), body > OUT
    if (tag != "fleet") printf "\\warn @app\nset role collaudo_app;\n" > OUT
    if (tag != "fleet") printf "explain execute statement%s;\nreset role;\n", (nulls == "" ? "" : " (" nulls ")") > OUT
    printf "\\warn @loader\nset role collaudo_loader;\n" > OUT
    printf "explain execute statement%s;\nreset role;\n", (nulls == "" ? "" : " (" nulls ")") > OUT
    printf "\\warn @done %s\ndeallocate all;\n", tag > OUT
}

function check_statement(    head, body, tag, base, i) {
    base = file
    sub(/.*\//, "", base)
    body = text
    while (match(body, /^(--[^\n]*)?\n/)) {
        head = head substr(body, 1, RLENGTH)
        body = substr(body, RLENGTH + 1)
    }
    cut(body)
    if (file ~ /^sql\/kpi\//) {
        tag = "workspace"
        head = "$1 int8 $2 int8 $3 date $4 date $5 timestamptz $6 jsonb"
    } else {
        if (index(head, "-- " base " - ") != 1) bad("does not open with \"-- " base " - what it does\"")
        if (match(head, /\n-- tag: *[a-z]*/)) tag = substr(head, RSTART, RLENGTH)
        sub(/.*: */, "", tag)
        if (tag !~ /^(workspace|control|fleet)$/) { bad("has no line \"-- tag: workspace|control|fleet\""); return }
    }
    if (tok[1] !~ /^(select|with|insert|update|delete|values|copy|lock)$/) { bad("does not begin with a statement but with \"" tok[1] "\""); return }
    for (i = 1; i < ntok; i++) if (tok[i] == ";") { bad("holds more than one statement"); return }
    read_types(head)
    find_ctes()
    find_tables()
    check_tables(tag)
    check_words()
    statements++
    if (parameters()) put_script(tag, body)
}

BEGIN {
    clock_or_dice = "^(now|current_timestamp|current_date|current_time|localtime|localtimestamp|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|random|gen_random_uuid|setseed)$"
    db_type = "^(bool|int8|float8|text|timestamptz|date|uuid|bytea|jsonb|int8\\[\\]|text\\[\\]|uuid\\[\\]|date\\[\\])$"
    plain_word = "^(where|join|left|right|inner|outer|full|cross|natural|on|using|set|group|order|limit|offset|fetch|for|returning|union|intersect|except|select|values|having|window|tablesample|default|overriding|with|lateral|as|from)$"
}

FILENAME == "-" { if ($1 == "business") business[$2] = 1; else control[$2] = 1; next }

FNR == 1 { finish(); file = "sql/" FILENAME; text = "" }
{ text = text $0 "\n" }
END { finish(); printf "statements %d\n", statements > OUT ".count" }

function finish() {
    if (file == "") return
    if (file ~ /^sql\/func\//) { cut(text); check_words() }
    else check_statement()
}
