# SPDX-License-Identifier: Apache-2.0
hutong_test(unit_wire SOURCES ${CMAKE_CURRENT_LIST_DIR}/wire.c LINK hutong_gazette hutong_json hutong_pb hutong_codes hutong_observe hutong_base)
hutong_test(unit_loop SOURCES ${CMAKE_CURRENT_LIST_DIR}/loop.c LINK hutong_net hutong_base)
hutong_test(unit_merkle SOURCES ${CMAKE_CURRENT_LIST_DIR}/merkle.c LINK hutong_base)
hutong_test(unit_sign SOURCES ${CMAKE_CURRENT_LIST_DIR}/sign.c LINK hutong_sign hutong_base)
hutong_test(unit_runtime SOURCES ${CMAKE_CURRENT_LIST_DIR}/runtime.c LINK hutong_runtime hutong_bus hutong_store hutong_base)
hutong_test(unit_overlay SOURCES ${CMAKE_CURRENT_LIST_DIR}/overlay.c LINK hutong_store hutong_base)
hutong_test(unit_copy_live SOURCES ${CMAKE_CURRENT_LIST_DIR}/copy_live.c LINK hutong_store hutong_base Threads::Threads)
hutong_test(unit_overlaid SOURCES ${CMAKE_CURRENT_LIST_DIR}/overlaid.c LINK hutong_store hutong_base)
add_executable(canary ${CMAKE_CURRENT_LIST_DIR}/canary.c)
target_link_libraries(canary PRIVATE hutong_tests)
add_test(NAME canary CONFIGURATIONS canary COMMAND canary) # runs with `ctest -C canary` alone
hutong_test(unit_confine SOURCES ${CMAKE_CURRENT_LIST_DIR}/confine.c LINK hutong_runtime hutong_base)
hutong_test(unit_secret SOURCES ${CMAKE_CURRENT_LIST_DIR}/secret.c LINK hutong_net hutong_secret hutong_base)
