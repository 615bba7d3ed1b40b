# SPDX-License-Identifier: GPL-3.0-or-later
# Finds a BLAS: blas_libraries, and whether there is one, MODESEEK_HAS_BLAS. Without one, or with a slow one (Debian's
# libblas3), targets made of data are slow: how slow, is measured.
option(MODESEEK_BLAS "Use a BLAS for products of matrices, if there is one" ON)
set(MODESEEK_HAS_BLAS OFF)
set(blas_libraries "")
set(blas_advice "install OpenBLAS (Debian: libopenblas-serial-dev, or scripts/install-deps.sh) and configure anew")
if(MODESEEK_BLAS)
  pkg_check_modules(openblas QUIET openblas)
  find_library(OPENBLAS_LIBRARY NAMES openblas HINTS ${openblas_LIBRARY_DIRS})
  if(OPENBLAS_LIBRARY AND NOT BLA_VENDOR)
    set(blas_libraries ${OPENBLAS_LIBRARY})
  else()
    find_package(BLAS QUIET)
    set(blas_libraries ${BLAS_LIBRARIES})
  endif()
endif()
if(NOT blas_libraries)
  message(WARNING "No BLAS: targets made of data will run on plain loops, at a fraction of the speed; ${blas_advice}")
  return()
endif()
set(MODESEEK_HAS_BLAS ON)
if(NOT CMAKE_CROSSCOMPILING AND NOT blas_measured STREQUAL "${blas_libraries}")
  set(CMAKE_TRY_COMPILE_CONFIGURATION Release) # the loops, too, are to be optimised
  try_run(blas_runs blas_links ${PROJECT_BINARY_DIR}/blas_speed ${CMAKE_CURRENT_LIST_DIR}/blas_speed.c
          LINK_LIBRARIES ${blas_libraries} RUN_OUTPUT_VARIABLE blas_factor COMPILE_OUTPUT_VARIABLE blas_output)
  if(NOT blas_links)
    message(FATAL_ERROR "The BLAS found (${blas_libraries}) cannot be linked: set -DMODESEEK_BLAS=OFF, or BLA_VENDOR to \
another one\n${blas_output}")
  endif()
  if(NOT blas_runs EQUAL 0)
    message(WARNING "The BLAS found (${blas_libraries}) is only ${blas_factor} times as fast as plain loops, where OpenBLAS is \
five times or more: targets made of data will be slow; ${blas_advice}")
  else()
    message(STATUS "BLAS: ${blas_libraries}, ${blas_factor} times as fast as plain loops")
    set(blas_measured "${blas_libraries}" CACHE INTERNAL "the BLAS that was found to be fast")
  endif()
endif()
