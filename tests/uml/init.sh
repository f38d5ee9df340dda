#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The first process under User Mode Linux, started by boot.py: mounts what a host has, loads the modules that the tests need,
# runs the command, leaves its exit code where boot.py finds it, and switches the machine off.
echo "footbridge-uml: booted"
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /mnt
mkdir -p "$FOOTBRIDGE_UML" /run/tmp /dev/shm
mount -t tmpfs tmpfs /dev/shm  # Python's semaphores are there
mount -t hostfs -o "$FOOTBRIDGE_UML" hostfs "$FOOTBRIDGE_UML"  # the one place where this machine's files are written

modules=/usr/lib/uml/modules/$(uname -r)

# load NAME: the module, and before it those that it needs, which modules.dep lists from the nearest to the farthest.
load() {
  line=$(grep "/$1\.ko:" "$modules/modules.dep") || return 0  # built in
  files=
  for file in ${line%%:*} ${line#*:}; do
    files="$file $files"
  done
  for file in $files; do
    name=$(basename "$file" .ko | tr - _)
    [ -d "/sys/module/$name" ] || busybox insmod "$modules/$file" || return 1
  done
}

code=0
for module in ipv6 bridge veth 8021q dummy nf_tables; do
  load "$module" || {
    echo "footbridge-uml: no module $module"
    code=1
  }
done
if [ "$code" -eq 0 ]; then
  TMPDIR=/run/tmp sh "$FOOTBRIDGE_UML/command" </dev/null 2>&1 || code=$?
fi
echo "$code" >"$FOOTBRIDGE_UML/code"
busybox poweroff -f
