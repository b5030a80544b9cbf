#!/usr/bin/env bash
# Alertmanager's answer 400 to a batch may mean that all alerts but one are taken and told, or that none is.
#
# Software:  Alertmanager 0.25.0 (Debian 12) and 0.28.1 (Debian 13), one receiver, POST /api/v2/alerts with three alerts of which the
#            second has a fault.
# Behaviour: a fault that is found when alerts are looked at one by one (its start lies behind its end, all its labels are empty) is
#            answered with 400 after the others were stored: they are shown, and people are told. A fault that is found while JSON is read
#            (an annotation that is a number, a date in words) is answered with 400 too, and none is stored. Only the text of the answer tells
#            the two apart: a JSON string there, an object with "code" and "message" here. A label's or annotation's name with a hyphen is such a
#            fault of one alert in 0.25.0 and none in 0.28.1.
# Seen:      the second alert                     0.25.0               0.28.1
#            begins after its end                 400, 2 of 3 told     400, 2 of 3 told
#            has empty labels only                400, 2 of 3 told     400, 2 of 3 told
#            has a number for an annotation       400, 0 of 3 told     400, 0 of 3 told
#            has a hyphen in a label's name       400, 2 of 3 told     200, 3 of 3 told
# Matters:   who drops a batch that was answered 400, as one does with what can never be taken, loses good alerts in the second case; who
#            counts it as not delivered is wrong in the first, and rings elsewhere for what was told.
#
# Needs: Debian 12 (apt-get, dpkg-deb), python3. Nothing is installed; 35 MB are fetched. Loopback only.
set -euo pipefail

work=$(mktemp -d /var/tmp/finding-alertmanager-XXXXXX)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Debian 12's by this machine's lists; Debian 13's by lists of its own.
mkdir -p apt/lists/partial apt/archives/partial apt/none bookworm trixie
: > apt/status
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" > apt/list
cat > apt/conf <<CONF
Dir::Etc::sourcelist "$work/apt/list"; Dir::Etc::sourceparts "$work/apt/none"; Dir::Etc::preferencesparts "$work/apt/none";
Dir::State "$work/apt"; Dir::State::lists "$work/apt/lists"; Dir::State::status "$work/apt/status"; Dir::Cache "$work/apt";
Acquire::Languages "none";
CONF
(cd bookworm && apt-get download -qq -o APT::Sandbox::User=root prometheus-alertmanager=0.25.0-1+b4)
APT_CONFIG=$work/apt/conf apt-get update -qq -o APT::Sandbox::User=root
(cd trixie && APT_CONFIG=$work/apt/conf apt-get download -qq -o APT::Sandbox::User=root prometheus-alertmanager=0.28.1+ds-1)
for suite in bookworm trixie; do dpkg-deb -x "$suite"/*.deb "$suite"; done

cat > compare.py <<'PYTHON'
import http.server, json, subprocess, sys, threading, time, urllib.error, urllib.request
from datetime import datetime, timedelta, timezone


def moment(seconds=0):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


class Alertmanager:
    """One Alertmanager, and the webhook that it tells."""

    def __init__(self, suite, wait):
        self.told = told = []

        class Hook(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        hook = http.server.HTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        free = http.server.HTTPServer(("127.0.0.1", 0), Hook)
        self.url = f"http://127.0.0.1:{free.server_port}"
        free.server_close()
        with open(f"{suite}.yml", "w") as config:
            config.write(f"""
route: {{receiver: hook, group_by: [alertname], group_wait: {wait}s, group_interval: {wait}s}}
receivers: [{{name: hook, webhook_configs: [{{url: "http://127.0.0.1:{hook.server_port}/"}}]}}]
""")
        self.process = subprocess.Popen([f"{suite}/usr/bin/prometheus-alertmanager", f"--config.file={suite}.yml", f"--storage.path={suite}.data",
                                         f"--web.listen-address={self.url[7:]}", "--cluster.listen-address="], stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                urllib.request.urlopen(self.url + "/-/ready").close()
                return
            except OSError:
                time.sleep(0.1)
        sys.exit("not ready within 20 s")

    def post(self, alerts):
        request = urllib.request.Request(self.url + "/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def end(self):
        self.process.terminate()
        self.process.wait(20)


faults = {
    "begins after its end": {"startsAt": moment(60), "endsAt": moment(-60)},
    "has empty labels only": {"labels": {"alertname": "", "host": ""}},
    "has a number for an annotation": {"annotations": {"messages": 60}},
    "has a hyphen in a label's name": {"labels": {"alertname": "second", "x-host": "mx1"}},
}
expected = {
    "bookworm": [(400, 2, str), (400, 2, str), (400, 0, dict), (400, 2, str)],
    "trixie": [(400, 2, str), (400, 2, str), (400, 0, dict), (200, 3, None)],
}
right = True
for suite in "bookworm", "trixie":
    print(suite)
    for (fault, faulty), stated in zip(faults.items(), expected[suite]):
        alertmanager = Alertmanager(suite, 1)
        try:
            code, text = alertmanager.post([{"labels": {"alertname": "first"}}, {"labels": {"alertname": "second"}, **faulty},
                                            {"labels": {"alertname": "third"}}])
            time.sleep(4)
            told = {alert["labels"]["alertname"] for batch in alertmanager.told for alert in batch["alerts"]}
        finally:
            alertmanager.end()
            subprocess.run(["rm", "-r", f"{suite}.data"], check=True)
        print(f"  the second {fault}: {code}, {len(told)} of 3 told; {text.strip()[:110]}")
        if (code, len(told), type(json.loads(text)) if text else None) != stated:
            print(f"  CHANGED: it was {stated}")
            right = False
if not right:
    sys.exit(1)
print("As stated: 400 is said of batches of which the rest was told, and of batches of which nothing was.")
PYTHON
python3 compare.py
