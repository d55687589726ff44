# SPDX-License-Identifier: Apache-2.0
foreach(part funds rows terms waiting reference)
  hutong_test(table_transfer_${part} SOURCES ${CMAKE_CURRENT_LIST_DIR}/transfer_${part}.c LINK hutong_transfer LABELS table TIMEOUT 300)
endforeach()
