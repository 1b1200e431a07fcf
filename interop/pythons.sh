#!/bin/sh
# Installs CPython 3.14 and 3.15 for the interop tests, beside whatever the machine has.
#
#   sh interop/pythons.sh [DEST]        DEST defaults to /opt/pythons
#
# A stable Debian ships neither version, and mixing a newer suite into the system would replace its
# C library. So the packages of the newer suite are downloaded with an apt state of their own,
# unpacked under DEST/sysroot together with the C library they were built against, and the two
# interpreters are told (patchelf) to load from there. Nothing of it is registered with dpkg.
#
# Afterwards DEST/bin/python3.14 and DEST/bin/python3.15 run from anywhere. Doing it again costs two
# starts of Python. SUITE=… takes another Debian suite than the default.
set -eu

dest=${1:-/opt/pythons}
suite=${SUITE:-forky}
wanted='3.14 3.15'

say() { echo "pythons.sh: $*" >&2; }
give_up() { say "$*"; say "CPython $wanted are not installed"; exit 1; }

works() { "$dest/bin/python$1" -c 'import multiprocessing.managers, socket' >/dev/null 2>&1; }

missing=
for v in $wanted; do works "$v" || missing="$missing $v"; done
if [ -z "$missing" ]; then exit 0; fi

# What the rest needs, each with its own message: a CI log should name the cause, not a symptom.
for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || give_up "$tool not found: this script needs a Debian system"
done
[ -r /etc/debian_version ] || give_up "/etc/debian_version not found: this script needs a Debian system"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keys" ] || give_up "$keys not found: no keys to check Debian's packages with"
mkdir -p "$dest" 2>/dev/null && [ -w "$dest" ] || give_up "cannot write to $dest: run as root or name another folder"
if ! command -v patchelf >/dev/null; then
  [ "$(id -u)" = 0 ] || give_up "patchelf is missing and only root can install it"
  apt-get -qq update && apt-get -qq -y install patchelf >/dev/null 2>&1 || give_up "could not install patchelf"
fi

# The mirror is the one that this machine already uses, whichever of apt's two formats names it.
mirror=$(sed -n 's/^URIs:[[:space:]]*\([^[:space:]]*\).*/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)
[ -n "$mirror" ] || mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
  sed -n 's/^deb[[:space:]]\(\[[^]]*\][[:space:]]\)*[[:space:]]*\([^[:space:]]*\).*/\2/p' | head -n 1)
[ -n "$mirror" ] || give_up "apt's sources name no mirror"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$tmp/state/lists/partial" "$tmp/cache/archives/partial" "$dest/sysroot" "$dest/bin"
echo "deb [signed-by=$keys] $mirror $suite main" >"$tmp/sources"
: >"$tmp/installed" # an empty system: apt then resolves every dependency, the C library included

own_apt() {
  apt-get -qq -o "Dir::Etc::sourcelist=$tmp/sources" -o Dir::Etc::sourceparts=/dev/null \
    -o "Dir::State=$tmp/state" -o "Dir::State::status=$tmp/installed" -o "Dir::Cache=$tmp/cache" \
    -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o Debug::NoLocking=true "$@"
}
names=
for v in $missing; do names="$names python$v libpython$v-testsuite"; done
own_apt update >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; give_up "apt cannot read suite $suite"; }
# shellcheck disable=SC2086  # one word per package
own_apt -y --download-only install $names >"$tmp/log" 2>&1 ||
  { cat "$tmp/log" >&2; give_up "cannot download$names from suite $suite"; }
for deb in "$tmp"/cache/archives/*.deb; do dpkg-deb --extract "$deb" "$dest/sysroot"; done

loader=$(find "$dest/sysroot/usr/lib" "$dest/sysroot/lib" -name 'ld-linux*.so.*' 2>/dev/null | head -n 1)
[ -n "$loader" ] || give_up "the downloaded packages hold no dynamic loader"
for v in $missing; do
  patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$(dirname "$loader")" \
    "$dest/sysroot/usr/bin/python$v"
  ln -sf "../sysroot/usr/bin/python$v" "$dest/bin/python$v"
  works "$v" || give_up "python$v was unpacked into $dest but does not run"
  say "$("$dest/bin/python$v" -V) in $dest/bin"
done
