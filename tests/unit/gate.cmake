# SPDX-License-Identifier: Apache-2.0
hutong_test(unit_submit_window SOURCES ${CMAKE_CURRENT_LIST_DIR}/submit_window.c LINK hutong_window hutong_gate_core hutong_base)
hutong_test(unit_orderer SOURCES ${CMAKE_CURRENT_LIST_DIR}/orderer.c
  LINK hutong_orderer hutong_gate hutong_runtime hutong_bus hutong_store hutong_pb hutong_codes hutong_base)
hutong_test(unit_fair SOURCES ${CMAKE_CURRENT_LIST_DIR}/fair.c LINK hutong_net hutong_gate_core hutong_base)
hutong_test(unit_gate_ticks SOURCES ${CMAKE_CURRENT_LIST_DIR}/gate_ticks.c LINK hutong_gate_core hutong_base)
