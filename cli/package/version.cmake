# SPDX-License-Identifier: Apache-2.0
# The version and date of the packages. Included; sets in the including scope:
#   package_version    of the tag v<VERSION>, or without a checkout       0.1.0
#                      before that tag                                    0.1.0~git20261122181326.1a2b3c4
#                      after it, with the same VERSION                    0.1.0+git20261122181326.1a2b3c4
#                      so that each later build and the release are upgrades for dpkg
#   package_epoch      seconds since 1970: SOURCE_DATE_EPOCH, else the last commit, else the newest date in
#                      CHANGELOG.md, else the time of the file VERSION. All times in a package are this one.
set(package_version ${PROJECT_VERSION})
set(package_epoch)

# Without safe.directory git rejects root in another user's checkout.
function(fb_git result)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env TZ=UTC git -c safe.directory=${CMAKE_SOURCE_DIR} -C ${CMAKE_SOURCE_DIR} ${ARGN}
    OUTPUT_VARIABLE out ERROR_QUIET RESULT_VARIABLE code OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT code STREQUAL 0)
    set(out "")
  endif()
  set(${result} "${out}" PARENT_SCOPE)
endfunction()

file(REAL_PATH ${CMAKE_SOURCE_DIR} source_dir)
fb_git(top rev-parse --show-toplevel)
if(top AND top STREQUAL source_dir)  # not another project's checkout that contains this folder
  fb_git(package_epoch log -1 --format=%ct)
  fb_git(moment log -1 --format=%cd --date=format-local:%Y%m%d%H%M%S)
  fb_git(commit describe --always --exclude "*" --dirty=.dirty)
  fb_git(tags tag --points-at HEAD)
  fb_git(released describe --tags --match v${PROJECT_VERSION})
  string(REPLACE "\n" ";" tags "${tags}")
  if(package_epoch AND (NOT "v${PROJECT_VERSION}" IN_LIST tags OR commit MATCHES "dirty$"))
    set(sign "~")
    if(released)
      set(sign "+")
    endif()
    string(APPEND package_version "${sign}git${moment}.${commit}")
  endif()
endif()

if("$ENV{SOURCE_DATE_EPOCH}" MATCHES "^[0-9]+$")
  set(package_epoch $ENV{SOURCE_DATE_EPOCH})
elseif(NOT package_epoch)
  file(STRINGS ${CMAKE_SOURCE_DIR}/CHANGELOG.md dated REGEX "^## \\[.*\\] - [0-9-]+$" LIMIT_COUNT 1)
  if(dated MATCHES "([0-9-]+)$")
    execute_process(COMMAND date -u -d "${CMAKE_MATCH_1}" +%s
                    OUTPUT_VARIABLE package_epoch OUTPUT_STRIP_TRAILING_WHITESPACE)
  else()
    file(TIMESTAMP ${CMAKE_SOURCE_DIR}/VERSION package_epoch "%s" UTC)
  endif()
endif()
