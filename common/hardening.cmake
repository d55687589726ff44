# SPDX-License-Identifier: Apache-2.0
# Protections of compiler and linker, for every program; tools/elf_check.py reads the built files for them. What gcc has of
# control-flow integrity is CET (and BTI on aarch64): branches land on marked instructions. Clang's -fsanitize=cfi needs LTO of all, and
# visibility that static archives lack.
include(CheckCCompilerFlag)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
# Off: it costs the cores 1.6 % more instructions (docs/SECURITY.md, "Cost"); sanitizers look for what it would hide.
option(HUTONG_ZERO_STACK "variables of the stack that nobody set are zero" OFF)
set(flags -fstack-clash-protection -fcf-protection=full -mbranch-protection=standard)
if(HUTONG_ZERO_STACK)
  list(APPEND flags -ftrivial-auto-var-init=zero)
endif()
set(CMAKE_REQUIRED_FLAGS -Werror) # one that is taken and not used counts as lacking
foreach(flag IN LISTS flags)
  string(MAKE_C_IDENTIFIER "HAS${flag}" has)
  check_c_compiler_flag(${flag} ${has})
  if(${has})
    add_compile_options(${flag})
  endif()
endforeach()
unset(CMAKE_REQUIRED_FLAGS)
if(NOT HUTONG_SANITIZE) # sanitizers see more of the plain functions; without optimisation there is no fortification
  add_compile_options($<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE>
    $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-D_FORTIFY_SOURCE=3>)
endif()
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
