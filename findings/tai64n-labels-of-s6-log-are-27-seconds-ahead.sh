#!/usr/bin/env bash
# Three supervisors' loggers stamp one moment with TAI64N labels that are 27 s apart, and with local or universal time.
#
# Software:  s6-log of s6 2.11.3.2, svlogd of runit 2.1.2, multilog and tai64nlocal of daemontools 0.76 (Debian 12).
# Behaviour: a label is 2^62 plus TAI seconds. multilog (t) and svlogd (-t) add a constant 10 s to the clock's UTC; s6-log (t)
#            adds 37 s, the difference of the two scales since 2017. The labels look alike, and tai64nlocal, which takes
#            10 s off, shows an s6-log line 27 s in the future.
#            The readable stamps differ as well and none names its zone: s6-log's T follows TZ, svlogd's -tt and -ttt write
#            UTC whatever TZ says.
# Seen:      label less 2^62 less the clock:  s6-log t 37, svlogd -t 10, multilog t 10
#            tai64nlocal on s6-log's line:    27 s after the clock
#            TZ=JST-9:  s6-log T    2026-11-30 00:42:29.979398017  postfix/smtpd[1234]: ...   (two spaces)
#                       svlogd -tt  2026-11-29_15:42:29.13504 postfix/smtpd[1234]: ...
#                       svlogd -ttt 2026-11-29T15:42:29.14129 postfix/smtpd[1234]: ...
# Matters:   in a container whose Postfix logs to standard output such a label is the only time of a line. Who reads s6-log's
#            as daemontools' puts mail half a minute into the future, and behind a login that came after it.
#
# Needs: Debian 12 (apt-get, dpkg-deb), python3. Nothing is installed; 0.5 MB is fetched.
set -euo pipefail

work=$(mktemp -d /var/tmp/finding-tai64n-XXXXXX)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq -o APT::Sandbox::User=root s6=2.11.3.2-1 libs6-2.11=2.11.3.2-1 libskarnet2.13=2.13.1.1-1 \
    libexecline2.9=2.9.3.0-1 runit=2.1.2-54 daemontools=1:0.76-8.1
for package in *.deb; do dpkg-deb -x "$package" debian; done
LD_LIBRARY_PATH=$(find "$work/debian" -name '*.so.*' -printf '%h\n' | sort -u | paste -sd:)
PATH=$work/debian/usr/bin:$PATH
export LD_LIBRARY_PATH PATH TZ=JST-9

cat > compare.py <<'PYTHON'
import calendar, os, re, subprocess, sys, time

LINE = "postfix/smtpd[1234]: disconnect from unknown[203.0.113.9] ehlo=1 quit=1 commands=2"
right = True


def written(name, *command):
    """What the logger put into its directory for the line, and the clock when it did."""
    directory = os.path.join(os.getcwd(), name)
    os.mkdir(directory)
    clock = int(time.time())
    subprocess.run([*command, directory + "/"], input=LINE + "\n", text=True, check=True, timeout=20)
    with open(os.path.join(directory, "current")) as kept:
        return kept.readline().rstrip("\n"), clock


def state(what, seen, expected, near=2):
    global right
    ok = abs(seen - expected) <= near
    right &= ok
    print(f"{what}: {seen} s ahead of the clock{'' if ok else f'; CHANGED, it was {expected}'}")


for name, command, ahead in [("s6-log t", ["s6-log", "t"], 37), ("svlogd -t", ["svlogd", "-t"], 10), ("multilog t", ["multilog", "t"], 10)]:
    line, clock = written(name.replace(" ", ""), *command)
    print(line)
    label = re.match(r"@([0-9a-f]{16})[0-9a-f]{8} postfix/", line).group(1)
    state(name, int(label, 16) - 2**62 - clock, ahead)
    if name == "s6-log t":
        shown = subprocess.run(["tai64nlocal"], input=line + "\n", text=True, check=True, capture_output=True, timeout=20).stdout
        print(shown.rstrip("\n"))
        local = calendar.timegm(time.strptime(shown[:19], "%Y-%m-%d %H:%M:%S"))
        state("its line through tai64nlocal", local - 9 * 3600 - clock, 27)

for name, command, form, ahead in [
    ("s6-log T", ["s6-log", "T"], r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9}  postfix/", 9 * 3600),
    ("svlogd -tt", ["svlogd", "-tt"], r"\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.\d{5} postfix/", 0),
    ("svlogd -ttt", ["svlogd", "-ttt"], r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{5} postfix/", 0),
]:
    line, clock = written(name.replace(" ", ""), *command)
    print(line)
    if not re.match(form, line):
        right = False
        print(f"{name}: CHANGED, the stamp has another form")
    else:
        state(f"{name} read as UTC", calendar.timegm(time.strptime(re.sub(r"[_T]", " ", line[:19]), "%Y-%m-%d %H:%M:%S")) - clock, ahead)

if not right:
    sys.exit(1)
print("As stated: s6-log's labels are 27 s ahead of those of svlogd and multilog; T is local time, -tt and -ttt are UTC.")
PYTHON
python3 compare.py
