# Sourced by quickstart.sh and test.sh: what a machine needs before Cohort builds.
# Installs the missing system libraries (apt; Homebrew on macOS, which nobody has tested yet) and checks
# the Swift toolchain. Prints what it does; uses sudo only where it must.

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Runs a command as root, through sudo only if we are not.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        fail "'$*' needs root and there is no sudo; run it as root, then run this script again"
    fi
}

install_with_apt() {
    missing=""
    for package in libzmq3-dev libdnnl-dev libsqlite3-dev "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
            missing="$missing $package"
    done
    [ -z "$missing" ] && return 0
    say "installing$missing"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # shellcheck disable=SC2086 # a list of packages
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}

install_with_brew() {
    command -v brew >/dev/null 2>&1 ||
        fail "Homebrew is missing; install it from https://brew.sh, then run this script again"
    say "macOS is untested: please report what you see"
    for formula in zeromq onednn; do
        brew list --versions "$formula" >/dev/null 2>&1 || brew install "$formula"
    done
}

# Arguments: further Debian packages, for tests.
install_libraries() {
    if command -v apt-get >/dev/null 2>&1; then
        install_with_apt "$@"
    elif [ "$(uname -s)" = Darwin ]; then
        install_with_brew
    else
        say "no apt-get here: libzmq (>= 4.3), oneDNN (>= 2.6) and SQLite (>= 3.35) with headers must be installed already"
    fi
}

require_swift() {
    command -v swift >/dev/null 2>&1 ||
        fail "there is no 'swift' in PATH; install a Swift 6.3 toolchain from https://www.swift.org/install and run this script again"
    # The driver prints "Swift version 6.3.1 (...)".
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    major=${version%%.*}
    rest=${version#*.}
    minor=${rest%%.*}
    if [ -z "$version" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 3 ]; }; then
        fail "Swift ${version:-of an unknown version} is too old; Cohort needs 6.3 or newer"
    fi
}

# The one configuration for running and testing: release. In debug the C kernels are 20 times slower and
# have other bits.
swift_flags="-c release --explicit-target-dependency-import-check error"
