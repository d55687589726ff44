hutong_test(table_validation_transfers
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/validation_transfers.c ${CMAKE_SOURCE_DIR}/tests/support/transfer_rig.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_validation_core hutong_settlement_core hutong_store hutong_pb hutong_codes hutong_base LABELS table)
