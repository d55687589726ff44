hutong_test(table_benefit SOURCES ${CMAKE_CURRENT_LIST_DIR}/benefit.c LINK hutong_benefit hutong_policy_file LABELS table)
hutong_test(table_benefit_reference SOURCES ${CMAKE_CURRENT_LIST_DIR}/benefit_reference.c ${CMAKE_CURRENT_LIST_DIR}/benefit_simple.c LINK hutong_benefit hutong_policy_file
  LABELS table TIMEOUT 300)
foreach(part edges funds levels)
  hutong_test(table_benefit_${part} SOURCES ${CMAKE_CURRENT_LIST_DIR}/benefit_${part}.c ${CMAKE_CURRENT_LIST_DIR}/benefit_rows.c
    LINK hutong_benefit hutong_policy_file LABELS table)
endforeach()
hutong_test(table_policy SOURCES ${CMAKE_CURRENT_LIST_DIR}/policy.c LINK hutong_policy_file LABELS table)
hutong_test(table_benefit_years SOURCES ${CMAKE_CURRENT_LIST_DIR}/benefit_years.c ${CMAKE_CURRENT_LIST_DIR}/benefit_simple.c
    ${CMAKE_CURRENT_LIST_DIR}/benefit_rows.c ${CMAKE_SOURCE_DIR}/tests/unit/settlement_rig.c ${CMAKE_SOURCE_DIR}/tests/support/gazettes.c ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_settlement_core hutong_policy_file hutong_store LABELS table TIMEOUT 300)
