#!/bin/sh
# Installs the Debian packages of packages.txt that are not there yet: `make peers`.  Starts no service and enables none.
set -eu

here=$(dirname "$0")
wanted=$(sed 's/[[:space:]]*#.*//' "$here/packages.txt")

missing=
for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed$' || missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "peers: all there"
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "peers: missing$missing" >&2
    echo "peers: run 'make peers' as root on Debian, or install their like; tests that need them are skipped without" >&2
    exit 1
fi

# Maintainer scripts ask this file whether they may start a service; one that was there comes back afterwards.
policy=/usr/sbin/policy-rc.d
if [ -e $policy ]; then mv $policy $policy.before-peers; fi
restore() {
    rm -f $policy
    if [ -e $policy.before-peers ]; then mv $policy.before-peers $policy; fi
}
trap restore EXIT
trap 'exit 1' INT TERM HUP
printf '#!/bin/sh\nexit 101\n' >$policy
chmod 755 $policy

echo "peers: installing$missing"
echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # a list of words
apt-get install -y -qq --no-install-recommends $missing >/dev/null

# Packages enable what they bring; what came with this run is put to rest again.
for pair in postfix:postfix postgresql:postgresql dovecot-imapd:dovecot; do
    service=${pair#*:}
    case " $missing " in
    *" ${pair%:*} "*)
        if command -v systemctl >/dev/null; then systemctl --quiet disable $service 2>/dev/null || true; fi
        update-rc.d $service disable >/dev/null 2>&1 || true
        ;;
    esac
done
echo "peers: all there"
