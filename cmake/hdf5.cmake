# SPDX-License-Identifier: GPL-3.0-or-later
# Finds the parallel HDF5 that was built with the MPI found: hdf5_targets. With another MPI's, the program would load two
# MPIs and die in one of them.
include(CheckSymbolExists)

# Debian has several side by side and names each by its MPI; elsewhere, or with HDF5_ROOT, CMake's module looks.
set(CMAKE_REQUIRED_LIBRARIES MPI::MPI_C)
foreach(macro OPEN_MPI MPICH_VERSION)
  unset(mpi_has_${macro} CACHE) # MPI may be another one than last time
  check_symbol_exists(${macro} mpi.h mpi_has_${macro})
endforeach()
unset(CMAKE_REQUIRED_LIBRARIES)
set(hdf5_flavour other)
if(mpi_has_OPEN_MPI)
  set(hdf5_flavour openmpi)
elseif(mpi_has_MPICH_VERSION)
  set(hdf5_flavour mpich)
endif()
if(NOT HDF5_ROOT AND NOT DEFINED ENV{HDF5_ROOT})
  pkg_check_modules(hdf5_${hdf5_flavour} QUIET IMPORTED_TARGET GLOBAL hdf5-${hdf5_flavour})
endif()
if(hdf5_${hdf5_flavour}_FOUND)
  find_library(HDF5_HL_LIBRARY_${hdf5_flavour} NAMES hdf5_${hdf5_flavour}_hl REQUIRED
               HINTS ${hdf5_${hdf5_flavour}_LIBRARY_DIRS})
  set(hdf5_targets ${HDF5_HL_LIBRARY_${hdf5_flavour}} PkgConfig::hdf5_${hdf5_flavour})
  set(hdf5_name "HDF5 (${hdf5_${hdf5_flavour}_LINK_LIBRARIES})")
else()
  set(HDF5_PREFER_PARALLEL ON)
  find_package(HDF5 REQUIRED COMPONENTS C HL GLOBAL)
  set(hdf5_name "HDF5 (${HDF5_C_LIBRARIES})")
  if(NOT HDF5_IS_PARALLEL)
    message(FATAL_ERROR "The ${hdf5_name} found is not parallel: set HDF5_ROOT to one built with this MPI")
  endif()
  set(hdf5_targets hdf5::hdf5_hl hdf5::hdf5)
endif()

set(mpi_name "MPI (${MPI_C_LIBRARIES})")
set(what_to_do "set HDF5_ROOT to a parallel HDF5 built with this MPI (Debian: libhdf5-openmpi-dev or libhdf5-mpich-dev), \
or MPI_HOME or MPI_C_COMPILER to the MPI that HDF5 was built with")
try_compile(one_mpi_links ${PROJECT_BINARY_DIR}/one_mpi ${CMAKE_CURRENT_LIST_DIR}/one_mpi.c
            LINK_LIBRARIES MPI::MPI_C ${hdf5_targets} COPY_FILE ${PROJECT_BINARY_DIR}/one_mpi/program
            OUTPUT_VARIABLE one_mpi_output)
if(NOT one_mpi_links)
  message(FATAL_ERROR "${mpi_name} and ${hdf5_name} cannot be linked together: ${what_to_do}\n${one_mpi_output}")
endif()
find_program(LDD_PROGRAM ldd)
if(LDD_PROGRAM AND NOT CMAKE_CROSSCOMPILING)
  execute_process(COMMAND ${LDD_PROGRAM} ${PROJECT_BINARY_DIR}/one_mpi/program OUTPUT_VARIABLE loaded ERROR_QUIET)
  string(REGEX MATCHALL "lib(mpi|mpich|mpi_cray|mpi_gnu[_0-9]*|mpi_intel[_0-9]*|mpi_ibm)[.]so[.0-9]*" mpis "${loaded}")
  list(REMOVE_DUPLICATES mpis)
  list(LENGTH mpis count)
  if(count GREATER 1)
    message(FATAL_ERROR "${mpi_name} and ${hdf5_name} do not belong together, a program would load both of ${mpis}: \
${what_to_do}")
  endif()
endif()
