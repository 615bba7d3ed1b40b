# SPDX-License-Identifier: GPL-3.0-or-later
# Installs libmodeseek with its headers, a CMake package and a pkg-config file; the documents, and what goes with the
# program.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/modeseek)

install(TARGETS modeseek EXPORT modeseek-targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/modeseek DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_BINARY_DIR}/include/modeseek/version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/modeseek)
install(EXPORT modeseek-targets NAMESPACE modeseek:: DESTINATION ${package_dir})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/modeseek-config.cmake.in
                              ${PROJECT_BINARY_DIR}/cmake/modeseek-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/modeseek-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cmake/modeseek-config.cmake
              ${PROJECT_BINARY_DIR}/cmake/modeseek-config-version.cmake DESTINATION ${package_dir})

# All relative, so that `cmake --install --prefix` and moved trees work.
file(RELATIVE_PATH pc_to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH pc_libdir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH pc_includedir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
list(TRANSFORM CMAKE_DL_LIBS PREPEND -l OUTPUT_VARIABLE pc_dl)
list(JOIN pc_dl " " pc_dl)
set(pc_blas "") # a shared library brings its own along
if(NOT BUILD_SHARED_LIBS)
  foreach(library IN LISTS blas_libraries) # by name, for programs without shared libraries
    if(library MATCHES "^(.*)/lib([^/]*)[.](so|a|dylib)$")
      string(APPEND pc_blas " -L${CMAKE_MATCH_1} -l${CMAKE_MATCH_2}")
    else()
      string(APPEND pc_blas " ${library}")
    endif()
  endforeach()
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/modeseek.pc.in ${PROJECT_BINARY_DIR}/cmake/modeseek.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cmake/modeseek.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# In one folder, laid out as in the source, so that the documents' links and the scripts' paths hold.
set(data_dir ${CMAKE_INSTALL_DATADIR}/modeseek)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs ${PROJECT_SOURCE_DIR}/data DESTINATION ${data_dir} PATTERN __pycache__ EXCLUDE)
foreach(file LICENSE README.md CHANGELOG.md CITATION.cff SECURITY.md SUPPORT.md)
  install(FILES ${PROJECT_SOURCE_DIR}/${file} DESTINATION ${data_dir})
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples DESTINATION ${data_dir})
if(MODESEEK_BUILD_PROGRAM)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/experiments DESTINATION ${data_dir}
          USE_SOURCE_PERMISSIONS FILES_MATCHING PATTERN "*.py" PATTERN "*.yaml" PATTERN "*.md"
          PATTERN __pycache__ EXCLUDE)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/analysis DESTINATION ${data_dir} USE_SOURCE_PERMISSIONS
          PATTERN __pycache__ EXCLUDE PATTERN "*.egg-info" EXCLUDE PATTERN ".*" EXCLUDE)
  install(FILES ${PROJECT_SOURCE_DIR}/packaging/modulefile DESTINATION ${data_dir}/packaging)
  install(PROGRAMS ${PROJECT_SOURCE_DIR}/scripts/python3.sh ${PROJECT_SOURCE_DIR}/scripts/reproduce
          DESTINATION ${data_dir}/scripts)
  install(FILES ${PROJECT_SOURCE_DIR}/scripts/common.sh DESTINATION ${data_dir}/scripts)  # which reproduce sources
  if(EXISTS ${PROJECT_SOURCE_DIR}/slurm)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/slurm DESTINATION ${data_dir} USE_SOURCE_PERMISSIONS)
  endif()
endif()
