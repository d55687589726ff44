# SPDX-License-Identifier: Apache-2.0
# first/workdays.csv: one C array row a day that does not follow the week.
NR > 1 { day = $1; gsub(/-/, "", day); print "{" day ", " ($3 == "makeup_workday" ? "true" : "false") "}," }
