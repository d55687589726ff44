foreach(part core refund kinds volume money)
  hutong_test(unit_settlement_${part} SOURCES ${CMAKE_CURRENT_LIST_DIR}/settlement_${part}.c
    ${CMAKE_CURRENT_LIST_DIR}/settlement_rig.c ${CMAKE_SOURCE_DIR}/tests/support/gazettes.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
    LINK hutong_replay hutong_settlement_core hutong_policy_file hutong_store)
endforeach()
hutong_test(unit_ledger SOURCES ${CMAKE_CURRENT_LIST_DIR}/ledger.c ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_ledger hutong_store)
