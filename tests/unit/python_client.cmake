# SPDX-License-Identifier: Apache-2.0
add_test(NAME unit_python_client COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tests/e2e/python_client.py --fast)
set_tests_properties(unit_python_client PROPERTIES LABELS unit TIMEOUT 120 SKIP_RETURN_CODE 77)
