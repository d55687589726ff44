# SPDX-License-Identifier: Apache-2.0
foreach(part accesses rules life dead reference books money catalogue)
  hutong_test(table_validation_${part} SOURCES ${CMAKE_CURRENT_LIST_DIR}/validation_${part}.c LINK hutong_validation_rig hutong_clearing_policy_file LABELS table)
endforeach()
foreach(name validation_letters transfer_place)
  hutong_test(table_${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LINK hutong_transfer_rig LABELS table)
endforeach()
hutong_test(table_codes SOURCES ${CMAKE_CURRENT_LIST_DIR}/codes.c LINK hutong_replay hutong_gazette hutong_codes LABELS table)
hutong_test(table_places SOURCES ${CMAKE_CURRENT_LIST_DIR}/places.c LINK hutong_validation_rig LABELS table)
