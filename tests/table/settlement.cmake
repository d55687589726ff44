# SPDX-License-Identifier: Apache-2.0
hutong_library(hutong_benefit_rows SOURCES ${CMAKE_CURRENT_LIST_DIR}/benefit_rows.c ${CMAKE_CURRENT_LIST_DIR}/benefit_simple.c
  ${CMAKE_CURRENT_LIST_DIR}/benefit_again.c
  LINK hutong_tests hutong_benefit hutong_policy_file)
foreach(name policy benefit benefit_reference benefit_edges benefit_funds benefit_levels benefit_years benefit_steps)
  hutong_test(table_${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LINK hutong_benefit_rows hutong_settlement_rig LABELS table TIMEOUT 300)
endforeach()
