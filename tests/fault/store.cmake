# SPDX-License-Identifier: Apache-2.0
hutong_test(fault_store SOURCES ${CMAKE_CURRENT_LIST_DIR}/store.c LINK hutong_broker_log hutong_store hutong_pb hutong_base hutong_lmdb LABELS fault)
hutong_test(fault_overlaid SOURCES ${CMAKE_CURRENT_LIST_DIR}/overlaid.c ${CMAKE_CURRENT_LIST_DIR}/calls.c LINK hutong_store hutong_base hutong_lmdb ${CMAKE_DL_LIBS} LABELS fault)
hutong_test(fault_flips SOURCES ${CMAKE_CURRENT_LIST_DIR}/flips.c LINK hutong_store hutong_base hutong_lmdb LABELS fault)
hutong_library(hutong_flips SOURCES ${CMAKE_CURRENT_LIST_DIR}/../support/flips.c LINK hutong_tests hutong_broker_log hutong_store hutong_base PkgConfig::XXHASH)
hutong_test(fault_flips_log SOURCES ${CMAKE_CURRENT_LIST_DIR}/flips_log.c LINK hutong_flips hutong_broker hutong_broker_log hutong_store hutong_observe hutong_base hutong_lmdb LABELS fault)
add_executable(fault_deployment ${CMAKE_CURRENT_LIST_DIR}/deployment.c)
target_link_libraries(fault_deployment PRIVATE hutong_flips)
