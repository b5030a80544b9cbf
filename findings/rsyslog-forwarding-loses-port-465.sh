#!/usr/bin/env bash
# rsyslog forwards Postfix's port 465 with a broken tag as soon as process ids have five digits, and its RFC 5424 form keeps no
# service at all.
#
# Software:  rsyslogd 8.2302.0 (Debian 12), sender and receiver, TCP.
# Behaviour: what omfwd sends when no template is named ends the tag after 32 bytes. "postfix/submissions/smtpd[1234]:" has
#            exactly 32, so the same service is whole on a freshly booted host and broken later: the colon goes at five
#            digits, the bracket too at six. "postfix/submission/smtpd" (port 587) breaks at six digits, "postfix/smtpd" never.
#            The way out that is usually advised, RSYSLOG_SyslogProtocol23Format, keeps of each tag what stands before the
#            first slash (parser.permitSlashInProgramName is off by default). A receiver that stores it by
#            RSYSLOG_FileFormat writes "postfix[1234]" without a colon: smtpd, qmgr and bounce are one program.
#            The sender's own file has every tag whole, so nobody sees it where it happens.
# Seen:      sent                                      stored, sent by default                 stored, sent as RFC 5424
#            postfix/smtpd[123456]: LINE               postfix/smtpd[123456]: LINE             postfix[123456] LINE
#            postfix/submission/smtpd[12345]: LINE     postfix/submission/smtpd[12345]: LINE   postfix[12345] LINE
#            postfix/submission/smtpd[123456]: LINE    postfix/submission/smtpd[123456] LINE   postfix[123456] LINE
#            postfix/submissions/smtpd[1234]: LINE     postfix/submissions/smtpd[1234]: LINE   postfix[1234] LINE
#            postfix/submissions/smtpd[12345]: LINE    postfix/submissions/smtpd[12345] LINE   postfix[12345] LINE
#            postfix/submissions/smtpd[123456]: LINE   postfix/submissions/smtpd[123456 LINE   postfix[123456] LINE
# Matters:   rules that ask for "smtpd[N]:" go blind for port 465 on a central log server, some days after a boot.
#
# Needs: Debian 12 (apt-get, dpkg-deb), python3. Nothing is installed; 1 MB is fetched. Loopback only, no /dev/log.
set -euo pipefail

work=$(mktemp -d /var/tmp/finding-rsyslog-XXXXXX)
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

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir sender receiver
cat > receiver.conf <<CONF
global(workDirectory="$work/receiver")
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="$port")
action(type="omfile" file="$work/stored" template="RSYSLOG_FileFormat")
CONF
cat > sender.conf <<CONF
global(workDirectory="$work/sender")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="$work/socket" CreatePath="off")
action(type="omfile" file="$work/own" template="RSYSLOG_FileFormat")
if \$msg contains "rfc5424" then
    action(type="omfwd" target="127.0.0.1" port="$port" protocol="tcp" template="RSYSLOG_SyslogProtocol23Format")
else
    action(type="omfwd" target="127.0.0.1" port="$port" protocol="tcp")
CONF

await() {
    for _ in $(seq 100); do
        if eval "$1"; then return; fi
        sleep 0.1
    done
    echo "not within 10 s: $1" >&2
    exit 2
}

rsyslogd=$work/debian/usr/sbin/rsyslogd
"$rsyslogd" -v | head -n 1
"$rsyslogd" -n -M "$modules" -f "$work/receiver.conf" -i "$work/receiver.pid" & started+=($!)
await "(: </dev/tcp/127.0.0.1/$port) 2>/dev/null"
"$rsyslogd" -n -M "$modules" -f "$work/sender.conf" -i "$work/sender.pid" & started+=($!)
await "[ -S '$work/socket' ]"

cat > send.py <<'PYTHON'
import socket

out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
out.connect("socket")
for how in "default", "rfc5424":
    for tag in "smtpd[123456]", "submission/smtpd[12345]", "submission/smtpd[123456]", "submissions/smtpd[1234]", \
            "submissions/smtpd[12345]", "submissions/smtpd[123456]":
        out.send(f"<22>Nov 29 12:00:00 postfix/{tag}: {how}: disconnect from unknown[203.0.113.9] quit=1 commands=1".encode())
PYTHON
python3 send.py
await "[ -f stored ] && [ \$(wc -l < stored) -ge 12 ] && [ \$(wc -l < own) -ge 12 ]"

# Two connections carry them: the order between them is no matter. Stamp and host are of this machine.
tags() { grep " $2: " "$1" | cut -d' ' -f3- | sed "s/ $2: disconnect.*//"; }
echo "the sender's own file:"; tags own default | tee own.default
echo "stored, sent by default:"; tags stored default | tee stored.default
echo "stored, sent as RFC 5424:"; tags stored rfc5424 | tee stored.rfc5424

cat > expected <<'TAGS'
postfix/smtpd[123456]:
postfix/submission/smtpd[12345]:
postfix/submission/smtpd[123456]
postfix/submissions/smtpd[1234]:
postfix/submissions/smtpd[12345]
postfix/submissions/smtpd[123456
postfix[123456]
postfix[12345]
postfix[123456]
postfix[1234]
postfix[12345]
postfix[123456]
TAGS
cat stored.default stored.rfc5424 | diff expected - || { echo "CHANGED: the stored tags (<: as stated, >: now)" >&2; exit 1; }
[ "$(grep -c ']:$' own.default)" -eq 6 ] || { echo "CHANGED: the sender's own tags" >&2; exit 1; }
echo "As stated: by default the tag ends after 32 bytes, as RFC 5424 at the first slash and without a colon."
