#!/usr/bin/env bash
# A Kafka Streams application with group.protocol=streams takes session.timeout.ms and goes by the broker's 45 s, without a word.
#
# Software:  Kafka 4.3.1 (kafka_2.13 and kafka-streams, Maven Central), one KRaft broker with its own defaults.
# Behaviour: the three protocols treat the client's session.timeout.ms in three ways. classic obeys. consumer refuses to start.
#            streams accepts the setting, logs no warning about it, and leaves a dead instance in the group for the broker's
#            group.streams.session.timeout.ms (45 s).
# Seen:      consumer: "session.timeout.ms cannot be set when group.protocol=CONSUMER"
#            classic, session.timeout.ms=6000: a killed instance stays a member for 3.2 to 5.9 s (6 s from its last heartbeat)
#            streams, session.timeout.ms=6000: a killed instance stays a member for 41.9 to 42.1 s; no line of its log at level WARN or
#            above holds "session"
# Matters:   whoever changes the protocol of a tuned application trades a takeover of seconds for one of most of a minute, and
#            nothing but a killed instance shows it.
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
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-streams</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$work/jars" >/dev/null

read -r port controller < <(python3 -c 'import socket
both = [socket.socket() for _ in range(2)]
for one in both: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in both))')
cat > broker.properties <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
controller.listener.names=CONTROLLER
log.dirs=$work/data
num.partitions=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
CONF
jvm=(java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m -Dorg.slf4j.simpleLogger.defaultLogLevel=warn)
"${jvm[@]}" -cp "$work/jars/*" kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qk -c broker.properties >format.out 2>&1 || { cat format.out >&2; exit 2; }
"${jvm[@]}" -cp "$work/jars/*" kafka.Kafka broker.properties >broker.out 2>&1 & broker=$!
for _ in $(seq 300); do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.1
done

cat > Look.java <<'JAVA'
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;

class Look {
    private static final int SESSION_MS = 6_000;

    public static void main(String[] args) throws Exception {
        String bootstrap = args[0];
        if (args.length > 1) {
            application(bootstrap, args[1]);
            return;
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic("in", 1, (short) 1))).all().get(30, TimeUnit.SECONDS);
            boolean refused = consumerRefuses(bootstrap);
            var other = CompletableFuture.supplyAsync(() -> secondsUntilForgotten(admin, bootstrap, "streams"));
            double classic = secondsUntilForgotten(admin, bootstrap, "classic");
            double streams = other.get();
            boolean silent = Files.readAllLines(Path.of("streams.out")).stream().noneMatch(line -> line.contains("session"));
            System.out.printf("its log at level WARN names no session: %s%n", silent);
            if (!refused || classic < 2 || classic > 15 || streams < 35 || streams > 60 || !silent) {
                System.err.println("CHANGED");
                System.exit(1);
            }
            System.out.println("As stated: classic obeys, consumer refuses, streams ignores session.timeout.ms without a word.");
        }
    }

    /** An instance with group.protocol and session.timeout.ms, until it is killed. */
    private static void application(String bootstrap, String protocol) {
        var properties = new Properties();
        properties.put("application.id", protocol);
        properties.put("bootstrap.servers", bootstrap);
        properties.put("group.protocol", protocol);
        properties.put("session.timeout.ms", SESSION_MS);
        properties.put("state.dir", new File("state").getAbsolutePath());
        properties.put("default.key.serde", Serdes.ByteArraySerde.class);
        properties.put("default.value.serde", Serdes.ByteArraySerde.class);
        var builder = new StreamsBuilder();
        builder.stream("in").foreach((key, value) -> {});
        new KafkaStreams(builder.build(), properties).start();
    }

    private static boolean consumerRefuses(String bootstrap) {
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "group.id", "g", "group.protocol", "consumer", "session.timeout.ms", SESSION_MS),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            System.out.println("group.protocol=consumer: taken");
            return false;
        } catch (ConfigException e) {
            System.out.println("group.protocol=consumer: " + e.getMessage());
            return true;
        }
    }

    /** Starts an instance, waits until it is a member, kills it, and waits until the broker has it no longer. */
    private static double secondsUntilForgotten(Admin admin, String bootstrap, String protocol) {
        try {
            return measured(admin, bootstrap, protocol);
        } catch (Exception e) {
            throw new IllegalStateException(protocol, e);
        }
    }

    private static double measured(Admin admin, String bootstrap, String protocol) throws Exception {
        Process instance = new ProcessBuilder(
                        "java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", "jars/*", "Look.java", bootstrap, protocol)
                .redirectErrorStream(true)
                .redirectOutput(new File(protocol + ".out"))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(instance::destroyForcibly));
        try {
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (members(admin, protocol) != 1) {
                if (System.nanoTime() > until || !instance.isAlive()) {
                    throw new IllegalStateException("no member: " + Files.readString(Path.of(protocol + ".out")));
                }
                Thread.sleep(200);
            }
            Thread.sleep(3_000);
        } finally {
            instance.destroyForcibly().waitFor();
        }
        long killed = System.nanoTime();
        while (members(admin, protocol) != 0 && System.nanoTime() - killed < TimeUnit.SECONDS.toNanos(60)) {
            Thread.sleep(200);
        }
        double seconds = (System.nanoTime() - killed) / 1e9;
        System.out.printf("group.protocol=%s, session.timeout.ms=%d: a killed instance is a member for %.1f s%n", protocol, SESSION_MS, seconds);
        return seconds;
    }

    private static int members(Admin admin, String protocol) throws InterruptedException {
        try {
            return protocol.equals("streams")
                    ? admin.describeStreamsGroups(List.of(protocol)).all().get(10, TimeUnit.SECONDS).get(protocol).members().size()
                    : admin.describeConsumerGroups(List.of(protocol)).all().get(10, TimeUnit.SECONDS).get(protocol).members().size();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            return -1;
        }
    }
}
JAVA
"${jvm[@]}" -cp "$work/jars/*" Look.java "127.0.0.1:$port" || { status=$?; tail -n 5 broker.out ./*.out >&2; exit "$status"; }
