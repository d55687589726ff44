# SPDX-License-Identifier: Apache-2.0
# first/divisions.csv: one C array row a code of GB/T 2260, current or historical.
NR > 1 && $1 ~ /^[0-9]+$/ && length($1) == 6 && $6 != "nbs_only" { print $1 "," }
