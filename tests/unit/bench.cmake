# SPDX-License-Identifier: Apache-2.0
add_test(NAME unit_bench_figures COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/bench_figures.py)
set_tests_properties(unit_bench_figures PROPERTIES LABELS unit TIMEOUT 120)
