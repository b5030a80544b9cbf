#!/usr/bin/env bash
# busybox syslogd writes a Postfix line in three forms of its own, and puts RFC 5424 as text behind a stamp of its own.
#
# Software:  syslogd of BusyBox 1.35.0 (Debian 12's busybox-static 1:1.35.0-4+deb12u1+b1; Alpine's syslog daemon is this one).
# Behaviour: its file has facility and severity as words between host and program, where every other reader looks for the
#            program. With -S it has neither words nor host. What it sends on (-R) is the datagram as it came and a line feed:
#            no host, so that a receiver that goes by RFC 3164 finds the program where the host belongs.
#            The sender's stamp is believed when it has the BSD form; any other header (RFC 3339, RFC 5424) becomes text behind
#            a second stamp, with the words between the two.
# Seen:      given      <22>Nov  9 12:00:00 postfix/smtpd[1234]: LINE
#            file       Nov  9 12:00:00 HOST mail.info postfix/smtpd[1234]: LINE
#            file, -S   Nov  9 12:00:00 postfix/smtpd[1234]: LINE
#            sent, -R   <22>Nov  9 12:00:00 postfix/smtpd[1234]: LINE\n
#            given      <22>1 2026-11-09T12:00:00.123456Z mx1.example.com postfix/smtpd 1234 - - LINE
#            file       NOW HOST mail.info 1 2026-11-09T12:00:00.123456Z mx1.example.com postfix/smtpd 1234 - - LINE
#            given      <20>Nov  9 12:00:00 postfix/smtpd[1234]: warning: LINE
#            file       Nov  9 12:00:00 HOST mail.warn postfix/smtpd[1234]: warning: LINE
# Matters:   a parser that was tried on rsyslog's and journald's files reads nothing of a mail server in an Alpine image.
#
# Needs: Debian 12 (apt-get, dpkg-deb), python3, root (the daemon's socket is always /dev/log: it gets a /dev of its own in a
# mount namespace). Nothing is installed; 1 MB is fetched. Loopback only.
set -euo pipefail

if [ "${1:-}" != inside ]; then
    [ "$(id -u)" -eq 0 ] || { echo "a mount namespace needs root" >&2; exit 2; }
    self=$(realpath "${BASH_SOURCE[0]}")
    work=$(mktemp -d /var/tmp/finding-busybox-XXXXXX)
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    apt-get download -qq -o APT::Sandbox::User=root busybox-static=1:1.35.0-4+deb12u1+b1
    dpkg-deb -x ./*.deb debian
    unshare --mount bash "$self" inside "$work"
    exit
fi

cd "$2"
mount -t tmpfs -o mode=755 none /dev
mknod -m 666 /dev/null c 1 3
cat > compare.py <<'PYTHON'
import os, re, socket, subprocess, sys, time

BUSYBOX = next(path for path in ("debian/bin/busybox", "debian/usr/bin/busybox") if os.path.exists(path))
LINE = "disconnect from unknown[203.0.113.9] quit=1 commands=1"
BSD = f"<22>Nov  9 12:00:00 postfix/smtpd[1234]: {LINE}"
NEW = f"<22>1 2026-11-09T12:00:00.123456Z mx1.example.com postfix/smtpd 1234 - - {LINE}"
WARNING = f"<20>Nov  9 12:00:00 postfix/smtpd[1234]: warning: {LINE}"
NOW = r"[A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d"
right = True


def give(messages, *options):
    """The lines that the daemon stored of the messages, without those of its own."""
    if os.path.exists("/dev/log"):
        os.remove("/dev/log")
    name = "kept" + "".join(options).replace("/", "_")
    daemon = subprocess.Popen([BUSYBOX, "syslogd", "-n", "-O", os.path.abspath(name), *options])
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            until = time.time() + 10
            while True:
                try:
                    out.connect("/dev/log")
                    break
                except OSError:
                    if time.time() > until:
                        raise
                    time.sleep(0.05)
            for message in messages:
                out.send(message.encode())
            while time.time() < until:
                if os.path.exists(name):
                    with open(name) as kept:
                        lines = [line.rstrip("\n") for line in kept if LINE in line]
                    if len(lines) >= len(messages):
                        return lines
                time.sleep(0.05)
            sys.exit(f"CHANGED: {len(messages)} messages are not in its file after 10 s")
    finally:
        daemon.terminate()
        daemon.wait(10)


def state(what, given, seen, form):
    global right
    print(f"given     {given}\n{what:9} {seen!r}")
    if not re.fullmatch(form, seen):
        right = False
        print(f"CHANGED: it was {form}")


print(subprocess.run([BUSYBOX], capture_output=True, text=True).stdout.splitlines()[0])
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(10)
    sent_on = f"127.0.0.1:{receiver.getsockname()[1]}"
    bsd, new, warning = give([BSD, NEW, WARNING], "-L", "-R", sent_on)
    remote = receiver.recv(2048).decode()
    while LINE not in remote:
        remote = receiver.recv(2048).decode()
small, = give([BSD], "-S")

text = re.escape(LINE)
state("file", BSD, bsd, rf"Nov  9 12:00:00 \S+ mail\.info postfix/smtpd\[1234\]: {text}")
state("file, -S", BSD, small, rf"Nov  9 12:00:00 postfix/smtpd\[1234\]: {text}")
state("sent, -R", BSD, remote, re.escape(BSD) + r"\n")
state("file", NEW, new, rf"{NOW} \S+ mail\.info " + re.escape(NEW[len("<22>"):]))
state("file", WARNING, warning, rf"Nov  9 12:00:00 \S+ mail\.warn postfix/smtpd\[1234\]: warning: {text}")
if not right:
    sys.exit(1)
print("As stated: words in the file, no host with -S, no host on the way, RFC 5424 as text behind another stamp.")
PYTHON
python3 compare.py
