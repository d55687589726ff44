# SPDX-License-Identifier: Apache-2.0
# Whole exchanges, driven from outside. The programs of this build are used.
foreach(name stranger exactly_once day bad_input disk_full transfer books regions close_crash supervision reference
    slow_reader half_open flapping wrong_key health overload operators dead_flood)
  add_test(NAME e2e_${name} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/${name}.py)
endforeach()
add_test(NAME e2e_crash COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/crash.py --kills 30 --bills 6000)
add_test(NAME e2e_crash_two_partitions COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/crash.py --kills 30 --bills 6000 --partitions 2)
set_tests_properties(e2e_stranger e2e_exactly_once e2e_day e2e_bad_input e2e_disk_full e2e_transfer e2e_books e2e_regions e2e_close_crash e2e_supervision e2e_reference e2e_slow_reader e2e_half_open e2e_flapping e2e_wrong_key e2e_health e2e_overload e2e_operators e2e_dead_flood
  e2e_crash e2e_crash_two_partitions PROPERTIES
  LABELS e2e TIMEOUT 300 ENVIRONMENT "HUTONG_BIN=${CMAKE_BINARY_DIR}/bin" RUN_SERIAL TRUE SKIP_RETURN_CODE 77)
