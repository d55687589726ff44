# SPDX-License-Identifier: Apache-2.0
hutong_test(unit_gen SOURCES ${CMAKE_CURRENT_LIST_DIR}/gen.c LINK hutong_gen hutong_validation_core)
hutong_test(unit_trace_file SOURCES ${CMAKE_CURRENT_LIST_DIR}/trace_file.c LINK hutong_trace_file PkgConfig::ZSTD PkgConfig::XXHASH)
hutong_test(unit_trace_path SOURCES ${CMAKE_CURRENT_LIST_DIR}/trace_path.c LINK hutong_trace_path hutong_trace_report hutong_base PkgConfig::JANSSON)
hutong_test(unit_pseudonym SOURCES ${CMAKE_CURRENT_LIST_DIR}/pseudonym.c LINK hutong_pseudonym hutong_gen hutong_pb hutong_codes hutong_base)
hutong_test(unit_catalogue SOURCES ${CMAKE_CURRENT_LIST_DIR}/catalogue.c LINK hutong_harness hutong_validation_core)
hutong_test(unit_files SOURCES ${CMAKE_CURRENT_LIST_DIR}/files.c ${CMAKE_SOURCE_DIR}/tools/input.c ${CMAKE_SOURCE_DIR}/tools/statement_file.c
  LINK hutong_client hutong_reference_row hutong_tree hutong_config hutong_json hutong_net hutong_pb hutong_codes hutong_base PkgConfig::JANSSON)
hutong_test(unit_awaiting SOURCES ${CMAKE_CURRENT_LIST_DIR}/awaiting.c ${CMAKE_SOURCE_DIR}/tools/awaiting.c ${CMAKE_SOURCE_DIR}/tools/repeats.c
  LINK hutong_config hutong_net hutong_pb hutong_base PkgConfig::JANSSON)
hutong_test(unit_sheet SOURCES ${CMAKE_CURRENT_LIST_DIR}/sheet.c LINK hutong_reference_row hutong_json hutong_pb hutong_codes hutong_base PkgConfig::JANSSON)
hutong_test(unit_amount_words SOURCES ${CMAKE_CURRENT_LIST_DIR}/amount_words.c LINK hutong_words hutong_base)
hutong_test(unit_verb SOURCES ${CMAKE_CURRENT_LIST_DIR}/verb.c LINK hutong_verb hutong_reference_row hutong_json hutong_pb hutong_base PkgConfig::JANSSON)
hutong_test(unit_explanation SOURCES ${CMAKE_CURRENT_LIST_DIR}/explanation.c ${CMAKE_SOURCE_DIR}/tools/explanation.c
  LINK hutong_benefit hutong_transfer hutong_pb hutong_base PkgConfig::JANSSON)
hutong_test(unit_receipt_proof SOURCES ${CMAKE_CURRENT_LIST_DIR}/receipt_proof.c ${CMAKE_SOURCE_DIR}/tools/proof.c
  LINK hutong_tlog_note hutong_tlog hutong_store hutong_pb hutong_base)
hutong_test(unit_guess SOURCES ${CMAKE_CURRENT_LIST_DIR}/guess.c LINK hutong_base)
hutong_test(unit_watch_frame SOURCES ${CMAKE_CURRENT_LIST_DIR}/watch_frame.c ${CMAKE_SOURCE_DIR}/tools/watch_frame.c LINK hutong_words hutong_base PkgConfig::JANSSON)
hutong_test(unit_doctor_exchange SOURCES ${CMAKE_CURRENT_LIST_DIR}/doctor_exchange.c ${CMAKE_SOURCE_DIR}/tools/doctor_exchange.c ${CMAKE_SOURCE_DIR}/tools/full.c ${CMAKE_SOURCE_DIR}/tools/cli.c
    ${CMAKE_SOURCE_DIR}/tools/arguments.c ${CMAKE_SOURCE_DIR}/tools/command.c
  LINK hutong_client hutong_reference_row hutong_words hutong_bus hutong_json hutong_config hutong_net hutong_observe hutong_pb hutong_codes hutong_base PkgConfig::JANSSON)
hutong_test(unit_manifest SOURCES ${CMAKE_CURRENT_LIST_DIR}/manifest.c LINK hutong_manifest hutong_base PkgConfig::JANSSON)
hutong_test(unit_archive SOURCES ${CMAKE_CURRENT_LIST_DIR}/archive.c ${CMAKE_SOURCE_DIR}/tools/archive.c ${CMAKE_SOURCE_DIR}/tools/archiving.c
  ${CMAKE_SOURCE_DIR}/tools/packed.c ${CMAKE_SOURCE_DIR}/tools/directory.c ${CMAKE_SOURCE_DIR}/tools/log_source.c
  LINK hutong_manifest hutong_broker_log hutong_config hutong_net hutong_store hutong_pb hutong_base PkgConfig::ZSTD PkgConfig::JANSSON)
