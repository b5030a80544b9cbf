#!/usr/bin/env bash
# A single Kafka node that was killed keeps itself out until its own old session has run out, and says so at level INFO only.
#
# Software:  Kafka 4.3.1 (kafka_2.13, Maven Central), one node that is broker and controller, with its own defaults.
# Behaviour: started again at once after kill -9, its controller answers the broker's registration with
#            DUPLICATE_BROKER_REGISTRATION: the registration that it finds in its own log counts as a live broker for
#            broker.session.timeout.ms (9 s) from the start of the controller. After SIGTERM nobody waits. Nothing about it is
#            logged at WARN or above.
# Seen:      process start to "Kafka Server started": after SIGTERM 4.3 s, no refused registration; after kill -9 14.0 s and 5
#            refused ones; after kill -9 with broker.session.timeout.ms=3000 8.4 s and 2
# Matters:   whoever measures how fast a one-node installation comes back by stopping it politely measures a third of what a power
#            cut costs. The setting sounds as if it were about other brokers.
#
# Needs: mvn, Java 17 or later, python3 (for a free port). Nothing is installed; 150 MB are fetched at
# the first run. Loopback only.
set -euo pipefail

work=$(mktemp -d /var/tmp/finding-kafka-XXXXXX)
broker=
end() {
    if [ -n "$broker" ]; then kill -9 "$broker" 2>/dev/null && wait "$broker" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap end EXIT
cd "$work"

cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$work/jars" >/dev/null

settings() {
    local port controller
    read -r port controller < <(python3 -c 'import socket
both = [socket.socket() for _ in range(2)]
for one in both: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in both))')
    cat > "$1.properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
controller.listener.names=CONTROLLER
log.dirs=$work/$1
CONF
    if [ $# -gt 1 ]; then echo "$2" >> "$1.properties"; fi
    java -cp 'jars/*' kafka.tools.StorageTool format -t WNJ2bJfMTMSKp5uP2ZG2XA -c "$1.properties" >/dev/null 2>&1
}

# start NAME LOG: starts the node; sets took to the seconds until it says that it has started
start() {
    local from now
    from=$(date +%s.%N)
    java -Xmx512m -cp 'jars/*' -Dorg.slf4j.simpleLogger.logFile="$work/$2" kafka.Kafka "$1.properties" >/dev/null 2>&1 &
    broker=$!
    for _ in $(seq 1200); do
        if grep -q 'Kafka Server started' "$2" 2>/dev/null; then
            now=$(date +%s.%N)
            took=$(python3 -c "print(round($now - $from, 1))")
            return
        fi
        sleep 0.05
    done
    echo "the node did not start: $(tail -n 3 "$2")"
    exit 1
}

stop() {
    kill "$1" "$broker"
    wait "$broker" 2>/dev/null || true
    broker=
}

refused() { grep -c 'controller returned error DUPLICATE_BROKER_REGISTRATION' "$1" || true; }
told() { grep -E ' (WARN|ERROR) ' "$1" | grep -ciE 'duplicate|another broker|unable to register' || true; }

settings stock
settings short broker.session.timeout.ms=3000
start stock first.log; stop -TERM
start stock polite.log; polite=$took; stop -KILL
start stock killed.log; killed=$took; stop -TERM
start short first-short.log; stop -KILL
start short killed-short.log; short=$took; stop -TERM

echo "Kafka $(ls jars | sed -n 's/^kafka_2.13-\(.*\).jar/\1/p'), process start to \"Kafka Server started\", s; registrations refused as duplicates; warnings about it"
echo "after SIGTERM                                     $polite; $(refused polite.log); $(told polite.log)"
echo "after kill -9                                     $killed; $(refused killed.log); $(told killed.log)"
echo "after kill -9, broker.session.timeout.ms=3000     $short; $(refused killed-short.log); $(told killed-short.log)"

python3 - "$polite" "$killed" "$short" "$(refused polite.log)" "$(refused killed.log)" "$(told killed.log)" <<'CHECK'
import sys
polite, killed, short = map(float, sys.argv[1:4])
refused_polite, refused_killed, told = map(int, sys.argv[4:7])
changed = []
if refused_polite != 0: changed.append("a node that was stopped politely was refused as a duplicate")
if refused_killed == 0: changed.append("a killed node was not refused as a duplicate")
if killed < 9: changed.append("a killed node did not wait for its session")
if short > killed - 2: changed.append("a shorter session did not shorten the wait")
if told: changed.append("the wait is told at level WARN or above")
sys.exit("CHANGED: " + "; ".join(changed) if changed else 0)
CHECK
