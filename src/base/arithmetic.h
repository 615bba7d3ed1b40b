/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Included at the head of every source file by CMake: refuses arithmetic that is not IEEE 754's, operation by
 * operation, because results would silently differ from those of every other build. What clang has no macro
 * for, cmake/arithmetic.cmake finds among the flags. */
#ifndef MS_ARITHMETIC_H
#define MS_ARITHMETIC_H

#include <float.h>

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__) ||                     \
    defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || defined(__NO_SIGNED_ZEROS__) ||         \
    (defined(__GCC_IEC_559) && __GCC_IEC_559 == 0)
#error                                                                                                       \
    "modeseek's results need exact IEEE arithmetic: compile without -ffast-math, -Ofast and what they imply"
#endif

#if FLT_EVAL_METHOD != 0
#error                                                                                                       \
    "modeseek's results need doubles that are rounded in each operation: on x86 compile with -msse2 -mfpmath=sse"
#endif

#endif
