# SPDX-License-Identifier: Apache-2.0
# Whole exchanges, driven from outside. The programs of this build are used.
set(e2e_tests)
foreach(name stranger exactly_once answers day bad_input disk_full transfer transfer_edges books regions close_crash supervision reference
    slow_reader half_open flapping wrong_key health overload operators dead_flood calc safe_hands watched verbs parties clients configuration not_there year_end
    command_line manuals loading hostile)
  add_test(NAME e2e_${name} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/${name}.py)
  list(APPEND e2e_tests e2e_${name})
endforeach()
if(HUTONG_TINY_LIMITS)
  add_test(NAME e2e_tiny COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/tiny.py)
  list(APPEND e2e_tests e2e_tiny)
endif()
add_test(NAME e2e_crash COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/crash.py --kills 30 --bills 6000)
add_test(NAME e2e_crash_two_partitions COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/crash.py --kills 30 --bills 6000 --partitions 2)
set_tests_properties(${e2e_tests} e2e_crash e2e_crash_two_partitions PROPERTIES
  LABELS e2e TIMEOUT 300 ENVIRONMENT "HUTONG_BIN=${CMAKE_BINARY_DIR}/bin" RUN_SERIAL TRUE SKIP_RETURN_CODE 77)
