# SPDX-License-Identifier: Apache-2.0
# Tests of the house itself: generated pages, scripts, the image.
find_program(GAWK gawk REQUIRED)
add_test(NAME house_errors_page_is_up_to_date
  COMMAND sh -c "'${GAWK}' -f tools/errors_md.awk common/codes/rule.def | diff - docs/ERRORS.md"
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME house_transfers_page_is_up_to_date
  COMMAND sh -c "'${GAWK}' -f tools/transfers_md.awk common/engines/transfer/pension.def common/engines/transfer/medical.def common/engines/transfer/unemployment.def | diff - docs/TRANSFERS.md"
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
find_program(SYSTEM_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
add_test(NAME house_pages_are_true COMMAND ${SYSTEM_PYTHON} tools/tidy_docs.py check $<TARGET_FILE:hutong> WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME house_protocol_example_is_true COMMAND ${SYSTEM_PYTHON} tests/e2e/protocol_example.py WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME house_blocks_are_up_to_date COMMAND ${SYSTEM_PYTHON} tools/blocks.py check WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME house_dashboard_is_up_to_date COMMAND ${SYSTEM_PYTHON} docker/grafana/make.py check WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(house_dashboard_is_up_to_date house_protocol_example_is_true house_blocks_are_up_to_date house_errors_page_is_up_to_date house_transfers_page_is_up_to_date house_pages_are_true PROPERTIES LABELS unit TIMEOUT 30)

add_test(NAME house_console_pages_are_whole COMMAND ${SYSTEM_PYTHON} tests/browser/pages.py WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME house_console_pages_check_finds COMMAND ${SYSTEM_PYTHON} tests/browser/pages.py self-test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(house_console_pages_are_whole house_console_pages_check_finds PROPERTIES LABELS unit TIMEOUT 30)

find_program(PROMTOOL promtool)
if(PROMTOOL)
  add_test(NAME house_alerts_fire COMMAND ${PROMTOOL} test rules docker/alerts_test.yml WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  add_test(NAME house_prometheus_takes_its_configuration COMMAND ${PROMTOOL} check config docker/prometheus.yml
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(house_alerts_fire PROPERTIES LABELS contract TIMEOUT 180) # days of series
  set_tests_properties(house_prometheus_takes_its_configuration PROPERTIES LABELS unit TIMEOUT 30)
endif()

foreach(part transfers books)
  add_test(NAME e2e_demo_of_${part} COMMAND scripts/demo-${part} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(e2e_demo_of_${part} PROPERTIES LABELS e2e TIMEOUT 120 ENVIRONMENT "HUTONG_BIN=${CMAKE_BINARY_DIR}/bin" RUN_SERIAL TRUE)
endforeach()

add_test(NAME house_image COMMAND tests/e2e/docker_test.sh WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(house_image PROPERTIES LABELS e2e TIMEOUT 900 SKIP_RETURN_CODE 77)

if(NOT HUTONG_SANITIZE) # a client of a sanitized library would have to be one as well
  add_test(NAME house_installs COMMAND ${CMAKE_CURRENT_LIST_DIR}/install_test.sh ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  set_tests_properties(house_installs PROPERTIES LABELS contract TIMEOUT 120)
endif()

# Protections of the built files, and of the units where systemd-analyze is there.
add_test(NAME house_elf_check_finds COMMAND ${SYSTEM_PYTHON} tools/elf_check.py self-test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(house_elf_check_finds PROPERTIES LABELS unit TIMEOUT 60)
if(NOT HUTONG_SANITIZE AND NOT CMAKE_BUILD_TYPE STREQUAL Debug)
  add_test(NAME house_programs_are_protected COMMAND ${SYSTEM_PYTHON} tools/elf_check.py check ${CMAKE_BINARY_DIR} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(house_programs_are_protected PROPERTIES LABELS unit TIMEOUT 60)
endif()
add_test(NAME systemd_units COMMAND ${CMAKE_CURRENT_LIST_DIR}/systemd_units.sh ${CMAKE_BINARY_DIR}/systemd)
set_tests_properties(systemd_units PROPERTIES LABELS unit TIMEOUT 60 SKIP_RETURN_CODE 77)
add_test(NAME house_books_words_are_the_tables COMMAND ${SYSTEM_PYTHON} tests/browser/books_words.py WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(house_books_words_are_the_tables PROPERTIES LABELS unit TIMEOUT 30)
