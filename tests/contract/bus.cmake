# SPDX-License-Identifier: Apache-2.0
add_executable(contract_bus ${CMAKE_CURRENT_LIST_DIR}/bus_suite.c)
target_link_libraries(contract_bus PRIVATE hutong_tests hutong_bus hutong_bus_zmq hutong_net hutong_observe hutong_pb hutong_base)
target_compile_definitions(contract_bus PRIVATE HUTONG_BROKER="$<TARGET_FILE:hutong-broker>")
foreach(engine mem zmq)
  add_test(NAME contract_bus_${engine} COMMAND contract_bus ${engine})
  set_tests_properties(contract_bus_${engine} PROPERTIES LABELS contract TIMEOUT 120)
endforeach()
