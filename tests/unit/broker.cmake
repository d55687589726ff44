# SPDX-License-Identifier: Apache-2.0
hutong_test(unit_tail SOURCES ${CMAKE_CURRENT_LIST_DIR}/tail.c LINK hutong_broker hutong_broker_log hutong_base)
hutong_test(unit_log_rewrite SOURCES ${CMAKE_CURRENT_LIST_DIR}/log_rewrite.c LINK hutong_broker_log hutong_pb hutong_base)
