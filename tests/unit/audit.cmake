hutong_test(unit_audit_core
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/audit_core.c ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_audit_core hutong_store hutong_pb hutong_codes hutong_base)
hutong_test(unit_mailbox_core
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/mailbox_core.c ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_mailbox_core hutong_store hutong_pb hutong_codes hutong_base)
hutong_test(unit_question_wrap SOURCES ${CMAKE_CURRENT_LIST_DIR}/question_wrap.c
  LINK hutong_mailbox hutong_net hutong_pb hutong_codes hutong_base)
