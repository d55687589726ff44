# SPDX-License-Identifier: Apache-2.0
hutong_test(unit_gazette
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/gazette.c ${CMAKE_SOURCE_DIR}/tests/support/gazettes.c
    ${CMAKE_SOURCE_DIR}/tests/support/transfer_rig.c ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_gazette hutong_validation_core hutong_settlement_core hutong_store hutong_pb hutong_codes hutong_base)
