# SPDX-License-Identifier: Apache-2.0
hutong_library(hutong_sim_checks SOURCES ${CMAKE_SOURCE_DIR}/tests/sim/checks.c ${CMAKE_SOURCE_DIR}/tests/sim/checks_log.c
  LINK hutong_pb hutong_base PkgConfig::XXHASH)
hutong_test(unit_sim_checks SOURCES ${CMAKE_CURRENT_LIST_DIR}/sim_checks.c LINK hutong_sim_checks hutong_pb hutong_base)
