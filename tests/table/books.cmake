hutong_test(table_reconcile SOURCES ${CMAKE_CURRENT_LIST_DIR}/reconcile.c LINK hutong_replay hutong_books_engines LABELS table)
hutong_test(table_clearing SOURCES ${CMAKE_CURRENT_LIST_DIR}/clearing.c LINK hutong_replay hutong_books_engines hutong_clearing_policy
  LABELS table)
hutong_test(table_validation_books
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/validation_books.c ${CMAKE_SOURCE_DIR}/tests/support/validation_rig.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_clearing_policy hutong_policy hutong_store hutong_pb hutong_codes hutong_base LABELS table)
