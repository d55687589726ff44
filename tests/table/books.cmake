# SPDX-License-Identifier: Apache-2.0
foreach(name reconcile clearing)
  hutong_test(table_${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LINK hutong_replay hutong_reconcile hutong_clearing hutong_gazette hutong_advance hutong_clearing_policy_file LABELS table)
endforeach()
