# SPDX-License-Identifier: Apache-2.0
hutong_test(unit_tail SOURCES ${CMAKE_CURRENT_LIST_DIR}/tail.c LINK hutong_broker hutong_broker_log hutong_base)
