#!/usr/bin/env bash
# With two password databases Dovecot's log says "unknown user" of every login that succeeds, and of a right password that
# allow_nets refuses it says what it says of a wrong one.
#
# Software:  Dovecot 2.3.19.1 (Debian 12), auth_verbose = yes, two passdb sections of passwd-file.
# Behaviour: each database that does not know a name has a line of its own, at level Info, before the next one is asked; that the
#            next one knew it and let it in is no line of the authentication server at all. A wrong password is two such lines for
#            one attempt. The line that ends the connection says "auth failed, 1 attempts" of a right password from a network that
#            allow_nets leaves out, with method and all; only the authentication server's line tells the two apart.
# Seen:      right password   auth: Info: passwd-file(ann,127.0.0.1,<...>): unknown user
#                             imap-login: Info: Login: user=<ann>, method=PLAIN, rip=127.0.0.1, ...
#            wrong password   auth: Info: passwd-file(ann,127.0.0.1,<...>): unknown user
#                             auth: Info: passwd-file(ann,127.0.0.1,<...>): Password mismatch
#                             imap-login: Info: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<ann>, ...
#            allow_nets       auth: Info: passwd-file(far,127.0.0.1,<...>): unknown user
#                             auth: Info: passwd-file(far,127.0.0.1,<...>): allow_nets check failed: IP 127.0.0.1 not in allowed networks
#                             imap-login: Info: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<far>, ...
# Matters:   who counts "unknown user" or "Password mismatch" counts owners, and guesses twice; who counts "auth failed" bans the
#            owner's own telephone once its account is narrowed to some networks.
#
# Needs: Debian 12 (apt-get, dpkg-deb), python3, root (mount namespace, master). Nothing is installed; 16 MB are fetched. Loopback only.
set -euo pipefail

if [ "${1:-}" != inside ]; then
    [ "$(id -u)" -eq 0 ] || { echo "a mount namespace needs root" >&2; exit 2; }
    self=$(realpath "${BASH_SOURCE[0]}")
    work=$(mktemp -d /var/tmp/finding-dovecot-XXXXXX)
    chmod 755 "$work"
    end() {
        local pid
        pid=$(cat "$work/run/master.pid" 2>/dev/null) || pid=
        if [ -n "$pid" ]; then kill "$pid" 2>/dev/null || true; sleep 1; fi
        rm -rf "$work"
    }
    trap end EXIT
    cd "$work"
    apt-get download -qq -o APT::Sandbox::User=root dovecot-core=1:2.3.19.1+dfsg1-2.1+deb12u7 dovecot-imapd=1:2.3.19.1+dfsg1-2.1+deb12u7 \
        libsodium23=1.0.18-1+deb12u1 libunwind8=1.6.2-3 libexttextcat-2.0-0=3.4.5-1 libstemmer0d=2.2.0-2 libwrap0=7.6.q-32 \
        libtirpc3=1.3.3+ds-1 libapparmor1=3.0.8-3 libicu72=72.1-3+deb12u1 libnsl2=1.3.0-2
    for package in *.deb; do dpkg-deb -x "$package" debian; done
    if [ -d debian/lib ]; then cp -a debian/lib/. debian/usr/lib/; fi
    # Its programs are looked for under /usr and its users in /etc: both are laid over in a mount namespace of this script's.
    cp /etc/passwd /etc/group debian/etc/
    getent group dovecot >/dev/null || printf 'dovecot:x:60201:\ndovenull:x:60202:\n' >>debian/etc/group
    getent passwd dovecot >/dev/null || printf 'dovecot:x:60201:60201::/nonexistent:/usr/sbin/nologin\ndovenull:x:60202:60202::/nonexistent:/usr/sbin/nologin\n' >>debian/etc/passwd
    unshare --mount bash "$self" inside "$work"
    exit
fi

work=$2
cd "$work"
mount -t overlay overlay -o "lowerdir=$work/debian/usr:/usr" /usr
mount -t overlay overlay -o "lowerdir=$work/debian/etc:/etc" /etc

mkdir run mail
chmod 777 mail
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
echo 'admin:{PLAIN}other::::::' > first
printf 'ann:{PLAIN}right::::::\nfar:{PLAIN}right::::::allow_nets=192.0.2.0/24\n' > second
cat > dovecot.conf <<CONF
base_dir = $work/run
state_dir = $work/run
log_path = $work/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_verbose = yes
mail_location = maildir:$work/mail/%u
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = $work/first
}
passdb {
  driver = passwd-file
  args = $work/second
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=$work/mail/%u allow_all_users=yes
}
service imap-login {
  inet_listener imap {
    port = $port
  }
  inet_listener imaps {
    port = 0
  }
}
CONF

cat > compare.py <<'PYTHON'
import re, socket, subprocess, sys, time

directory, port = sys.argv[1], int(sys.argv[2])
master = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", f"{directory}/dovecot.conf"])
right = True


def lines():
    try:
        with open("log") as log:
            return [line[16:].rstrip("\n") for line in log if "auth: " in line or "imap-login: " in line]
    except FileNotFoundError:
        return []


def attempt(name, password, expected):
    global right
    before = len(lines())
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection, connection.makefile("rw") as talk:
        talk.readline()
        talk.write(f"a LOGIN {name} {password}\r\n")
        talk.flush()
        talk.readline()
    until = time.time() + 15
    while time.time() < until and not any("imap-login: " in line for line in lines()[before:]):
        time.sleep(0.1)
    seen = lines()[before:]
    print(f"{name} with the password '{password}'")
    for line in seen:
        print(f"  {line[:150]}")
    fits = len(seen) == len(expected) and all(text in line for text, line in zip(expected, seen))
    if not fits:
        print(f"  CHANGED: it was {expected}")
    right &= fits


try:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    time.sleep(1)
    failed = "(auth failed, 1 attempts in "
    attempt("ann", "right", ["): unknown user", "Login: user=<ann>, method=PLAIN"])
    attempt("ann", "wrong", ["): unknown user", "): Password mismatch", failed])
    attempt("far", "right", ["): unknown user", "): allow_nets check failed", failed])
finally:
    master.terminate()
    master.wait(20)
if not right:
    sys.exit(1)
print("As stated: what a database says is no failed login, and what ends as a failed login may be the right password.")
PYTHON
python3 compare.py "$work" "$port"
