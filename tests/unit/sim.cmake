# SPDX-License-Identifier: Apache-2.0
hutong_library(hutong_sim_checks SOURCES ${CMAKE_SOURCE_DIR}/tests/sim/checks.c ${CMAKE_SOURCE_DIR}/tests/sim/checks_log.c
  LINK hutong_pb hutong_base PkgConfig::XXHASH)
foreach(part checks checks_log)
  hutong_test(unit_sim_${part} SOURCES ${CMAKE_CURRENT_LIST_DIR}/sim_${part}.c ${CMAKE_CURRENT_LIST_DIR}/sim_checks_rig.c LINK hutong_sim_checks hutong_pb hutong_base)
endforeach()
hutong_library(hutong_sim_history SOURCES ${CMAKE_SOURCE_DIR}/tests/sim/history.c LINK hutong_sim_checks hutong_replay hutong_pb hutong_base)
hutong_test(unit_sim_history SOURCES ${CMAKE_CURRENT_LIST_DIR}/sim_history.c ${CMAKE_SOURCE_DIR}/tests/sim/load.c
  LINK hutong_sim_history hutong_harness hutong_validation_core hutong_settlement_core hutong_books_core hutong_audit_core hutong_gen hutong_policy_file
       hutong_clearing_policy_file hutong_gazette hutong_pb hutong_base)
