hutong_test(table_transfer_funds SOURCES ${CMAKE_CURRENT_LIST_DIR}/transfer_funds.c LINK hutong_transfer LABELS table)
hutong_test(table_transfer_rows SOURCES ${CMAKE_CURRENT_LIST_DIR}/transfer_rows.c LINK hutong_transfer LABELS table)
hutong_test(table_transfer_terms SOURCES ${CMAKE_CURRENT_LIST_DIR}/transfer_terms.c LINK hutong_transfer LABELS table)
hutong_test(table_transfer_waiting SOURCES ${CMAKE_CURRENT_LIST_DIR}/transfer_waiting.c LINK hutong_transfer LABELS table)
hutong_test(table_transfer_reference SOURCES ${CMAKE_CURRENT_LIST_DIR}/transfer_reference.c LINK hutong_transfer
  LABELS table TIMEOUT 300)
