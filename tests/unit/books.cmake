hutong_test(unit_sum_tree SOURCES ${CMAKE_CURRENT_LIST_DIR}/sum_tree.c LINK hutong_books_engines)
