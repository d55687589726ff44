hutong_test(table_reconcile SOURCES ${CMAKE_CURRENT_LIST_DIR}/reconcile.c LINK hutong_books_engines LABELS table)
hutong_test(table_clearing SOURCES ${CMAKE_CURRENT_LIST_DIR}/clearing.c LINK hutong_books_engines hutong_clearing_policy
  LABELS table)
