# SPDX-License-Identifier: Apache-2.0
foreach(name gazette provisional)
  hutong_test(unit_${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LINK hutong_transfer_rig)
endforeach()
hutong_test(unit_envelope_once SOURCES ${CMAKE_CURRENT_LIST_DIR}/envelope_once.c LINK hutong_transfer_rig hutong_gen hutong_policy_file)
