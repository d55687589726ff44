# SPDX-License-Identifier: Apache-2.0
foreach(name envelope json bus_frame gate records trace csv signing key_file note tile proof)
  hutong_fuzz(fuzz_${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_${name}.c
    LINK hutong_signing hutong_sign hutong_witness hutong_tlog hutong_tlog_note hutong_gate hutong_validation_core hutong_reconcile hutong_tree hutong_bus hutong_trace_file hutong_reference_row hutong_json hutong_pb hutong_codes hutong_base)
endforeach()
hutong_fuzz(fuzz_pseudonym SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_pseudonym.c LINK hutong_pseudonym hutong_settlement_core hutong_json hutong_pb hutong_codes hutong_base)
hutong_fuzz(fuzz_console SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_console.c LINK hutong_console_asking hutong_base)
hutong_fuzz(fuzz_manifest SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_manifest.c LINK hutong_manifest hutong_base PkgConfig::JANSSON)
