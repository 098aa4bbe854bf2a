# Sourced by every script of this folder. Makes a temporary folder, installs pinned packages there, and compares what it
# sees with what the script states.
#
#   debs PACKAGE=VERSION…       unpacks Debian packages below $work/root; the system stays unchanged
#   npm_packages NAME@VERSION…  installs them in $work/node_modules
#   compile PROGRAM FLAG…       compiles the C++20 of standard input against $work/root into $work/PROGRAM
#   same WHAT EXPECTED SEEN     prints both values, and counts a difference
# The script ends with: finish
set -euo pipefail

work=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
differences=0
on_exit() { local pid; for pid in $(jobs -p); do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"; }
trap on_exit EXIT

needs() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || { echo "this finding needs $program" >&2; exit 2; }
  done
}

debs() {
  needs apt-get dpkg
  mkdir -p "$work/debs" "$work/root"
  (cd "$work/debs" && apt-get -qq -o APT::Sandbox::User=root download "$@" >/dev/null) || { echo "these packages are not available: $*" >&2; exit 2; }
  local deb
  for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/root"; done
  rm -rf "$work/debs"
  local libraries=$work/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
  export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  export LIBRARY_PATH=$LD_LIBRARY_PATH
  export PATH=$work/root/usr/bin:$work/root/usr/sbin:$PATH
}

npm_packages() {
  needs node npm
  (cd "$work" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund "$@" >/dev/null)
}

compile() {
  needs g++
  local program=$1
  shift
  g++ -std=c++20 -O1 -x c++ - -x none -isystem "$work/root/usr/include" "$@" -o "$work/$program"
}

same() {
  if [ "$2" = "$3" ]; then
    printf 'as stated   %s: %s\n' "$1" "$3"
  else
    printf 'DIFFERENT   %s: stated %s, seen %s\n' "$1" "$2" "$3"
    differences=$((differences + 1))
  fi
}

finish() {
  [ "$differences" -eq 0 ] && exit 0
  echo "$differences of the statements above no longer hold" >&2
  exit 1
}

# Unpacks RocksDB of Debian 12 and the libraries that it is linked with; compile with "${rocksdb[@]}".
rocksdb_debs() {
  debs librocksdb7.8=7.8.3-2 librocksdb-dev=7.8.3-2 libgflags2.2=2.2.2-2 libsnappy1v5=1.1.9-3 "$@"
  rocksdb=(-fno-rtti -lrocksdb)
}
