# SPDX-License-Identifier: Apache-2.0
foreach(part core after refund supervision questions months histories boundaries boundaries_replies boundaries_money boundaries_advance limits)
  hutong_test(unit_books_${part} SOURCES ${CMAKE_CURRENT_LIST_DIR}/books_${part}.c LINK hutong_books_rig)
endforeach()
target_sources(unit_books_histories PRIVATE ${CMAKE_CURRENT_LIST_DIR}/books_model.c ${CMAKE_CURRENT_LIST_DIR}/books_random.c ${CMAKE_CURRENT_LIST_DIR}/books_views.c)
