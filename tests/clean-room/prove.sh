#!/usr/bin/env bash
# Shows that a machine on which nothing of this project was ever installed can build, show and test it:
#   sudo debootstrap --variant=minbase --include=git,ca-certificates bookworm ROOT
#   sudo tests/clean-room/prove.sh ROOT [demo] [test]
# ROOT must be able to run apt-get (its sources, and whatever the network asks for, are the caller's to set up). The
# commit that is checked out here is cloned into it, without the working tree. Needs root, for chroot, /proc and /dev/shm.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
root=${1:?usage: prove.sh ROOT [demo] [test]}
shift
[ -x "$root/usr/bin/apt-get" ] || { echo "prove: $root is not a Debian or Ubuntu root" >&2; exit 64; }
[ $# -gt 0 ] || set -- demo test

rm -rf "$root/tfseal"
git clone -q "$here" "$root/tfseal"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/dev/shm" || { mkdir -p "$root/dev/shm" && mount -t tmpfs tmpfs "$root/dev/shm"; }
trap 'umount "$root/proc" "$root/dev/shm"' EXIT
for command in "$@"; do
  echo "prove: ./dev $command in $root, $(git -C "$root/tfseal" log -1 --format=%h)"
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ CI=true chroot "$root" bash -c "cd tfseal && time ./dev $command"
done
