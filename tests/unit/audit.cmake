# SPDX-License-Identifier: Apache-2.0
foreach(part core actions flow)
  hutong_test(unit_audit_${part} SOURCES ${CMAKE_CURRENT_LIST_DIR}/audit_${part}.c ${CMAKE_CURRENT_LIST_DIR}/audit_rig.c LINK hutong_harness hutong_audit_core)
endforeach()
hutong_test(unit_mailbox_core SOURCES ${CMAKE_CURRENT_LIST_DIR}/mailbox_core.c LINK hutong_harness hutong_mailbox_core)
hutong_test(unit_question_wrap SOURCES ${CMAKE_CURRENT_LIST_DIR}/question_wrap.c LINK hutong_mailbox hutong_net)
hutong_test(unit_sum_tree SOURCES ${CMAKE_CURRENT_LIST_DIR}/sum_tree.c LINK hutong_tree)
hutong_test(unit_tlog SOURCES ${CMAKE_CURRENT_LIST_DIR}/tlog.c LINK hutong_tlog hutong_tlog_note hutong_sign hutong_base)
hutong_test(unit_witness SOURCES ${CMAKE_CURRENT_LIST_DIR}/witness.c LINK hutong_witness hutong_witness_state hutong_tlog hutong_tlog_note hutong_base)
