# SPDX-License-Identifier: Apache-2.0
hutong_test(unit_transfer_machine SOURCES ${CMAKE_CURRENT_LIST_DIR}/transfer_machine.c LINK hutong_replay hutong_transfer hutong_pb hutong_codes hutong_base)
hutong_test(unit_letters
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/letters.c ${CMAKE_SOURCE_DIR}/tests/support/transfer_rig.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_settlement_core hutong_store hutong_pb hutong_codes hutong_base)
hutong_test(unit_deadlines
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/deadlines.c ${CMAKE_SOURCE_DIR}/tests/support/transfer_rig.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_settlement_core hutong_store hutong_pb hutong_codes hutong_base)
hutong_test(unit_gen_transfers
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/gen_transfers.c ${CMAKE_SOURCE_DIR}/tests/support/transfer_rig.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_gen hutong_validation_core hutong_settlement_core hutong_store hutong_pb hutong_codes hutong_base)
hutong_test(unit_gen_mix
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/gen_mix.c ${CMAKE_SOURCE_DIR}/tests/support/transfer_rig.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_gen hutong_validation_core hutong_settlement_core hutong_policy_file hutong_store hutong_pb hutong_codes
    hutong_base TIMEOUT 300)
hutong_test(unit_transfer_query
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/transfer_query.c ${CMAKE_SOURCE_DIR}/tests/support/transfer_rig.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_settlement_core hutong_store hutong_pb hutong_codes hutong_base)
hutong_test(unit_transfer_kinds
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/transfer_kinds.c ${CMAKE_SOURCE_DIR}/tests/support/transfer_rig.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_settlement_core hutong_store hutong_pb hutong_codes hutong_base)
hutong_test(unit_transfer_storm
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/transfer_storm.c ${CMAKE_SOURCE_DIR}/tests/support/transfer_rig.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_settlement_core hutong_store hutong_pb hutong_codes hutong_base)
hutong_test(unit_life
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/life.c ${CMAKE_SOURCE_DIR}/tests/support/transfer_rig.c ${CMAKE_SOURCE_DIR}/tests/support/gazettes.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_settlement_core hutong_gazette hutong_store hutong_pb hutong_codes hutong_base)
