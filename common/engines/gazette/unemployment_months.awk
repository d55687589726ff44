# SPDX-License-Identifier: Apache-2.0
# first/unemployment_months.csv: years of contributions and months of benefit.
NR > 1 { printf "{%2d, %2d},\n", $1, $2 }
