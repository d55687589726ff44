# SPDX-License-Identifier: Apache-2.0
foreach(part core refund kinds volume money numbers)
  hutong_test(unit_settlement_${part} SOURCES ${CMAKE_CURRENT_LIST_DIR}/settlement_${part}.c LINK hutong_settlement_rig)
endforeach()
hutong_test(unit_ledger SOURCES ${CMAKE_CURRENT_LIST_DIR}/ledger.c LINK hutong_harness hutong_ledger)
