package io.postbrake.postfixsource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.LineEnd;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import io.postbrake.postfixlog.envelope.Envelopes;
import io.postbrake.postfixlog.envelope.JournalRule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A host without a mail.log: its events come from real journal files, read by a real journalctl. */
class JournalSourceTest {

    private static final Path WRITER = Path.of("/lib/systemd/systemd-journal-remote");

    @TempDir
    private Path dir;

    private Path journal;
    private final Map<String, String> settings = new HashMap<>();
    private PostfixSourceTask task;
    private long written;

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(
                Files.isExecutable(WRITER) && Files.isExecutable(Path.of("/usr/bin/journalctl")),
                "journald is missing");
        journal = Files.createDirectory(dir.resolve("journal"));
        settings.put("log.paths", "journal:" + journal);
        settings.put("host.id", "mx1");
        settings.put("state.dir", dir.resolve("state").toString());
        settings.put("checkpoint.interval.ms", "0");
    }

    @AfterEach
    void stop() {
        if (task != null) {
            task.stop();
        }
    }

    private void starts() {
        stop();
        task = new PostfixSourceTask();
        task.start(settings);
    }

    private void logs(String program, String... texts) throws Exception {
        for (String text : texts) {
            logs(List.of(
                    "SYSLOG_FACILITY=2", "_UID=0", "SYSLOG_PID=71", "SYSLOG_IDENTIFIER=" + program, "MESSAGE=" + text));
        }
    }

    /** One entry with these fields. */
    private void logs(List<String> fields) throws Exception {
        var export = new StringBuilder();
        export.append("__REALTIME_TIMESTAMP=").append(1_790_000_000_000_000L + 1000 * written++);
        export.append("\n_BOOT_ID=8ddd15c1498845ae8dd4140a2e1075d9\n_HOSTNAME=mail\n");
        export.append(String.join("\n", fields)).append("\n\n");
        Process writer = new ProcessBuilder(WRITER.toString(), "--output=" + journal.resolve("a.journal"), "-")
                .redirectErrorStream(true)
                .start();
        writer.getOutputStream().write(export.toString().getBytes(StandardCharsets.UTF_8));
        writer.getOutputStream().close();
        writer.getInputStream().readAllBytes();
        assertThat(writer.waitFor()).isZero();
    }

    private List<SourceRecord> polls(int count) throws InterruptedException {
        List<SourceRecord> records = new ArrayList<>();
        long patience = System.nanoTime() + 60_000_000_000L;
        while (records.size() < count && System.nanoTime() < patience) {
            List<SourceRecord> some = task.poll();
            records.addAll(some == null ? List.of() : some);
        }
        return records;
    }

    private static List<String> queueIds(List<SourceRecord> records) {
        return records.stream()
                .map(r -> ((Struct) r.value()).getString("queueId"))
                .toList();
    }

    @Test
    void anEntryOfPostfixIsAnEventAndOneOfAnotherProgramIsNone() throws Exception {
        logs("dovecot", "imap-login: hello");
        logs("postfix/qmgr", "4ABC1: removed");
        logs("postfix/smtpd", "4ABC2: client=unknown[203.0.113.9], sasl_method=LOGIN, sasl_username=U@example.org");
        starts();

        List<SourceRecord> sent = polls(2);

        Struct client = (Struct) sent.get(1).value();
        assertThat(client.getString("kind")).isEqualTo("client");
        assertThat(client.getString("saslUsername")).isEqualTo("U@example.org");
        assertThat(client.getString("hostId")).isEqualTo("mx1");
        assertThat(client.getString("loggedHost")).isEqualTo("mail");
        assertThat(client.getString("sourceId")).startsWith("journal-");
        assertThat(client.getInt64("position")).isEqualTo(3);
        assertThat(client.get("occurredAt"))
                .isEqualTo(java.util.Date.from(java.time.Instant.ofEpochMilli(1790000000002L)));
    }

    /** What is said of the journal when it is replayed is what was said when it was followed. */
    @ParameterizedTest
    @ValueSource(strings = {"export", "json", "json-pretty", "verbose"})
    void whatJournalctlWritesOfItIsReadAsTheJournalIs(String form) throws Exception {
        List<String> engine = List.of("_UID=0", "_PID=812", "CONTAINER_ID=0a1b2c3d4e5f", "SYSLOG_FACILITY=2");
        String header = "Sep 21 14:13:19 mx postfix/qmgr[71]: ";
        logs("postfix/qmgr", "4ABC1: removed");
        logs(List.of(
                "SYSLOG_FACILITY=2",
                "_UID=1000",
                "SYSLOG_PID=71",
                "SYSLOG_IDENTIFIER=postfix/qmgr",
                "MESSAGE=4ABC2: removed"));
        logs(List.of(
                "SYSLOG_FACILITY=2",
                "_UID=999",
                "_PID=71",
                "SYSLOG_IDENTIFIER=postfix/qmgr",
                "MESSAGE=4ABC3: removed"));
        logs(with(engine, "SYSLOG_IDENTIFIER=postfix/qmgr", "MESSAGE=4ABC4: removed"));
        logs(with(engine, "SYSLOG_IDENTIFIER=postfix", "MESSAGE=" + header + "4ABC5: removed"));
        logs(with(
                engine,
                "CONTAINER_PARTIAL_MESSAGE=true",
                "SYSLOG_IDENTIFIER=mail",
                "MESSAGE=" + header + "4ABC6: removed"));
        logs(with(engine, "SYSLOG_IDENTIFIER=mail", "MESSAGE=" + header + "4ABC7: removed"));
        logs(with(engine, "SYSLOG_IDENTIFIER=mail", "MESSAGE=" + header + "4ABC8: removed"));
        logs(List.of("SYSLOG_FACILITY=2", "_UID=0", "SYSLOG_IDENTIFIER=relay", "MESSAGE=" + header + "4ABC9: removed"));
        logs("postfix/qmgr", "4ABCA: removed");
        settings.put("journal.container.tags", "relay");
        starts();

        List<String> live = queueIds(polls(6));

        assertThat(live).containsExactly("4ABC1", "4ABC3", "4ABC5", "4ABC8", "4ABC9", "4ABCA");
        assertThat(replayed(form)).isEqualTo(live);
    }

    private List<String> replayed(String form) throws IOException, InterruptedException {
        Process journalctl = new ProcessBuilder(
                        "/usr/bin/journalctl", "--directory=" + journal, "--output=" + form, "--all", "--no-pager")
                .start();
        byte[] log = journalctl.getInputStream().readAllBytes();
        assertThat(journalctl.waitFor()).isZero();
        var parser = PostfixLogParser.ofArchive(
                ZoneOffset.UTC, null, Envelopes.auto().believing(new JournalRule(uid -> uid <= 999, Set.of("relay"))));
        List<String> ids = new ArrayList<>();
        int from = 0;
        for (int to = LineEnd.find(log, 0, log.length); to >= 0; to = LineEnd.find(log, from, log.length)) {
            MailEvent e = parser.parse(log, from, to - from, new LineOrigin("mx1", "replay", 0, from, Instant.now()));
            if (e.getQueueId() != null && !e.getKind().equals("not_postfix")) {
                ids.add(e.getQueueId());
            }
            from = to + 1;
        }
        return ids;
    }

    /** As Docker's and Podman's drivers log the output of a container, which has its own clock's zone. */
    @Test
    void theOutputOfContainersIsReadAndTheirOwnStampCounts() throws Exception {
        settings.put("journal.match", "CONTAINER_NAME=mx,SYSLOG_IDENTIFIER=relay");
        settings.put("journal.container.tags", "relay");
        settings.put("log.zone", "Europe/Berlin");
        List<String> engine = List.of("_UID=0", "_PID=812", "CONTAINER_ID=0a1b2c3d4e5f", "CONTAINER_NAME=mx");
        String client = "4ABC1: client=unknown[203.0.113.9], sasl_method=LOGIN, sasl_username=u@example.org";
        logs(with(engine, "SYSLOG_IDENTIFIER=our-mail", "MESSAGE=Sep 21 16:13:19 mx postfix/smtpd[71]: " + client));
        logs(with(engine, "SYSLOG_IDENTIFIER=0a1b2c3d4e5f", "MESSAGE=postfix/qmgr[72]: 4ABC2: removed"));
        logs(List.of("_UID=0", "SYSLOG_IDENTIFIER=relay", "MESSAGE=postfix/qmgr[73]: 4ABC3: removed"));
        starts();

        List<SourceRecord> sent = polls(3);

        assertThat(queueIds(sent)).containsExactly("4ABC1", "4ABC2", "4ABC3");
        Struct first = (Struct) sent.get(0).value();
        assertThat(first.getString("loggedHost")).isEqualTo("mx");
        assertThat(first.getInt64("pid")).isEqualTo(71);
        assertThat(first.get("occurredAt")).isEqualTo(java.util.Date.from(Instant.parse("2026-09-21T14:13:19Z")));
        assertThat(((Struct) sent.get(1).value()).get("occurredAt"))
                .isEqualTo(java.util.Date.from(Instant.ofEpochMilli(1790000000001L)));
    }

    private static List<String> with(List<String> fields, String... more) {
        return Stream.concat(fields.stream(), Stream.of(more)).toList();
    }

    /** As Postfix in a container of a user's own, or whoever calls logger. */
    @Test
    void anAccountThatIsNotNamedWritesNoLineOfPostfix() throws Exception {
        settings.put("journal.uids", "0-999, 100103");
        for (int uid : List.of(0, 105, 1000, 65534, 100_000, 100_103)) {
            logs(List.of(
                    "SYSLOG_FACILITY=2",
                    "_UID=" + uid,
                    "SYSLOG_IDENTIFIER=postfix/qmgr",
                    "MESSAGE=4ABC" + uid + ": removed"));
        }
        starts();

        List<SourceRecord> sent = polls(3);

        assertThat(queueIds(sent)).containsExactly("4ABC0", "4ABC105", "4ABC100103");
        assertThat(task.poll()).isNullOrEmpty();
    }

    @Test
    void whatTheBrokerHasIsNotSentAgainAndTheRestIsWithTheSameIdentity() throws Exception {
        logs("postfix/qmgr", "4ABC1: removed", "4ABC2: removed", "4ABC3: removed");
        starts();
        List<SourceRecord> sent = polls(3);
        task.commitRecord(sent.get(0), null);
        task.commit();
        starts();
        logs("postfix/qmgr", "4ABC4: removed");

        List<SourceRecord> again = polls(3);

        assertThat(queueIds(again)).containsExactly("4ABC2", "4ABC3", "4ABC4");
        Set<Object> known = new HashSet<>();
        sent.forEach(r -> known.add(((Struct) r.value()).getInt64("position")));
        assertThat(known).contains(((Struct) again.get(0).value()).getInt64("position"));
        assertThat(((Struct) again.get(0).value()).getString("sourceId"))
                .isEqualTo(((Struct) sent.get(0).value()).getString("sourceId"));
    }

    @Test
    void aDamagedCheckpointMeansTheOldestEntryWhateverTheStart() throws Exception {
        settings.put("start.position", "end");
        logs("postfix/qmgr", "4ABC1: removed");
        starts();
        logs("postfix/qmgr", "4ABC2: removed");
        List<SourceRecord> sent = polls(1);
        task.commitRecord(sent.get(0), null);
        stop();
        try (var files = Files.list(dir.resolve("state"))) {
            Path checkpoint = files.filter(f -> f.toString().endsWith(".checkpoint"))
                    .findFirst()
                    .orElseThrow();
            Files.writeString(checkpoint, Files.readString(checkpoint).substring(0, 50));
        }
        starts();

        List<SourceRecord> again = polls(2);

        assertThat(queueIds(sent)).containsExactly("4ABC2");
        assertThat(queueIds(again)).containsExactly("4ABC1", "4ABC2");
    }

    @Test
    void theEndIsRememberedAlthoughNothingCameYet() throws Exception {
        settings.put("start.position", "end");
        logs("postfix/qmgr", "4ABC1: removed");
        starts();
        stop();
        logs("postfix/qmgr", "4ABC2: removed");
        starts();

        List<SourceRecord> sent = polls(1);

        assertThat(queueIds(sent)).containsExactly("4ABC2");
    }

    @Test
    void anOperatorMovesAndResetsThePosition() throws Exception {
        logs("postfix/qmgr", "4ABC1: removed", "4ABC2: removed", "4ABC3: removed");
        starts();
        Map<String, ?> partition = polls(3).get(0).sourcePartition();
        Map<String, ?> second = Offsets.cursor(cursorOfSecond());
        stop();
        var connector = new PostfixSourceConnector();
        connector.alterOffsets(settings, Map.of(partition, second));
        starts();
        List<SourceRecord> moved = polls(1);
        stop();

        connector.alterOffsets(settings, Collections.singletonMap(partition, null));

        starts();
        assertThat(queueIds(moved)).containsExactly("4ABC3");
        assertThat(queueIds(polls(3))).containsExactly("4ABC1", "4ABC2", "4ABC3");
    }

    private String cursorOfSecond() throws Exception {
        Process reader = new ProcessBuilder(
                        "/usr/bin/journalctl", "--directory=" + journal, "--output=export", "--output-fields=MESSAGE")
                .start();
        return new String(reader.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> line.startsWith("__CURSOR="))
                .skip(1)
                .findFirst()
                .orElseThrow()
                .substring("__CURSOR=".length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"4711", "s=1;i=1", "--since=today", ""})
    void aPositionThatIsNoCursorIsRefused(String cursor) {
        var connector = new PostfixSourceConnector();
        Map<Map<String, ?>, Map<String, ?>> offsets =
                Map.of(Offsets.journal("journal:" + journal), Map.of("cursor", cursor));

        assertThatThrownBy(() -> connector.alterOffsets(settings, offsets)).isInstanceOf(ConnectException.class);
    }

    @Test
    void sendersThatAreNoNumbersAreNamed() {
        settings.put("journal.uids", "postfix");

        assertThatThrownBy(() -> new PostfixSourceConfig(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("journal.uids")
                .hasMessageContaining("'postfix'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"journal:relative", "journal,journal:/var/log/journal", "journals"})
    void badSettingsAreNamed(String paths) {
        settings.put("log.paths", paths);

        assertThatThrownBy(() -> new PostfixSourceConfig(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("log.paths");
    }
}
