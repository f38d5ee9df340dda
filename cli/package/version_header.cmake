# SPDX-License-Identifier: Apache-2.0
# cmake -DSOURCE_DIR=... -DOUTPUT=... -P version_header.cmake: writes footbridge_version.h if the version has changed.
#   a checkout with a version tag:   git describe, without the leading v    0.1.0   0.1.0-4-g1a2b3c4   ...-dirty
#   a checkout without one:          VERSION and the commit                 0.1.0-g1a2b3c4
#   no checkout (a source archive):  VERSION                                0.1.0
file(STRINGS ${SOURCE_DIR}/VERSION version LIMIT_COUNT 1)
file(REAL_PATH ${SOURCE_DIR} source_dir)

function(git result)
  execute_process(COMMAND git -C ${SOURCE_DIR} ${ARGN} OUTPUT_VARIABLE out ERROR_QUIET RESULT_VARIABLE code
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT code STREQUAL 0)
    set(out "")
  endif()
  set(${result} "${out}" PARENT_SCOPE)
endfunction()

git(top rev-parse --show-toplevel)
if(top AND top STREQUAL source_dir)  # not another project's checkout that contains this folder
  git(tagged describe --tags --match "v[0-9]*" --dirty)
  git(commit describe --always --exclude "*" --dirty)
  if(tagged)
    string(REGEX REPLACE "^v" "" version ${tagged})
  elseif(commit)
    set(version "${version}-g${commit}")
  endif()
endif()

set(text "#pragma once\n#define FOOTBRIDGE_VERSION \"${version}\"\n")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT "${old}" STREQUAL "${text}")
  file(WRITE ${OUTPUT} "${text}")
endif()
