# SPDX-License-Identifier: Apache-2.0
# first/unemployment_benefit.csv: one C array row a monthly benefit.
NR > 1 { day = $3; gsub(/-/, "", day); printf "{\"%s\", %d, %s, 0, %d, %d, %d * 100},\n", $1, $2, day, $4, $5, $6 }
