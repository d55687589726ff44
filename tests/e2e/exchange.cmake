# SPDX-License-Identifier: Apache-2.0
# Whole exchanges, driven from outside. The programs of this build are used.
# Two at a time, but for those that measure how long something takes, fill a disk, or want both processors.
set(e2e_tests)
set(e2e_alone alerts slow_reader flapping health overload dead_flood watched disk_full loading hostile
    console_browser)
foreach(name stranger backup exactly_once answers day bad_input transfer transfer_edges books regions close_crash supervision reference half_open wrong_key
    operators python_client console console_month calc safe_hands verbs parties clients drain configuration not_there year_end command_line manuals first_hour actions flow doctor signing transparency flips privacy erasure traces
    ${e2e_alone})
  add_test(NAME e2e_${name} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/${name}.py)
  list(APPEND e2e_tests e2e_${name})
endforeach()
if(HUTONG_TINY_LIMITS)
  add_test(NAME e2e_tiny COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/tiny.py)
  list(APPEND e2e_tests e2e_tiny)
  list(APPEND e2e_alone tiny)
endif()
add_test(NAME e2e_crash COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/crash.py --kills 30 --bills 6000)
add_test(NAME e2e_crash_two_partitions COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/crash.py --kills 30 --bills 6000 --partitions 2)
list(APPEND e2e_tests e2e_crash e2e_crash_two_partitions)
list(APPEND e2e_alone crash crash_two_partitions)
set_tests_properties(${e2e_tests} PROPERTIES
  LABELS e2e TIMEOUT 300 ENVIRONMENT "HUTONG_BIN=${CMAKE_BINARY_DIR}/bin" SKIP_RETURN_CODE 77)
list(TRANSFORM e2e_alone PREPEND e2e_)
set_tests_properties(${e2e_alone} PROPERTIES RUN_SERIAL TRUE)
