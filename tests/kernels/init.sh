#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC2154  # $modules is in the settings
# The first process of a kernel that boot.py starts. It mounts the machine's files read-only below a file system in
# memory, runs the job's command there, writes the exit code into the job's folder, and switches the guest off.
PATH=/bin:/usr/sbin:/usr/bin:/sbin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in /modules/*; do
  insmod "$module"
done
options=trans=virtio,version=9p2000.L,msize=512000
mount -t tmpfs tmpfs /upper
mkdir /upper/changes /upper/work
mount -t 9p -o "$options,cache=loose,ro" root /lower
mount -t overlay -o lowerdir=/lower,upperdir=/upper/changes,workdir=/upper/work overlay /new
mount -t tmpfs tmpfs /new/run
mount -t tmpfs tmpfs /new/tmp
mkdir -p /new/run/job /new/run/netns
mount -t 9p -o "$options,cache=none" job /new/run/job
. /new/run/job/settings
mkdir -p /new/usr/lib/modules
mount -o bind "/new$modules" /new/usr/lib/modules
for kind in proc sysfs; do
  mount -t "$kind" "$kind" "/new/${kind%fs}"
done
mount -t devtmpfs dev /new/dev
mkdir -p /new/dev/pts /new/dev/shm /new/dev/net
mount -t devpts devpts /new/dev/pts
mount -t tmpfs tmpfs /new/dev/shm
[ -e /new/dev/net/tun ] || mknod /new/dev/net/tun c 10 200
for number in fd stdin:0 stdout:1 stderr:2; do
  name=${number%:*}
  file=/proc/self/fd
  [ "$name" = fd ] || file=$file/${number#*:}
  [ -e "/new/dev/$name" ] || ln -s "$file" "/new/dev/$name"
done
out=/dev/null
for port in /sys/class/virtio-ports/*; do
  [ "$(cat "$port/name")" != out ] || out=/dev/${port##*/}
done
mkdir -p /sbin
# The kernel calls modprobe in this root.
printf '#!/bin/busybox sh\nexec chroot /new /usr/sbin/modprobe "$@"\n' >/sbin/modprobe
chmod 755 /sbin/modprobe
chroot /new /usr/sbin/modprobe -a br_netfilter ip_tables ip6_tables veth bridge 8021q nf_tables 2>/dev/null
ip link set lo up
chroot /new /bin/sh /run/job/command </dev/null >"$out" 2>&1
echo "$?" >/new/run/job/code
sync
echo o >/proc/sysrq-trigger
sleep 60
