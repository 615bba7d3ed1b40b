# SPDX-License-Identifier: GPL-3.0-or-later
# Refuses flags that let the compiler change the results, in compiling (clang tells of some by no macro that
# src/base/arithmetic.h could see) or in linking (-ffast-math then makes the whole program round small numbers to 0).
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
set(flags "${CMAKE_C_COMPILER_ARG1} ${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${build_type}} ${CMAKE_EXE_LINKER_FLAGS} \
${CMAKE_SHARED_LINKER_FLAGS}")
string(REGEX MATCH "(^| )(-Ofast|-ffast-math|-funsafe-math-optimizations|-fassociative-math|-freciprocal-math|\
-ffinite-math-only|-fno-honor-(nans|infinities)|-fno-signed-zeros|-fapprox-func|-ffp-model=(fast|aggressive)|\
-fdenormal-fp-math=[^ ]*|-mrecip[^ ]*|-mdaz-ftz|-fsingle-precision-constant|-mfpmath=[^ ]*387[^ ]*)( |$)"
       refused_flag "${flags}")
if(refused_flag)
  string(STRIP "${refused_flag}" refused_flag)
  message(FATAL_ERROR "${refused_flag} would change modeseek's results, which must have the same bits in every build: \
take it out of CFLAGS, CMAKE_C_FLAGS, CMAKE_C_FLAGS_${build_type} and LDFLAGS")
endif()
