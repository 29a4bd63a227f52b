#!/bin/sh
# Installs what a fresh machine lacks, so that `npm test` and `npm run demo` work from a bare clone.
# Usage: setup.sh tests|quick|demo|bench|pictures|image. Does nothing where everything is there already.
set -eu
cd "$(dirname "$0")/../.."

# npm writes node_modules/.package-lock.json last: missing or older than the lock file means "install".
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "Installing the npm packages of package-lock.json"
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
fi

# The Node of package.json's optionalDependencies comes first on the path; where there is none for this machine,
# its own has to run TypeScript.
if ! PATH="$PWD/node_modules/.bin:$PATH" node -e '
  const [major, minor] = process.versions.node.split(".").map(Number);
  process.exit(major > 22 || (major === 22 && minor >= 18) ? 0 : 1);
'; then
  echo "Node 22.18 or newer is needed, and this is $(node --version): install it, and run this again." >&2
  exit 2
fi

apt_updated=
debian_install() { # debian_install <package> <sentence when it cannot be done>
  if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing $1"
    if [ -z "$apt_updated" ]; then apt-get update -qq; apt_updated=yes; fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
  else
    echo "$2" >&2
    exit 2
  fi
}

if { [ "${1:-}" = tests ] || [ "${1:-}" = pictures ]; } && [ -z "${CHROMIUM:-}" ] && ! command -v chromium >/dev/null 2>&1; then
  debian_install chromium "chromium is missing, in which the demo's page is tried and pictured: install it, e.g. with 'sudo apt-get install chromium', or set CHROMIUM to the path of a Chromium, and run this again."
fi

if { [ "${1:-}" = tests ] || [ "${1:-}" = pictures ]; } && ! command -v promtool >/dev/null 2>&1; then
  debian_install prometheus "promtool is missing, with which the metrics are checked: install Prometheus, e.g. with 'sudo apt-get install prometheus', and run this again."
fi

if [ "${1:-}" = tests ] && ! command -v systemd-analyze >/dev/null 2>&1; then
  debian_install systemd "systemd-analyze is missing, with which the systemd unit is checked: run the tests on a machine with systemd's tools."
fi

if [ "${1:-}" = image ]; then
  for tool in buildah mmdebstrap crun; do
    command -v "$tool" >/dev/null 2>&1 || debian_install "$tool" "$tool is missing, with which the image is built: run this as root on Debian, or install it."
  done
fi

# Without it the pictures have boxes where the states have their marks.
if [ "${1:-}" = pictures ] && ! ls /usr/share/fonts/*/*/NotoColorEmoji* >/dev/null 2>&1; then
  debian_install fonts-noto-color-emoji "A font with emoji is missing: install one, e.g. with 'sudo apt-get install fonts-noto-color-emoji', and run this again."
fi

if [ "${1:-}" != quick ] && ! command -v redis-server >/dev/null 2>&1 && ! command -v valkey-server >/dev/null 2>&1; then
  debian_install redis-server "redis-server (or valkey-server) is missing: install it, e.g. 'brew install redis' or 'sudo apt-get install redis-server', and run this again."
fi
