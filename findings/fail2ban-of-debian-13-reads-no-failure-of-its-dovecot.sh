#!/usr/bin/env bash
# Debian 13's fail2ban does not see one failed login of Debian 13's Dovecot; the same file of expressions saw each of them in Debian 12.
#
# Software:  Debian 12: Dovecot 2.3.19.1, fail2ban 1.0.2. Debian 13: Dovecot 2.4.1, fail2ban 1.1.0. passwd-file, log by syslog.
# Behaviour: Debian's fail2ban 1.1.0 has the expressions of 1.0.2 (filter.d/dovecot.conf is the same file), and Dovecot 2.4 words both of its
#            lines anew: the end of a connection begins with "Login aborted:" and has a second pair of brackets behind the first, and the
#            authentication server puts the name behind "auth" and the database after it. So fail2ban-regex takes neither for a
#            failure, whether the password was wrong or the name, and however the client went. In Debian 12 it takes both, which
#            makes two failures of one attempt with auth_verbose.
# Seen:      Debian 12, 2 of 2 lines   dovecot: auth: passwd-file(ann,127.0.1.9,<...>): Password mismatch
#                                      dovecot: imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<ann>, ...
#            Debian 13, 0 of 2 lines   dovecot: auth(ann,127.0.1.9,sasl:plain)<...>: passwd-file: Password mismatch
#                                      dovecot: imap-login: Login aborted: Connection closed (auth failed, 1 attempts in 2 secs) (auth_failed): ...
#            Not tried: PAM, whose module has a line of its own. fail2ban's own repository knows the new lines by now.
# Matters:   after an upgrade from 12 to 13 the jail "dovecot" is up, reads the log and bans nobody any more who guesses at such accounts.
#
# Needs: Debian 12 (apt-get, dpkg-deb), python3, root (mount namespace, chroot). Nothing is installed; 90 MB are fetched. Loopback only.
set -euo pipefail

