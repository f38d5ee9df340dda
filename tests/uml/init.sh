#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The init process under User Mode Linux; boot.py starts the kernel. It mounts the usual file systems, loads the modules
# for the tests, runs the command, writes its exit code to a file for boot.py, and powers off.
echo "footbridge-uml: booted"
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /mnt
mkdir -p "$FOOTBRIDGE_UML" /run/tmp /dev/shm
mount -t tmpfs tmpfs /dev/shm  # for Python's semaphores
mount -t hostfs -o "$FOOTBRIDGE_UML" hostfs "$FOOTBRIDGE_UML"  # the only writable folder of this machine

modules=/usr/lib/uml/modules/$(uname -r)

# load NAME: loads the module after its dependencies, which modules.dep lists in reverse order.
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
    echo "footbridge-uml: cannot load module $module"
    code=1
  }
done
if [ "$code" -eq 0 ]; then
  TMPDIR=/run/tmp sh "$FOOTBRIDGE_UML/command" </dev/null 2>&1 || code=$?
fi
echo "$code" >"$FOOTBRIDGE_UML/code"
busybox poweroff -f
