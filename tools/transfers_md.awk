# SPDX-License-Identifier: Apache-2.0
# docs/TRANSFERS.md out of the tables that the transfer machine runs on:
#   gawk -f tools/transfers_md.awk common/engines/transfer/{pension,medical,unemployment}.def >docs/TRANSFERS.md
function word(name) { gsub(/_/, " ", name); return tolower(name) }
function limit(count, unit, owner) {
    if (unit == "NONE")
        return "closed"
    if (unit == "KEPT")
        return word(owner) ", the running limit"
    return word(owner) ", " count (unit == "WORKDAYS" ? " working days" : " month")
}
function diagram(    i) {
    if (scheme == "")
        return
    print "\n```mermaid\nstateDiagram-v2"
    for (i = 1; i <= arrows; i++)
        print arrow[i]
    print "```"
}
BEGIN {
    title["pension"] = "Pension (养老保险)"; title["medical"] = "Medical insurance (医疗保险)"; title["unemployment"] = "Unemployment (失业保险)"
    finding["ALWAYS"] = ""; finding["ONE_OFF_UNPROVEN"] = "one-off contributions without documents"; finding["MONEY_DUE"] = "⑥ above zero"
    finding["NOTHING_DUE"] = "⑥ is zero"; finding["AMOUNT_RIGHT"] = "the amount agrees"; finding["AMOUNT_WRONG"] = "the amount differs"
    money["STAY"] = ""; money["STATE"] = "⑥ is stated"; money["SEND"] = "⑥ goes into transit"; money["RECEIVE"] = "what arrived is held"
    money["RESTATE"] = "⑥ and what was sent are restated"; money["RETURN"] = "everything is posted back"; money["JOIN"] = "what is held is joined"
    print "# Transfers: who may send which letter when\n"
    print "Generated from `common/engines/transfer/*.def` by `tools/transfers_md.awk`; do not edit. *Target* is the region that takes the person"
    print "in, *source* the one that the person leaves. A limit starts with the step and ends on its last working day; *the running limit* stays as"
    print "it is. The same letter twice is answered with the first result and changes nothing. Any other letter is refused (TRP, TRM, TRU in"
    print "[ERRORS.md](ERRORS.md)). Sources: **M** is a project rule.\n"
    print "Where a pension is drawn (`hutong place`) is no step. But the employees' relation of a person who on the day of the application has"
    print "reached pension age and has the months for a pension (or of whom the target says that the pension is drawn there) moves to that place"
    print "alone: a form that names another is refused (TRP-0046). The ladder runs over the rows of form and application; a form says with each"
    print "row where it was paid, if not at its sender's. Before that age nothing is checked: a relation goes where the person works, and the"
    print "confirmation says that it has been joined, not who will pay. Temporary accounts are collected where the target says.\n"
    print "From logic version 2 on ([OPERATING.md](OPERATING.md#going-to-a-new-logic-version)):\n"
    print "- A limit beyond the published calendar counts Monday to Friday and is told as provisional (a warning, `due_is_provisional`). When that"
    print "  year's calendar comes, each limit that it moves is told anew to both regions, once, in a notice with the day before it"
    print "  (`previous_due_date`)."
    print "- A letter's own date (money sent, received) is not before the application. Contributions are not before the 16th birthday; of medical"
    print "  insurance, not before birth."
    print "- Whether a temporary account moves is what application, form, the rows' kind and the household say together (TRP-0049)."
    print "- A medical form that states the personal account holds that sum at the source until the transfer joins or ends: a late bill there is"
    print "  paid from what is left. A form that states more than the account holds is refused (TRM-0041). Joining takes it to the target's account."
}
/^STEP\(/ {
    line = $0
    sub(/^STEP\(/, "", line); sub(/\)$/, "", line)
    if (split(line, part, /, */) < 11) {
        print "transfers_md.awk: not understood: " $0 >"/dev/stderr"
        exit 1
    }
    source = line
    sub(/^[^"]*"/, "", source); sub(/"$/, "", source)
    name = FILENAME
    sub(/.*\//, "", name); sub(/\.def$/, "", name)
    if (name != scheme) {
        diagram()
        scheme = name
        arrows = 0
        split("", drawn)
        print "\n## " title[scheme] "\n"
        print "| in state | letter | from | if | becomes | money | next step | told | source |"
        print "|---|---|---|---|---|---|---|---|---|"
    }
    printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", word(part[1]), word(part[2]), word(part[3]), finding[part[4]], word(part[5]),
        money[part[6]], limit(part[7], part[8], part[9]), part[10] == "TO_BOTH" ? "both" : "target", source
    from = part[1] == "ABSENT" ? "[*]" : part[1]
    text = "    " from " --> " part[5] " : " word(part[2]) " (" word(part[3]) ")"
    if (!(text in drawn))
        arrow[++arrows] = text
    drawn[text] = 1
    if (part[8] == "NONE" && !((part[5], "end") in drawn)) {
        arrow[++arrows] = "    " part[5] " --> [*]"
        drawn[part[5], "end"] = 1
    }
}
END { diagram() }
