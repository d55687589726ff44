# SPDX-License-Identifier: Apache-2.0
hutong_test(table_gate_placing SOURCES ${CMAKE_CURRENT_LIST_DIR}/gate_placing.c LINK hutong_gate hutong_pb hutong_codes hutong_base
  LABELS table)
hutong_test(table_gate_requests SOURCES ${CMAKE_CURRENT_LIST_DIR}/gate_requests.c LINK hutong_gate hutong_pb hutong_codes hutong_base
  LABELS table)
hutong_test(table_gate_parties SOURCES ${CMAKE_CURRENT_LIST_DIR}/gate_parties.c LINK hutong_gate hutong_pb hutong_codes hutong_base
  LABELS table)
hutong_test(table_signing SOURCES ${CMAKE_CURRENT_LIST_DIR}/signing.c LINK hutong_validation_rig hutong_gate_core hutong_signing hutong_sign LABELS table)
