# SPDX-License-Identifier: Apache-2.0
# cmake -D ROOT= -D VERSION= -D GIVEN= -D OUT= -P build.cmake: writes OUT where what it says has changed. GIVEN: a packager's word.
set(COMMIT "${GIVEN}")
if(NOT COMMIT)
  execute_process(COMMAND git -C ${ROOT} describe --always --dirty --abbrev=12 --exclude=* OUTPUT_VARIABLE COMMIT
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT COMMIT)
  set(COMMIT unknown)
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/build.c.in ${OUT} @ONLY)
