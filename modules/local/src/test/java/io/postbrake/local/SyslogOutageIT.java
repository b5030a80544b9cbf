package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What real syslog daemons, configured as docs/shipping.md says, make of a broker that goes away and comes again. */
@Tag("soak")
@Timeout(240)
class SyslogOutageIT {

    private static final int LINES = 2000;

    @TempDir
    private Path dir;

    private EmbeddedBroker broker;
    private int port;

    @AfterEach
    void stop() {
        if (broker != null) {
            broker.close();
            broker = null;
        }
    }

    @Test
    void syslogNgLosesNothingAndKeepsTheOrderOverAnOutageOrARestart() throws Exception {
        Path root = Path.of("target", "syslog-ng").toAbsolutePath();
        Assumptions.assumeTrue(SyslogDaemon.unpackSyslogNg(root), "syslog-ng cannot be fetched: no real one here");
        start();
        try (SyslogDaemon daemon = SyslogDaemon.syslogNg(root, dir, broker.bootstrapServers())) {
            losesNothing(daemon);
            assertThat(numbers()).isSorted().doesNotHaveDuplicates();
        }
    }

    @Test
    void rsyslogLosesNothingOverAnOutageOrARestart() throws Exception {
        Assumptions.assumeTrue(SyslogDaemon.isRsyslogThere(), "rsyslog or rsyslog-kafka is not installed");
        start();
        try (SyslogDaemon daemon = SyslogDaemon.rsyslog(dir, broker.bootstrapServers())) {
            losesNothing(daemon);
        }
    }

    private void start() throws Exception {
        begin(0);
        port = URI.create("kafka://" + broker.bootstrapServers()).getPort();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            new TopicAdmin(admin, 1, (short) 1, true).create();
        }
    }

    private void begin(int at) {
        broker = EmbeddedBroker.start(dir.resolve("broker"), at);
    }

    private void losesNothing(SyslogDaemon daemon) throws Exception {
        // Given
        sends(daemon, 0, LINES / 4);
        awaits(LINES / 4);
        // When
        stop();
        sends(daemon, LINES / 4, LINES / 2);
        begin(port);
        awaits(LINES / 2);
        daemon.stop();
        daemon.again();
        sends(daemon, LINES / 2, LINES * 3 / 4);
        awaits(LINES * 3 / 4);
        // Then
        assertThat(new HashSet<>(numbers())).hasSize(LINES * 3 / 4);
    }

    /** Waits until so many are there, or no more come. */
    private void awaits(int many) throws InterruptedException {
        int before = -1;
        for (int quiet = 0; quiet < 15; ) {
            int now = new HashSet<>(numbers()).size();
            if (now >= many) {
                return;
            }
            quiet = now == before ? quiet + 1 : 0;
            before = now;
            TimeUnit.SECONDS.sleep(1);
        }
    }

    private static void sends(SyslogDaemon daemon, int from, int to) throws Exception {
        try (Socket socket = daemon.connected()) {
            var out = socket.getOutputStream();
            for (int i = from; i < to; i++) {
                String line = "<22>Dec  1 10:00:00 mail postfix/submission/smtpd[7]: 4bXYZ" + (10000 + i)
                        + "z: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=ann@example.org\n";
                out.write(line.getBytes(StandardCharsets.US_ASCII));
                out.flush();
                TimeUnit.MILLISECONDS.sleep(10);
            }
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    /** Numbers of the lines on the topic, in its order. */
    private List<Integer> numbers() {
        List<Integer> all = new ArrayList<>();
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", broker.bootstrapServers()));
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            var only = new TopicPartition(Topics.RAW_LINES, 0);
            consumer.assign(List.of(only));
            consumer.seekToBeginning(List.of(only));
            long end = consumer.endOffsets(List.of(only)).get(only);
            while (consumer.position(only) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> {
                    assertThat(record.key()).isEqualTo("mx5");
                    int at = record.value().indexOf("4bXYZ");
                    all.add(Integer.parseInt(record.value().substring(at + 5, at + 10)) - 10000);
                });
            }
        }
        return all;
    }
}
