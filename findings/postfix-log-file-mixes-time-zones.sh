#!/usr/bin/env bash
# Postfix's own log file (maillog_file) holds lines of as many time zones as there were shells that ran "postfix".
#
# Software:  Postfix 3.7.11 (Debian 12), with maillog_file and postlogd, as containers use it.
# Behaviour: postlogd writes what it is given: each program puts the stamp before its own line, by its own TZ. The daemons have
#            TZ of the shell in which "postfix start" ran, for as long as master lives; "postfix reload" and "postfix stop"
#            stamp their line by TZ of the shell that they are called from, and a reload does not give its zone to the
#            daemons. No stamp has a zone or a year, so the file steps hours ahead and back within one second.
# Seen:      TZ=UTC0  postfix start    Nov 29 15:45:09 mx1 postfix/postfix-script[16344]: starting the Postfix mail system
#                                      Nov 29 15:45:09 mx1 postfix/master[16346]: daemon started -- version 3.7.11, ...
#            TZ=JST-9 postfix reload   Nov 30 00:45:10 mx1 postfix/postfix-script[16359]: refreshing the Postfix mail system
#                                      Nov 29 15:45:10 mx1 postfix/master[16346]: reload -- version 3.7.11, ...
#                                      Nov 29 15:45:11 mx1 postfix/smtpd[16406]: connect from localhost[127.0.0.1]
#            TZ=EST5  postfix stop     Nov 29 10:45:12 mx1 postfix/postfix-script[16414]: stopping the Postfix mail system
#            TZ=EST5  postfix start    smtpd's lines are five hours behind from now on
# Matters:   such a file cannot be read in one configured zone. A step ahead over midnight can pass for a later day, and on
#            New Year's Eve for another year; a step back is no repeated hour of summer time.
#
# Needs: Debian 12 (apt-get, dpkg-deb), python3, root (master starts as root only; mount namespace). Nothing is installed;
# 13 MB are fetched. Loopback only; no mail is taken.
set -euo pipefail

if [ "${1:-}" != inside ]; then
    [ "$(id -u)" -eq 0 ] || { echo "Postfix's master starts as root only" >&2; exit 2; }
    self=$(realpath "${BASH_SOURCE[0]}")
    work=$(mktemp -d /var/tmp/finding-postlogd-XXXXXX)
    chmod 755 "$work"
    end() {
        # A master that a failure left: its id stands in its queue directory, and outlives it there.
        local pid
        pid=$(tr -d ' ' <"$work/queue/pid/master.pid" 2>/dev/null) || pid=
        if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$work/queue" ]; then kill "$pid"; sleep 1; fi
        rm -rf "$work"
    }
    trap end EXIT
    cd "$work"
    apt-get download -qq -o APT::Sandbox::User=root postfix=3.7.11-0+deb12u1 libicu72=72.1-3+deb12u1 libnsl2=1.3.0-2 \
        libtirpc3=1.3.3+ds-1 libdb5.3=5.3.28+dfsg2-1 libsasl2-2=2.1.28+dfsg-10+deb12u1
    for package in *.deb; do dpkg-deb -x "$package" debian; done
    if [ -d debian/lib ]; then cp -a debian/lib/. debian/usr/lib/; fi
    # Postfix looks for its programs under /usr and its users in /etc: both are laid over in a mount namespace of this script's.
    cp /etc/passwd /etc/group debian/etc/
    getent group postfix >/dev/null || echo 'postfix:x:60101:' >>debian/etc/group
    getent group postdrop >/dev/null || echo 'postdrop:x:60102:' >>debian/etc/group
    getent passwd postfix >/dev/null || echo 'postfix:x:60101:60101::/nonexistent:/usr/sbin/nologin' >>debian/etc/passwd
    unshare --mount bash "$self" inside "$work"
    exit
fi

work=$2
cd "$work"
mount -t overlay overlay -o "lowerdir=$work/debian/usr:/usr" /usr
mount -t overlay overlay -o "lowerdir=$work/debian/etc:/etc" /etc

install -d -o postfix -g postfix -m 700 data
mkdir queue log
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat > main.cf <<CONF
compatibility_level = 3.6
queue_directory = $work/queue
data_directory = $work/data
maillog_file = $work/log/mail.log
maillog_file_prefixes = $work/log
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mx1.example.com
mydestination =
alias_maps =
local_recipient_maps =
CONF
cat > master.cf <<CONF
127.0.0.1:$port inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
CONF
: >dynamicmaps.cf

cat > compare.py <<'PYTHON'
import calendar, re, socket, subprocess, sys, time

directory, port = sys.argv[1], int(sys.argv[2])
taken = 0
right = True


def lines():
    try:
        with open("log/mail.log") as log:
            return log.read().splitlines()
    except FileNotFoundError:
        return []


def postfix(zone, command):
    print(f"TZ={zone} postfix {command}", flush=True)
    subprocess.run(["env", f"TZ={zone}", "postfix", "-c", directory, command], check=True, timeout=30)


def session():
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection, connection.makefile("rw") as talk:
        talk.readline()
        talk.write("QUIT\r\n")
        talk.flush()
        talk.readline()


def expect(text, hours):
    """Waits for the next line with this text and tells how many hours its stamp is ahead of UTC."""
    global taken, right
    until = time.time() + 20
    while time.time() < until:
        for at, line in enumerate(lines()[taken:], taken):
            if text in line:
                taken = at + 1
                now = time.time()
                stamp = calendar.timegm(time.strptime(f"{time.gmtime(now).tm_year} {line[:15]}", "%Y %b %d %H:%M:%S"))
                # New Year may lie between the zones.
                ahead = min((round((stamp + days * 86400 - now) / 3600) for days in (-366, -365, 0, 365, 366)), key=abs)
                right &= ahead == hours
                print(f"  {line[:110]}   ({ahead:+d} h{'' if ahead == hours else f', CHANGED: it was {hours:+d}'})", flush=True)
                return
        time.sleep(0.1)
    sys.exit(f"CHANGED: no line with {text!r} within 20 s")


postfix("UTC0", "start")
expect("starting the Postfix mail system", 0)
expect("daemon started -- version 3.7.11", 0)
postfix("JST-9", "reload")
expect("refreshing the Postfix mail system", +9)
expect("reload -- version 3.7.11", 0)
session()
expect("connect from localhost[127.0.0.1]", 0)
postfix("EST5", "stop")
expect("stopping the Postfix mail system", -5)
postfix("EST5", "start")
expect("daemon started -- version 3.7.11", -5)
session()
expect("connect from localhost[127.0.0.1]", -5)
postfix("UTC0", "stop")
expect("stopping the Postfix mail system", 0)
if not right:
    sys.exit(1)
print("As stated: each line has the zone of the shell behind its program; none says which.")
PYTHON
python3 compare.py "$work" "$port"
