hutong_test(table_validation_rules
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/validation_rules.c ${CMAKE_SOURCE_DIR}/tests/support/validation_rig.c ${CMAKE_SOURCE_DIR}/tests/support/gazettes.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_gazette hutong_policy_file hutong_store hutong_pb hutong_codes hutong_base LABELS table)
hutong_test(table_validation_life
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/validation_life.c ${CMAKE_SOURCE_DIR}/tests/support/validation_rig.c ${CMAKE_SOURCE_DIR}/tests/support/gazettes.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_gazette hutong_policy_file hutong_store hutong_pb hutong_codes hutong_base LABELS table)
hutong_test(table_validation_reference
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/validation_reference.c ${CMAKE_SOURCE_DIR}/tests/support/validation_rig.c ${CMAKE_SOURCE_DIR}/tests/support/gazettes.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_gazette hutong_policy_file hutong_store hutong_pb hutong_codes hutong_base LABELS table)
hutong_test(table_places
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/places.c ${CMAKE_SOURCE_DIR}/tests/support/validation_rig.c ${CMAKE_SOURCE_DIR}/tests/support/gazettes.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_gazette hutong_policy_file hutong_store hutong_pb hutong_codes hutong_base LABELS table)
hutong_test(table_codes SOURCES ${CMAKE_CURRENT_LIST_DIR}/codes.c LINK hutong_gazette hutong_replay hutong_codes hutong_base LABELS table)
hutong_test(table_validation_letters
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/validation_letters.c ${CMAKE_SOURCE_DIR}/tests/support/transfer_rig.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_settlement_core hutong_store hutong_pb hutong_codes hutong_base LABELS table)
hutong_test(table_transfer_place
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/transfer_place.c ${CMAKE_SOURCE_DIR}/tests/support/transfer_rig.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_settlement_core hutong_store hutong_pb hutong_codes hutong_base LABELS table)
hutong_test(table_validation_money
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/validation_money.c ${CMAKE_SOURCE_DIR}/tests/support/validation_rig.c
    ${CMAKE_SOURCE_DIR}/tests/support/gazettes.c ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_policy_file hutong_store hutong_pb hutong_codes hutong_base LABELS table)
