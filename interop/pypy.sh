#!/bin/sh
# Installs Debian's PyPy, as another client and manager for the interop tests, where there is none.
#
# They are skipped, and say so, on a machine that cannot install it. Where it can, failing to is an error.
set -eu
say() { echo "pypy.sh: $*" >&2; }
if command -v pypy3 >/dev/null; then exit 0; fi
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
  say "NOT INSTALLED: that needs apt-get, and root"
  exit 0
fi
apt-get -qq update >/dev/null 2>&1 || true # an old list may do
if ! apt-cache policy pypy3 2>/dev/null | grep -q 'Candidate: [0-9]'; then
  say "NOT INSTALLED: this system has no package pypy3"
  exit 0
fi
apt-get -qq -y install --no-install-recommends pypy3 >/dev/null 2>&1 || { say "could not install pypy3"; exit 1; }
say "$(pypy3 --version 2>&1 | tr '\n' ' ')"
