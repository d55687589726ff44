# Not with sanitizers: they want to be loaded first.
if(NOT HUTONG_SANITIZE)
  add_library(sync_shim SHARED ${CMAKE_CURRENT_LIST_DIR}/sync_shim.c)
  target_link_libraries(sync_shim PRIVATE hutong_flags ${CMAKE_DL_LIBS} Threads::Threads)
  set_target_properties(sync_shim PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
  add_test(NAME e2e_torn_power COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tests/e2e/torn_power.py)
  set_tests_properties(e2e_torn_power PROPERTIES LABELS e2e TIMEOUT 300 ENVIRONMENT "HUTONG_BIN=${CMAKE_BINARY_DIR}/bin" RUN_SERIAL TRUE)
endif()
