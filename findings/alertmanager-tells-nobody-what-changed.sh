#!/usr/bin/env bash
# Alertmanager tells nobody of an alert that is over before group_wait is, nor of one whose annotations get worse.
#
# Software:  Alertmanager 0.25.0 (Debian 12) and 0.28.1 (Debian 13), a webhook, group_wait and group_interval of 3 s (30 s and 5 min by default).
# Behaviour: an alert that was taken with 200 and ended within group_wait leaves nothing: neither that it fired nor that it is over. Where
#            nothing comes or goes in a group, an alert that goes on with other annotations is told again after repeat_interval (4 h by
#            default), however many group_intervals pass; when it ends before, what it said meanwhile is told to nobody, and the one
#            notice that follows has the last text. A label that changes is told within group_interval, as a second alert beside the first.
# Seen:      short: fired, over 1 s later                                     nothing told
#            long:  "held" at 0 s, "rejected" at 6 s, "over" with its end     firing "held", resolved "over"
#            label: severity=warning at 0 s, severity=critical at 6 s         firing "held", firing "held" and "rejected"
# Matters:   a block that was lifted within half a minute, and one that grew from a hold to a refusal, are nothing and a hold to who is
#            on call; the state must be looked at, or put into a label with its price of a second alert.
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


def alert(name, summary, **more):
    return {"labels": {"alertname": name, **more.pop("labels", {})}, "annotations": {"summary": summary}, **more}


expected = {
    "short": [],
    "long": [("firing", ["held"]), ("resolved", ["over"])],
    "label": [("firing", ["held"]), ("firing", ["held", "rejected"])],
}
right = True
for suite in "bookworm", "trixie":
    print(suite)
    alertmanager = Alertmanager(suite, 3)
    try:
        warning, critical = {"severity": "warning"}, {"severity": "critical"}
        codes = [alertmanager.post([alert("short", "held"), alert("long", "held"), alert("label", "held", labels=warning)])]
        time.sleep(1)
        codes += [alertmanager.post([alert("short", "over", endsAt=moment())])]
        time.sleep(5)
        codes += [alertmanager.post([alert("long", "rejected"), alert("label", "rejected", labels=critical)])]
        time.sleep(10)
        codes += [alertmanager.post([alert("long", "over", endsAt=moment())])]
        time.sleep(8)
    finally:
        alertmanager.end()
    print("  answers:", *(code for code, _ in codes))
    right &= all(code == 200 for code, _ in codes)
    for name, stated in expected.items():
        told = [(batch["status"], sorted(one["annotations"]["summary"] for one in batch["alerts"]))
                for batch in alertmanager.told if batch["groupLabels"]["alertname"] == name]
        print(f"  {name}: {'; '.join(status + ' ' + ' and '.join(texts) for status, texts in told) or 'nothing told'}")
        if told != stated:
            print(f"  CHANGED: it was {stated}")
            right = False
if not right:
    print("CHANGED")
    sys.exit(1)
print("As stated: what was over within group_wait is told to nobody, nor what an alert said between its first notice and its last.")
PYTHON
python3 compare.py
