# SPDX-License-Identifier: GPL-3.0-or-later
# Run at build time: writes HEADER, only if it changes, with the commit of the tree SOURCE.
set(text "/* not built from a git tree */\n")
if(GIT)
  execute_process(COMMAND ${GIT} -C ${SOURCE} describe --always --dirty --abbrev=12
                  OUTPUT_VARIABLE commit RESULT_VARIABLE status OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(status EQUAL 0)
    set(text "#define MS_GIT_COMMIT \"${commit}\"\n")
  endif()
endif()
set(old "")
if(EXISTS ${HEADER})
  file(READ ${HEADER} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${HEADER} "${text}")
endif()
