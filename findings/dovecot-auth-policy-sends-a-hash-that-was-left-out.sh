#!/usr/bin/env bash
# Dovecot 2.4's auth policy sends a hash of each password although the attributes that were configured do not have it.
#
# Software:  Debian 12: Dovecot 2.3.19.1. Debian 13: Dovecot 2.4.1. passwd-file, a login by IMAP, a policy server that writes down what it is asked.
# Behaviour: auth_policy_request_attributes says what is sent to the policy server. In 2.3 it is one text that replaces the default: what is listed is
#            sent. In 2.4 it is a group of names, and what is listed is added to the default's: device_id, protocol, session_id, fail_type and
#            pwhash go out as well. A name is taken out by giving it an empty value, and is sent as an empty text then.
# Seen:      configured: login and remote. The question "may this login go on", by the names in it but for tls:
#            2.3.19   login remote
#            2.4.1    device_id fail_type login protocol pwhash remote session_id, with pwhash two bytes in hexadecimal
# Matters:   a site that left the hash out on purpose sends it after an upgrade, in clear if the URL is http.
#
# Needs: Debian 12 (apt-get, dpkg-deb), python3, root (mount namespace, chroot). Nothing is installed; 70 MB are fetched. Loopback only.
set -euo pipefail

if [ "${1:-}" != inside ]; then
    [ "$(id -u)" -eq 0 ] || { echo "a mount namespace needs root" >&2; exit 2; }
    self=$(realpath "${BASH_SOURCE[0]}")
    work=$(mktemp -d /var/tmp/finding-authpolicy-XXXXXX)
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
    root bookworm dovecot-core=1:2.3.19.1+dfsg1-2.1+deb12u7 dovecot-imapd=1:2.3.19.1+dfsg1-2.1+deb12u7
    root trixie dovecot-core=1:2.4.1+dfsg1-6+deb13u7 dovecot-imapd=1:2.4.1+dfsg1-6+deb13u7
    unshare --mount bash "$self" inside "$work"
    exit
fi

work=$2
cd "$work"
for suite in bookworm trixie; do
    mount --bind /dev/null "$suite/dev/null"
    mount --bind /dev/urandom "$suite/dev/urandom"
done
free() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free)
policy=$(free)

cat > common <<CONF
base_dir = /run
protocols = imap
listen = 127.0.0.1
ssl = no
auth_policy_server_url = http://127.0.0.1:$policy/
auth_policy_hash_nonce = some-nonce
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
auth_policy_request_attributes = login=%u remote=%{rip}
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
auth_policy_request_attributes {
  login = %{user}
  remote = %{remote_ip}
}
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

cat > ask.py <<'PYTHON'
import http.server, json, os, re, signal, socket, subprocess, sys, threading, time

port, policy = int(sys.argv[1]), int(sys.argv[2])
asked = []


class Policy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        answer = b'{"status":0,"msg":""}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", policy), Policy)
threading.Thread(target=server.serve_forever, daemon=True).start()


def login():
    until = time.time() + 20
    while True:
        try:
            client = socket.create_connection(("127.0.0.1", port), timeout=10)
            break
        except OSError:
            if time.time() > until:
                raise
            time.sleep(0.2)
    client.recv(4096)
    client.sendall(b"a LOGIN ann right\r\n")
    said = client.recv(4096)
    client.close()
    return said.startswith(b"a OK")


seen = {}
for suite in ("bookworm", "trixie"):
    asked.clear()
    master = subprocess.Popen(["chroot", suite, "/usr/sbin/dovecot", "-F", "-c", "/etc/dovecot.conf"])
    try:
        if not login():
            sys.exit(f"{suite}: the login did not work, so that nothing can be said")
    finally:
        master.send_signal(signal.SIGTERM)
        master.wait(20)
    question = next(body for path, body in asked if "allow" in path)
    seen[suite] = sorted(name for name in question if name != "tls")
    print(suite, " ".join(seen[suite]), "pwhash=" + question.get("pwhash", "none"))
    if suite == "trixie" and not re.fullmatch("[0-9a-f]{4}", question.get("pwhash", "")):
        sys.exit("CHANGED: 2.4 sends no hash that was not asked for")
if seen["bookworm"] != ["login", "remote"]:
    sys.exit("CHANGED: 2.3 sends other names than those that were configured")
if seen["trixie"] != ["device_id", "fail_type", "login", "protocol", "pwhash", "remote", "session_id"]:
    sys.exit("CHANGED: 2.4 adds other names to those that were configured")
PYTHON
python3 ask.py "$port" "$policy"
