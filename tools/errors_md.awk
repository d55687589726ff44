# SPDX-License-Identifier: Apache-2.0
# docs/ERRORS.md out of the one table of rules:
#   gawk -f tools/errors_md.awk common/codes/rule.def >docs/ERRORS.md
# and of the one table of shapes, common/codes/shape.def, which it reads itself.
# A RULE may span lines; its texts may hold commas and brackets, so it is cut at quotation marks, not at commas.
BEGIN {
    names[1] = "ENV: the envelope and its bytes (报文)"
    names[2] = "IDN: identity (身份)"
    names[3] = "AUT: authority (权限)"
    names[4] = "REF: reference data (基础数据)"
    names[5] = "BIL: bills (票据)"
    names[6] = "FIL: filings (备案)"
    names[7] = "TRP, TRM: transfers of relationships (转移接续)"
    names[8] = "TRU, BOK, CLR: transfers, books, clearing (账务与清算)"
    names[9] = "SYS: the exchange itself (系统)"
    print "# Refusals and warnings\n"
    print "Generated from `common/codes/rule.def` by `tools/errors_md.awk`; do not edit. A number and a code never change once they have"
    print "been on a wire; the texts may improve. **ENV, AUT-0001 to AUT-0004, SYS-0001, SYS-0002 and SYS-0004** come from the edge: nothing was"
    print "stored, and the same bytes may be sent again where *retry* helps. The others stand in an outcome (`Finding.rule` is the number):"
    print "the message is decided, and what is mended goes under a new message id; *retry* then says that the same content can pass later"
    print "(once an institution is known, say). A *warning* travels with success. Documents that are named as sources: [SOURCES.md](SOURCES.md)."
}
# docs/PAGE.md#anchor and docs/PAGE.md N as links; a document's name as it is.
function cited(source,    part) {
    if (match(source, /^docs\/([A-Z]+)\.md#([a-z-]+)$/, part))
        return "[" gensub(/-/, " ", "g", part[2]) "](" part[1] ".md#" part[2] ")"
    return gensub(/^docs\/([A-Z]+)\.md/, "[\\1](\\1.md)", 1, source)
}
function flush_rule(    head, pieces, count, part, series) {
    if (rule == "")
        return
    count = split(rule, part, "\"")
    split(part[1], head, /[(,]/)
    split(part[3], pieces, /,/)
    gsub(/ /, "", pieces[3]); gsub(/ /, "", pieces[4])
    if (count != 13 || head[2] + 0 == 0) {
        print "errors_md.awk: not understood: " rule >"/dev/stderr"
        failed = 1
        exit 1
    }
    series = substr(head[2], 1, 1)
    if (series != last_series) {
        print "\n## " names[series] "\n"
        print "| code | number | | what | 含义 | remedy | 处理 | retry | source |"
        print "|---|---|---|---|---|---|---|---|---|"
        last_series = series
    }
    printf "| %s | %d | %s | %s | %s | %s | %s | %s | %s |\n", part[2], head[2], pieces[3] == "RULE_WARNING" ? "warning" : "error",
        part[8], part[6], part[12], part[10], pieces[4] == "true" ? "helps" : "", cited(part[4])
    rule = ""
}
/^RULE\(/ { flush_rule() }
/^RULE\(/ || rule != "" { rule = rule $0 }
# SHAPE(code, name, zh, en, expected_zh, expected_en), likewise.
function print_shapes(    line, shape, part) {
    print "\n## FMT: shapes of files (文件格式)\n"
    print "What the tool itself says of a file that is not a message yet; nothing was sent. These codes stand on no wire and no log."
    print "`common/codes/shape.def` has them.\n"
    print "| code | what | 含义 | how it is written | 写法 |"
    print "|---|---|---|---|---|"
    while ((getline line < "common/codes/shape.def") > 0) {
        if (line !~ /^SHAPE\(/ && shape == "")
            continue
        shape = shape line
        if (line !~ /\)$/ || split(shape, part, "\"") != 11)
            continue
        printf "| %s | %s | %s | %s | %s |\n", part[2], part[6], part[4], part[10], part[8]
        shape = ""
    }
}
END {
    if (!failed) {
        flush_rule()
        print_shapes()
    }
}
