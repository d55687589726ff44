# The numbers of transfers are data files; awk turns them into C tables at build time, as with common/codes.
function(transfer_table name)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/transfer_${name}.inc)
  set(csv ${CMAKE_SOURCE_DIR}/data/transfers/${name}.csv)
  set(awk ${CMAKE_CURRENT_SOURCE_DIR}/transfer/${name}.awk)
  add_custom_command(OUTPUT ${out} COMMAND sh -c "awk -F, -f '${awk}' '${csv}' | LC_ALL=C sort -u > '${out}'"
    DEPENDS ${csv} ${awk} VERBATIM)
endfunction()
transfer_table(parameters)
transfer_table(unemployment_months)
transfer_table(unemployment_benefit)
hutong_library(hutong_transfer_money
  SOURCES transfer/steps.c transfer/parameters.c transfer/months.c transfer/contribution.c transfer/pension_funds.c
          transfer/pension_place.c transfer/pension_admission.c transfer/unemployment.c transfer/waiting.c
          ${CMAKE_CURRENT_BINARY_DIR}/transfer_parameters.inc ${CMAKE_CURRENT_BINARY_DIR}/transfer_unemployment_months.inc
          ${CMAKE_CURRENT_BINARY_DIR}/transfer_unemployment_benefit.inc
  LINK hutong_base hutong_codes hutong_pb)
target_include_directories(hutong_transfer_money PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
