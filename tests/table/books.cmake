hutong_test(table_reconcile SOURCES ${CMAKE_CURRENT_LIST_DIR}/reconcile.c LINK hutong_replay hutong_reconcile LABELS table)
hutong_test(table_clearing SOURCES ${CMAKE_CURRENT_LIST_DIR}/clearing.c LINK hutong_replay hutong_clearing hutong_advance hutong_clearing_policy_file
  LABELS table)
hutong_test(table_validation_books
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/validation_books.c ${CMAKE_SOURCE_DIR}/tests/support/validation_rig.c ${CMAKE_SOURCE_DIR}/tests/support/gazettes.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_clearing_policy_file hutong_policy_file hutong_store hutong_pb hutong_codes hutong_base LABELS table)
