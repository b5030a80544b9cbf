#!/usr/bin/env bash
# What rsyslog keeps on disk while its queue in memory is full comes after newer lines: a queue that is disk-assisted keeps no order.
#
# Software:  rsyslogd 8.2302.0 (Debian 12), omprog with a program that begins to read late.
# Behaviour: an action queue of type LinkedList with queue.filename is the one that most recipes for a central log server or for
#            Kafka name. Beyond its high watermark (nine tenths of queue.size, which is 1,000 for an action) messages are written to the
#            file, and memory and file are then emptied side by side, by a worker each (omprog starts a program for each). So runs of
#            older lines come in the midst of newer ones or behind them, and nothing says so. A queue of type Disk keeps the order; its
#            queue.size counts all that waits, and what comes when it is full can be dropped (queue.timeoutEnqueue).
#            It takes no outage: a burst that the output is slow to take is enough, for instance while it connects.
# Seen:      5,000 lines within a second or two, the program reads from a second after its start on, looked at when all are there or 20 s later:
#            LinkedList, queue.filename, queue.size 100   some of 5000 lines, not in order
#            Disk, queue.filename, queue.size 100,000     all of 5000 lines, in order
#            (The rest of the first was still in the file, of 3,000 lines after 90 s too.)
# Matters:   what joins lines by a queue or session id (connect, queued, removed) meets ends before beginnings. A stamp of whole
#            seconds does not put them right again.
#
# Needs: Debian 12 (apt-get, dpkg-deb), python3. Nothing is installed; 1 MB is fetched. Loopback only, no /dev/log.
set -euo pipefail

work=$(mktemp -d /var/tmp/finding-rsyslog-queue-XXXXXX)
started=()
end() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap end EXIT
cd "$work"

apt-get download -qq -o APT::Sandbox::User=root rsyslog=8.2302.0-1+deb12u2 libestr0=0.1.11-1 libfastjson4=1.2304.0-1 \
    liblognorm5=2.0.6-4
for package in *.deb; do dpkg-deb -x "$package" debian; done
LD_LIBRARY_PATH=$(find "$work/debian" -name 'lib*.so.*' -printf '%h\n' | sort -u | paste -sd:)
export LD_LIBRARY_PATH
modules=$(find "$work/debian" -type d -path '*/lib/*/rsyslog')
rsyslogd=$work/debian/usr/sbin/rsyslogd
"$rsyslogd" -v | head -n 1

cat > lines.py <<'PY'
import socket, sys, time
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(int(sys.argv[2])):
    out.sendto(b"<22>Dec  1 10:00:00 mx1 postfix/qmgr[7]: %06d" % i, ("127.0.0.1", int(sys.argv[1])))
    time.sleep(0.0002)
PY
cat > order.py <<'PY'
import sys
seen = [int(line.split()[-1]) for line in open(sys.argv[1])]
print("all" if len(seen) == 5000 else "some", "of 5000 lines,", "in order" if seen == sorted(seen) else "not in order")
PY
# A program that takes nothing at first, as an output that has yet to connect. Memory and file have one each.
cat > late <<'SH'
#!/bin/sh
sleep 1
while read -r line; do echo "$line" >> "$0.got"; done
SH
chmod +x late

# What 5,000 lines become behind a queue of a type and a size.
sent() {
    local port got=0
    port=$(python3 -c 'import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    mkdir "$1"
    cp late "$1.program"
    cat > "$1.conf" <<CONF
global(workDirectory="$work/$1")
module(load="imudp")
module(load="omprog")
input(type="imudp" address="127.0.0.1" port="$port" ruleset="all")
template(name="line" type="string" string="%timestamp% %syslogtag%%msg%\n")
ruleset(name="all") {
    action(type="omprog" binary="$work/$1.program" template="line" queue.type="$1" queue.filename="kept" queue.size="$2")
}
CONF
    "$rsyslogd" -n -M "$modules" -f "$work/$1.conf" -i "$work/$1.pid" > "$work/$1.out" 2>&1 &
    started+=($!)
    for _ in $(seq 100); do
        if grep -q "$(printf '0100007F:%04X' "$port")" /proc/net/udp; then break; fi
        sleep 0.1
    done
    python3 lines.py "$port" 5000
    for _ in $(seq 20); do
        sleep 1
        got=$(wc -l 2>/dev/null < "$1.program.got" || echo 0)
        if [ "$got" -ge 5000 ]; then break; fi
    done
    python3 order.py "$1.program.got" > "$1.seen"
    printf '%-12s%s\n' "$1" "$(cat "$1.seen")"
}

sent LinkedList 100
sent Disk 100000
if ! grep -q "lines, not in order" LinkedList.seen || ! grep -qx "all of 5000 lines, in order" Disk.seen; then
    echo "CHANGED" >&2
    exit 1
fi
