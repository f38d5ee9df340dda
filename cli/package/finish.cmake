# SPDX-License-Identifier: Apache-2.0
# CPack runs this after it created the .deb: see finish.sh.
foreach(package IN LISTS CPACK_PACKAGE_FILES)
  execute_process(
    COMMAND sh ${CPACK_FOOTBRIDGE_SOURCE}/cli/package/finish.sh ${package} ${CPACK_FOOTBRIDGE_EPOCH}
            ${CPACK_FOOTBRIDGE_BINDIR} ${CPACK_PACKAGE_DIRECTORY} ${CPACK_FOOTBRIDGE_TARBALL} ${CPACK_FOOTBRIDGE_SOURCE}
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
