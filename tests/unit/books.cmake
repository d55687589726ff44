hutong_test(unit_sum_tree SOURCES ${CMAKE_CURRENT_LIST_DIR}/sum_tree.c LINK hutong_tree)
foreach(part core after refund supervision questions histories boundaries boundaries_replies boundaries_money boundaries_advance limits)
  hutong_test(unit_books_${part} SOURCES ${CMAKE_CURRENT_LIST_DIR}/books_${part}.c ${CMAKE_CURRENT_LIST_DIR}/books_rig.c
    ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c LINK hutong_replay hutong_books_core hutong_clearing_policy_file hutong_store)
endforeach()
target_sources(unit_books_histories PRIVATE ${CMAKE_CURRENT_LIST_DIR}/books_model.c
  ${CMAKE_CURRENT_LIST_DIR}/books_random.c ${CMAKE_CURRENT_LIST_DIR}/books_views.c)
target_sources(unit_books_limits PRIVATE ${CMAKE_SOURCE_DIR}/tests/support/gazettes.c)
target_link_libraries(unit_books_limits PRIVATE hutong_gazette)
