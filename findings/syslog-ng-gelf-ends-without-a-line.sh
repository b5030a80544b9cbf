#!/usr/bin/env bash
# syslog-ng's own GELF template makes files without a single line, and gives each message the time at which it was read.
#
# Software:  syslog-ng 3.38.1 (Debian 12), its library's template function "format-gelf".
# Behaviour: the function ends each message with a zero byte, which is how GELF separates messages on TCP, whatever the destination is.
#            In a file nothing but that zero byte stands between two messages: no newline at all, so that the file is one line
#            for whoever reads by lines, and grep takes it for binary. A datagram carries the byte too, where GELF knows of none.
#            "timestamp" is when syslog-ng received the message, in whole seconds, and not the stamp that the message
#            has: a log that is read late is late in each of its messages, and the stamp is nowhere in them.
# Seen:      3 lines of noon yesterday in; file: 3 zero bytes, 0 newlines, 3 timestamps of now; datagrams: 3, each with one zero byte at
#            its end.
# Matters:   whoever splits such a file at newlines, or judges by "timestamp", reads one broken record or the wrong day.
#
# Needs: Debian 12 (apt-get, dpkg-deb), python3. Nothing is installed; 1 MB is fetched. Loopback only.
set -euo pipefail

work=$(mktemp -d /var/tmp/finding-gelf-XXXXXX)
started=()
end() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap end EXIT
cd "$work"

apt-get download -qq -o APT::Sandbox::User=root syslog-ng-core=3.38.1-5+deb12u1 syslog-ng-scl=3.38.1-5+deb12u1 libivykis0=0.42.4-1 \
    libnet1=1.1.6+dfsg-3.2 libpcre3=2:8.39-15 libwrap0=7.6.q-32 libjson-c5=0.16-2
for package in *.deb; do dpkg-deb -x "$package" debian; done
LD_LIBRARY_PATH=$(find "$work/debian" -name 'lib*.so.*' -printf '%h\n' | sort -u | paste -sd:)
export LD_LIBRARY_PATH
modules=$(dirname "$(find "$work/debian" -name libjson-plugin.so)")
library=$work/debian/usr/share/syslog-ng/include/scl/graylog2/plugin.conf

cat > receive.py <<'PYTHON'
import socket

receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 0))
receiver.settimeout(20)
open("port.tmp", "w").write(str(receiver.getsockname()[1]))
import os
os.rename("port.tmp", "port")
got = [receiver.recv(65536) for _ in range(3)]
right = all(message.count(b"\0") == 1 and message.endswith(b"}\0") for message in got)
open("datagrams", "w").write("one zero byte at the end of each" if right else "otherwise")
PYTHON
python3 receive.py & receiver=$!
started+=("$receiver")

await() {
    for _ in $(seq 100); do
        if eval "$1"; then return; fi
        sleep 0.1
    done
    echo "not within 10 s: $1" >&2
    exit 2
}
await "[ -f port ]"

yesterday=$(LC_ALL=C date -d yesterday '+%b %e')
for n in 1 2 3; do
    echo "$yesterday 12:00:0$n mx1 postfix/smtpd[4711]: disconnect from unknown[203.0.113.9] quit=1 commands=$n"
done > maillog

cat > syslog-ng.conf <<CONF
@version: 3.38
@include "$library"
source lines { file("$work/maillog" follow-freq(1)); };
destination stored { file("$work/stored" template("\$(format-gelf)")); };
destination sent { network("127.0.0.1" port($(cat port)) transport(udp) template("\$(format-gelf)")); };
log { source(lines); destination(stored); destination(sent); };
CONF
"$work/debian/usr/sbin/syslog-ng" --version --module-path="$modules" 2>/dev/null | head -n 1
before=$(date +%s)
"$work/debian/usr/sbin/syslog-ng" -F --no-caps --module-path="$modules" -f syslog-ng.conf -R persist -c control --pidfile pid \
    2> said & started+=($!)
await "[ -f stored ] && [ \$(tr -dc '\\0' < stored | wc -c) -ge 3 ]" || { cat said >&2; exit 2; }
await "[ -f datagrams ]"

cat > look.py <<'PYTHON'
import json
import sys

data = open("stored", "rb").read()
messages = [json.loads(part) for part in data.split(b"\0") if part]
times = [message["timestamp"] for message in messages]
late = all(isinstance(time, int) and time >= int(sys.argv[1]) for time in times)
print("file:", data.count(b"\0"), "zero bytes,", data.count(b"\n"), "newlines,", len(messages), "messages of",
      "the time of reading, whole seconds" if late else "another time")
PYTHON
{ python3 look.py "$before"; echo "datagrams: $(cat datagrams)"; } | tee seen
diff seen - <<'SEEN' || { echo "CHANGED: what it writes (<: now, >: as stated)" >&2; exit 1; }
file: 3 zero bytes, 0 newlines, 3 messages of the time of reading, whole seconds
datagrams: one zero byte at the end of each
SEEN
echo "As stated: no newline, a zero byte after each, the time of reading."
