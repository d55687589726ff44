# SPDX-License-Identifier: Apache-2.0
hutong_test(fault_lmdb SOURCES ${CMAKE_CURRENT_LIST_DIR}/lmdb.c LINK hutong_store hutong_base hutong_lmdb LABELS fault)
