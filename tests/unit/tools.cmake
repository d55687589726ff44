hutong_test(unit_gen SOURCES ${CMAKE_CURRENT_LIST_DIR}/gen.c LINK hutong_gen hutong_validation_core hutong_codes hutong_pb hutong_base)
hutong_test(unit_trace_file SOURCES ${CMAKE_CURRENT_LIST_DIR}/trace_file.c LINK hutong_trace_file hutong_pb hutong_base
  PkgConfig::ZSTD PkgConfig::XXHASH)
hutong_test(unit_catalogue SOURCES ${CMAKE_CURRENT_LIST_DIR}/catalogue.c ${CMAKE_SOURCE_DIR}/tests/support/core_harness.c
  LINK hutong_replay hutong_validation_core hutong_store hutong_base)
