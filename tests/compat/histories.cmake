# SPDX-License-Identifier: Apache-2.0
# Logs that released builds wrote, against this build's cores: README.md.
add_executable(compat_histories ${CMAKE_CURRENT_LIST_DIR}/histories.c)
target_link_libraries(compat_histories PRIVATE hutong_flags hutong_replay hutong_validation_core hutong_settlement_core
  hutong_books_core hutong_audit_core hutong_mailbox_core hutong_store hutong_pb hutong_base PkgConfig::ZSTD)
file(GLOB logs CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_LIST_DIR}/*/*.history.zst)
foreach(log ${logs})
  string(REGEX REPLACE "^tests/compat/(.*)/(.*).history.zst$" "compat_\\1_\\2" name ${log})
  add_test(NAME ${name} COMMAND compat_histories ${log} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS compat TIMEOUT 120)
endforeach()
# The same logs under the newest logic.
add_test(NAME compat_switched_c51c1eb COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/switched.py $<TARGET_FILE:compat_histories>
  ${CMAKE_CURRENT_LIST_DIR}/c51c1eb)
set_tests_properties(compat_switched_c51c1eb PROPERTIES LABELS compat TIMEOUT 120)
# An exchange that starts from what an older build left.
add_test(NAME e2e_states_c51c1eb COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/states.py ${CMAKE_CURRENT_LIST_DIR}/c51c1eb)
set_tests_properties(e2e_states_c51c1eb PROPERTIES LABELS e2e TIMEOUT 300 ENVIRONMENT "HUTONG_BIN=${CMAKE_BINARY_DIR}/bin" RUN_SERIAL TRUE)