if [ "${1:-}" != inside ]; then
    [ "$(id -u)" -eq 0 ] || { echo "a mount namespace needs root" >&2; exit 2; }
    self=$(realpath "${BASH_SOURCE[0]}")
    work=$(mktemp -d /var/tmp/finding-fail2ban-XXXXXX)
    chmod 755 "$work"
    end() {
        local pid
        for pid in $(cat "$work"/*/run/master.pid 2>/dev/null); do kill "$pid" 2>/dev/null || true; done
        sleep 1
        rm -rf "$work"
    }
    trap end EXIT
    cd "$work"

    # The servers that this machine has its own packages from.
    sites=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sort -u)
    mirror=$(grep -v security <<< "$sites" | head -n 1)
    security=$(grep security <<< "$sites" | head -n 1)

    # A root of one release: its packages with all that they need, unpacked and not set up.
    root() {
        local suite=$1
        shift
        mkdir -p "$suite.apt/lists/partial" "$suite.apt/archives/partial" "$suite.apt/none" "$suite/run" "$suite/dev" "$suite/etc" "$suite/mail" "$suite/tmp"
        : > "$suite.apt/status"
        {
            echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
            echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $security $suite-security main"
        } > "$suite.apt/list"
        cat > "$suite.apt/conf" <<CONF
Dir::Etc::sourcelist "$work/$suite.apt/list"; Dir::Etc::sourceparts "$work/$suite.apt/none"; Dir::Etc::preferencesparts "$work/$suite.apt/none";
Dir::State "$work/$suite.apt"; Dir::State::lists "$work/$suite.apt/lists"; Dir::State::status "$work/$suite.apt/status";
Dir::Cache "$work/$suite.apt"; Dir::Cache::archives "$work/$suite.apt/archives";
APT::Sandbox::User "root"; APT::Install-Recommends "false"; Acquire::Languages "none";
CONF
        APT_CONFIG=$work/$suite.apt/conf apt-get update -qq
        APT_CONFIG=$work/$suite.apt/conf apt-get install -qq --yes --download-only "$@" > "$suite.apt/said" || { cat "$suite.apt/said" >&2; exit 2; }
        local directory package
        for directory in bin sbin lib lib64; do
            mkdir -p "$suite/usr/$directory"
            ln -s "usr/$directory" "$suite/$directory"
        done
        for package in "$suite.apt"/archives/*.deb; do
            dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$suite"
        done
        rm -rf "$suite.apt"
        printf 'root:x:0:0::/:/bin/sh\ndovecot:x:60201:60201::/:/bin/false\ndovenull:x:60202:60202::/:/bin/false\nmail:x:60203:60203::/:/bin/false\n' > "$suite/etc/passwd"
        printf 'root:x:0:\ndovecot:x:60201:\ndovenull:x:60202:\nmail:x:60203:\n' > "$suite/etc/group"
        printf 'ann:{PLAIN}right::::::\n' > "$suite/etc/users"
        chmod 777 "$suite/mail"
        : > "$suite/dev/null"
        : > "$suite/dev/urandom"
    }
    root bookworm dovecot-core=1:2.3.19.1+dfsg1-2.1+deb12u7 dovecot-imapd=1:2.3.19.1+dfsg1-2.1+deb12u7 fail2ban=1.0.2-2
    root trixie dovecot-core=1:2.4.1+dfsg1-6+deb13u7 dovecot-imapd=1:2.4.1+dfsg1-6+deb13u7 fail2ban=1.1.0-8
    unshare --mount bash "$self" inside "$work"
    exit
fi

work=$2
cd "$work"
for suite in bookworm trixie; do
    mount --bind /dev/null "$suite/dev/null"
    mount --bind /dev/urandom "$suite/dev/urandom"
done
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

cat > common <<CONF
base_dir = /run
protocols = imap
listen = 127.0.0.1
ssl = no
auth_verbose = yes
first_valid_uid = 1
service imap-login {
  inet_listener imap {
    port = $port
  }
  inet_listener imaps {
    port = 0
  }
}
CONF
cat common - > bookworm/etc/dovecot.conf <<'CONF'
disable_plaintext_auth = no
mail_location = maildir:/mail/%u
passdb {
  driver = passwd-file
  args = /etc/users
}
userdb {
  driver = static
  args = uid=60203 gid=60203 home=/mail/%u
}
CONF
{ printf 'dovecot_config_version = 2.4.1\ndovecot_storage_version = 2.4.1\n'; cat common; cat <<'CONF'; } > trixie/etc/dovecot.conf
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = /mail/%{user}
passdb passwd-file {
  passwd_file_path = /etc/users
}
userdb static {
  fields {
    uid = 60203
    gid = 60203
    home = /mail/%{user}
  }
}
CONF

cat > compare.py <<'PYTHON'
import os, re, socket, subprocess, sys, threading, time

port = int(sys.argv[1])
stored = {}


def keep(suite):
    """The system logger: what arrives at /dev/log is stored as the traditional format has it, with a host's name."""
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    log.bind(f"{suite}/dev/log")
    os.chmod(f"{suite}/dev/log", 0o666)
    lines = stored[suite] = []

    def run():
        while True:
            text = re.sub(r"^<\d+>", "", log.recv(65536).decode().rstrip("\n\0"))
            lines.append(text[:16] + "mx1 " + text[16:])
    threading.Thread(target=run, daemon=True).start()


def attempt(suite, name, password, logout):
    before = len(stored[suite])
    with socket.create_connection(("127.0.0.1", port), timeout=60, source_address=("127.0.1.9", 0)) as connection, \
            connection.makefile("rw") as talk:
        talk.readline()
        talk.write(f"a LOGIN {name} {password}\r\n")
        talk.flush()
        talk.readline()
        if logout:
            talk.write("b LOGOUT\r\n")
            talk.flush()
            talk.read()
    for _ in range(600):
        lines = [line for line in stored[suite][before:] if "127.0.1.9" in line and re.search("auth[(:]|imap-login: ", line)]
        if any("imap-login: " in line for line in lines):
            return lines
        time.sleep(0.1)
    sys.exit("no end of the connection in the log within 60 s")


def matched(suite, lines):
    """How many of the lines the release's own filter takes for a failure, by its own program."""
    with open(f"{suite}/tmp/log", "w") as log:
        log.write("\n".join(lines) + "\n")
    done = subprocess.run(["chroot", suite, "/usr/bin/python3", "/usr/bin/fail2ban-regex", "/tmp/log", "/etc/fail2ban/filter.d/dovecot.conf"],
                          capture_output=True, text=True)
    found = re.search(r"^Lines: (\d+) lines, \d+ ignored, (\d+) matched", done.stdout, re.MULTILINE)
    if not found or int(found[1]) != len(lines):
        print(done.stdout, done.stderr, file=sys.stderr)
        sys.exit(2)
    return int(found[2])


seen = {}
for suite in "bookworm", "trixie":
    keep(suite)
    master = subprocess.Popen(["chroot", suite, "/usr/sbin/dovecot", "-F", "-c", "/etc/dovecot.conf"])
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        time.sleep(1)
        print(f"{suite}, of each the lines that its own filter takes for a failure:")
        for what, name, password, logout in ("wrong password, hung up", "ann", "wrong", False), \
                ("wrong password, logged out", "ann", "wrong", True), ("unknown user, hung up", "bob", "wrong", False):
            lines = attempt(suite, name, password, logout)
            seen[suite, what] = matched(suite, lines), len(lines)
            print(f"  {what}: {seen[suite, what][0]} of {seen[suite, what][1]}")
            for line in lines:
                print(f"    {line[:170]}")
    finally:
        master.terminate()
        master.wait(20)
with open("bookworm/etc/fail2ban/filter.d/dovecot.conf") as old, open("trixie/etc/fail2ban/filter.d/dovecot.conf") as new:
    same = old.read() == new.read()
print("the two filters are", "one and the same file" if same else "different files")
expected = {"bookworm": (2, 2), "trixie": (0, 2)}
if not same or any(count != expected[suite] for (suite, _), count in seen.items()):
    print("CHANGED: it was 2 of 2 lines in bookworm, 0 of 2 in trixie, by the same file")
    sys.exit(1)
print("As stated: Debian 13's filter takes none of the lines of its own Dovecot for a failed login.")
PYTHON
python3 compare.py "$port"
