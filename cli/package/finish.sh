#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# finish.sh DEB EPOCH BINDIR FOLDER TARBALL SOURCE: repacks CPack's .deb in place (CPack then copies it into FOLDER),
# and writes the release tarball and the checksums into FOLDER. The same content always gives the same bytes.
#
# CPack keeps the file system's order and times; dpkg-deb sorts the files. dpkg installs symbolic links after all files,
# so a plugin's name never leads to a missing executable.
set -eu
deb=$1 epoch=$2 bindir=$3 folder=$4 tarball=$5 source=$6
umask 022
export LC_ALL=C SOURCE_DATE_EPOCH="$epoch"
unset DPKG_DEB_COMPRESSOR_TYPE DPKG_DEB_COMPRESSOR_LEVEL DPKG_DEB_THREADS_MAX GZIP TAR_OPTIONS XZ_OPT XZ_DEFAULTS

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
dpkg-deb --raw-extract "$deb" "$tree"
chmod -R u=rwX,go=rX "$tree"
(cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | sort | xargs -d '\n' md5sum) >"$work/md5sums"
cat "$work/md5sums" >"$tree/DEBIAN/md5sums"
# In KiB, as dpkg-gencontrol(1) counts. CPack counts a link as large as its target.
size=$(find "$tree" -path "$tree/DEBIAN" -prune -o -type f -printf '%s\n' -o -printf '1\n' |
  awk '{ total += int(($1 + 1023) / 1024) } END { print total }')
sed -i "s/^Installed-Size:.*/Installed-Size: $size/" "$tree/DEBIAN/control"
find "$tree" -exec touch --no-dereference --date="@$epoch" {} +
dpkg-deb --root-owner-group --threads-max=1 -Zxz --build "$tree" "$work/package.deb"
cat "$work/package.deb" >"$deb"

# As in the reference's tarball, everything is at the top, so that it can be unpacked into a folder of plugins. It has
# no entry for that folder, so owner, mode and time of the folder do not change. The executable comes before the links
# to it.
top=$work/top
mkdir "$top"
cp -P "$tree$bindir"/* "$top/"
cp "$source/LICENSE" "$source/README.md" "$top/"
cp "$source/cli/package/copyright" "$top/COPYRIGHT"
(
  cd "$top"
  { echo ./footbridge && find . -mindepth 1 ! -name footbridge | sort; } |
    tar --create --no-recursion --files-from=- --format=gnu --owner=root:0 --group=root:0 --mode=u=rwX,go=rX \
      --mtime="@$epoch"
) | gzip -9n >"$work/tarball"
cat "$work/tarball" >"$folder/$tarball"

# checksum FILE NAME: writes NAME.sha256 for `sha256sum --check`.
checksum() {
  printf '%s  %s\n' "$(sha256sum <"$1" | cut -d ' ' -f 1)" "$2" >"$folder/$2.sha256"
}
checksum "$deb" "$(basename "$deb")"
checksum "$work/tarball" "$tarball"
