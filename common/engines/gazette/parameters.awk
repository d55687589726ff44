# SPDX-License-Identifier: Apache-2.0
# first/parameters.csv: one C array row a value and its first day.
NR > 1 { day = $2; gsub(/-/, "", day); printf "{PARAMETER_%s, %s, %s, '%s', \"%s\"},\n", toupper($1), day, $3, $4, $5 }
