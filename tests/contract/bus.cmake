# SPDX-License-Identifier: Apache-2.0
add_executable(contract_bus ${CMAKE_CURRENT_LIST_DIR}/bus_suite.c ${CMAKE_CURRENT_LIST_DIR}/bus_ahead.c ${CMAKE_CURRENT_LIST_DIR}/bus_rig.c)
target_link_libraries(contract_bus PRIVATE hutong_tests hutong_bus hutong_bus_zmq hutong_net hutong_observe hutong_pb hutong_base)
target_compile_definitions(contract_bus PRIVATE HUTONG_BROKER="$<TARGET_FILE:hutong-broker>")
if(NOT HUTONG_SANITIZE) # they want to be loaded first: nothing can hold the disk
  target_compile_definitions(contract_bus PRIVATE HUTONG_HOLD_SHIM="${CMAKE_BINARY_DIR}/lib/libhold_shim.so")
  add_dependencies(contract_bus hold_shim)
endif()
foreach(engine mem zmq)
  add_test(NAME contract_bus_${engine} COMMAND contract_bus ${engine})
  set_tests_properties(contract_bus_${engine} PROPERTIES LABELS contract TIMEOUT 120)
endforeach()
