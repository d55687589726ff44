# SPDX-License-Identifier: Apache-2.0
hutong_test(unit_transfer_machine SOURCES ${CMAKE_CURRENT_LIST_DIR}/transfer_machine.c LINK hutong_transfer hutong_pb hutong_codes hutong_base)
