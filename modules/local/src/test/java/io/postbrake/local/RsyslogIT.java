package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.app.Detector;
import io.postbrake.app.DetectorConfig;
import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.postfixlog.RecipientPolicy;
import io.postbrake.postfixlog.envelope.Envelopes;
import io.postbrake.streams.RawLines;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real rsyslogd ships to the topic of raw lines, configured as docs/shipping.md says. */
@Timeout(180)
class RsyslogIT {

    private static final Path RSYSLOGD = Path.of("/usr/sbin/rsyslogd");
    /** More lines than a queue in memory holds, which would let newer ones pass older ones. */
    private static final int MESSAGES = 3000;

    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH);

    @TempDir
    private Path dir;

    @Test
    void itsLinesAreParsedAndJudgedAsTheShippersAre() throws Exception {
        Assumptions.assumeTrue(
                Files.exists(RSYSLOGD) && omkafka(),
                "rsyslog or rsyslog-kafka is not installed: no real rsyslogd here");
        try (Cluster cluster = Cluster.start(dir.resolve("cluster"))) {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()))) {
                new TopicAdmin(admin, 1, (short) 1, true).create();
            }
            int port = JavaProcess.freePort();
            Process rsyslogd = rsyslogd(cluster.bootstrap(), port);
            try (Detector detector = Detector.start(detector(cluster))) {
                sends(port, 0, MESSAGES);

                Operator.awaits(
                        "all are events",
                        Duration.ofSeconds(60),
                        () -> cluster.read(Topics.MAIL_EVENTS).size() >= 2 * MESSAGES);
                Operator.awaits(
                        "all are judged",
                        Duration.ofSeconds(60),
                        () -> cluster.read(Topics.MAIL_SUBMISSIONS).size() >= 2 * MESSAGES);
                assertThat(detector.ready()).isTrue();
            } finally {
                rsyslogd.destroy();
                assertThat(rsyslogd.waitFor(20, TimeUnit.SECONDS)).isTrue();
            }
            List<MailEvent> events = cluster.read(Topics.MAIL_EVENTS);
            assertThat(events).hasSize(2 * MESSAGES).allSatisfy(event -> {
                assertThat(event.getHostId()).isEqualTo("mx5");
                assertThat(event.getService()).isIn("smtpd", "qmgr");
            });
            assertThat(events.stream().filter(e -> e.getKind().equals("client")))
                    .hasSize(MESSAGES)
                    .allSatisfy(e -> {
                        assertThat(e.getSyslogName()).isEqualTo("postfix/submission/smtpd");
                        assertThat(e.getSaslUsername()).isEqualTo("anna@my-domain.net");
                    });
            assertThat(cluster.read(Topics.MAIL_SUBMISSIONS).stream()
                            .filter(s -> s.getPhase().equals("ACCEPTED"))
                            .map(Submission::getQueueId))
                    .containsExactlyElementsOf(
                            IntStream.range(0, MESSAGES).mapToObj(RsyslogIT::id).toList());
        }
    }

    private static boolean omkafka() throws IOException {
        try (var libraries = Files.walk(Path.of("/usr/lib"), 3)) {
            return libraries.anyMatch(p -> p.endsWith("rsyslog/omkafka.so"));
        }
    }

    private Process rsyslogd(String bootstrap, int port) throws IOException {
        Path config = Files.writeString(
                dir.resolve("rsyslog.conf"),
                "global(workDirectory=\"" + dir + "\")\n"
                        + "module(load=\"omkafka\")\n"
                        + "module(load=\"imtcp\")\n"
                        + "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"" + port + "\")\n"
                        + documented().replace("kafka:9092", bootstrap));
        return new ProcessBuilder(
                        RSYSLOGD.toString(),
                        "-n",
                        "-f",
                        config.toString(),
                        "-i",
                        dir.resolve("rsyslogd.pid").toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("rsyslogd.out").toFile())
                .start();
    }

    /** What the page tells to put into rsyslog's configuration. */
    private static String documented() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/shipping.md"))) {
            root = root.getParent();
        }
        String page = Files.readString(root.resolve("docs/shipping.md"));
        int from = page.indexOf("```\n", page.indexOf("rsyslog (`rsyslog-kafka`)")) + 4;
        return page.substring(from, page.indexOf("```", from));
    }

    private static DetectorConfig detector(Cluster cluster) {
        DetectorConfig plain = cluster.detector();
        return new DetectorConfig(
                plain.kafka(),
                plain.registryUrl(),
                plain.registryProperties(),
                plain.applicationId(),
                plain.stateDir(),
                plain.partitions(),
                plain.geoFiles(),
                List.of(),
                -1,
                InetAddress.getLoopbackAddress(),
                ConsoleConfig.off(),
                DetectionConfig.defaults(),
                new RawLines(ZoneOffset.UTC, Envelopes.auto(), 0, RecipientPolicy.of("full", null)));
    }

    /**
     * Two lines a message, and one of another program. The host's clock is three hours ahead: rsyslog stamps records with the
     * lines' time, which brokers refuse by default when it is an hour ahead.
     */
    private static void sends(int port, int from, int to) throws Exception {
        String stamp =
                "<22>" + STAMP.format(ZonedDateTime.now(ZoneId.systemDefault()).plusHours(3)) + " mail ";
        try (Socket socket = connected(port)) {
            var out = socket.getOutputStream();
            for (int i = from; i < to; i++) {
                String lines = stamp + "postfix/submission/smtpd[7]: " + id(i)
                        + ": client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=anna@my-domain.net\n"
                        + stamp + "dovecot: imap-login: Login: user=<anna>, rip=192.0.2.7\n"
                        + stamp + "postfix/qmgr[8]: " + id(i)
                        + ": from=<anna@my-domain.net>, size=900, nrcpt=1 (queue active)\n";
                out.write(lines.getBytes(StandardCharsets.US_ASCII));
            }
            out.flush();
        }
    }

    private static Socket connected(int port) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        for (; ; ) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), port);
            } catch (IOException e) {
                assertThat(System.nanoTime()).as("rsyslogd listens").isLessThan(end);
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    private static String id(int i) {
        return String.format(Locale.ROOT, "4bXYZ%05dz", i);
    }
}
