hutong_test(unit_gen SOURCES ${CMAKE_CURRENT_LIST_DIR}/gen.c LINK hutong_gen hutong_validation_core hutong_codes hutong_pb hutong_base)
