# SPDX-License-Identifier: Apache-2.0
# The national interface's names of our fields, as the comments of proto/hutong/v1 give them: the words behind the last full stop
# of a field's comment, where they are nothing but such names. Another system's file is full of them.
/^message / { message = $2; comment = "" }
/^ *\/\// { line = $0; sub(/^ *\/\/ ?/, "", line); comment = comment " " line; next }
/^ .*= *[0-9]+/ {
    field = ""
    for (i = 2; i < NF; i++)
        if ($(i + 1) == "=" && field == "")
            field = $i
    names = comment
    sub(/.*[.;] /, "", names)
    if (field != "" && names ~ /^ *[a-z][a-z0-9_]*[a-z0-9]( *[\/,] *[a-z][a-z0-9_]*)*$/) {
        count = split(names, each, /[ \/,]+/)
        for (i = 1; i <= count; i++)
            if (each[i] ~ /^[a-z][a-z0-9_]+$/ && each[i] != field)
                printf "NATIONAL(\"%s\", \"%s\", \"%s\")\n", message, field, each[i]
    }
}
{ comment = "" }
