# SPDX-License-Identifier: Apache-2.0
hutong_test(unit_console SOURCES ${CMAKE_CURRENT_LIST_DIR}/console.c LINK hutong_console_core hutong_base)
hutong_test(unit_console_words SOURCES ${CMAKE_CURRENT_LIST_DIR}/console_words.c LINK hutong_console_asking hutong_base)
hutong_test(unit_console_asker SOURCES ${CMAKE_CURRENT_LIST_DIR}/console_asker.c LINK hutong_console_asking hutong_console_links hutong_console_users hutong_base)
