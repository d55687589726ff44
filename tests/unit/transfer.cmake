# SPDX-License-Identifier: Apache-2.0
hutong_test(unit_transfer_machine SOURCES ${CMAKE_CURRENT_LIST_DIR}/transfer_machine.c LINK hutong_replay hutong_transfer)
foreach(name letters deadlines gen_transfers gen_mix transfer_query transfer_kinds transfer_storm life)
  hutong_test(unit_${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LINK hutong_transfer_rig hutong_gen hutong_policy_file TIMEOUT 300)
endforeach()
