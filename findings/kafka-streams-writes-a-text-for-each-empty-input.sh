#!/usr/bin/env bash
# Since 4.2.0 a Kafka Streams task formats a text about each of its empty inputs at every record, whether or not anybody logs it.
#
# Software:  kafka-streams 4.1.1, 4.2.0 and 4.3.1 with kafka-streams-test-utils (Maven Central), Java 17; no logging at all.
# Behaviour: a task that reads several topics asks before each record whether its inputs are ready. For an input without records
#            "Partition ... has fetched lag of ..." is formatted each time and thrown away, unless max.task.idle.ms is -1.
# Seen:      bytes allocated for a record of one topic, for each further topic that the task reads and that is empty:
#            1594 with 4.1.1; 4864 with 4.2.0, 4864 with 4.3.1; 1336 with 4.3.1 and max.task.idle.ms=-1
# Matters:   a topology that merges rarely used topics (words of operators, findings, profiles) into a busy one pays for each of
#            them at every record: a tenth of a stream thread's time in samples of one with five inputs.
#
# Needs: mvn, Java 17 or later. Nothing is installed; 150 MB are fetched at the first run. No network at run time.
set -euo pipefail

work=$(mktemp -d /var/tmp/finding-streams-XXXXXX)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > EmptyInputs.java <<'JAVA'
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;

final class EmptyInputs {
    private static final int RECORDS = 20_000;

    public static void main(String[] args) {
        long one = bytes(1, args);
        long six = bytes(6, args);
        System.out.println((six - one) / 5);
    }

    private static long bytes(int inputs, String[] args) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(
                        IntStream.range(0, inputs).mapToObj(i -> "input-" + i).toList(),
                        Consumed.with(Serdes.String(), Serdes.String()))
                .foreach((key, value) -> {});
        Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, "finding");
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        config.put(StreamsConfig.STATE_DIR_CONFIG, args[0] + "/" + inputs);
        config.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, args[1]);
        try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(), config)) {
            TestInputTopic<String, String> input =
                    driver.createInputTopic("input-0", new StringSerializer(), new StringSerializer());
            pipe(input);
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long me = Thread.currentThread().getId();
            long before = threads.getThreadAllocatedBytes(me);
            pipe(input);
            return (threads.getThreadAllocatedBytes(me) - before) / RECORDS;
        }
    }

    private static void pipe(TestInputTopic<String, String> input) {
        for (int i = 0; i < RECORDS; i++) {
            input.pipeInput("key", "value");
        }
    }
}
JAVA

# bytes VERSION IDLE: bytes for a record and an empty input
bytes() {
    if [ ! -d "jars-$1" ]; then
        cat > pom.xml <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-streams-test-utils</artifactId><version>$1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
        mvn -B -q -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$work/jars-$1" >/dev/null
    fi
    # Without escape analysis, which depends on when the compiler ran.
    java -XX:TieredStopAtLevel=1 -cp "jars-$1/*" EmptyInputs.java "$work/state-$1$2" "$2"
}

before=$(bytes 4.1.1 0)
since=$(bytes 4.2.0 0)
now=$(bytes 4.3.1 0)
disabled=$(bytes 4.3.1 -1)
echo "bytes a record for each empty input: 4.1.1 $before; 4.2.0 $since; 4.3.1 $now; 4.3.1 with max.task.idle.ms=-1 $disabled"
if [ "$since" -gt $((2 * before)) ] && [ "$now" -gt $((2 * before)) ] && [ "$disabled" -lt "$((now / 2))" ]; then
    echo "as described"
else
    echo "the behaviour changed"
    exit 1
fi
