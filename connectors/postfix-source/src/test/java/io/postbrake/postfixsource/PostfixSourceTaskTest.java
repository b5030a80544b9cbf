package io.postbrake.postfixsource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.postbrake.logtail.Fingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostfixSourceTaskTest {

    @TempDir
    private Path dir;

    private Path logs;
    private Path state;
    private final Map<String, String> settings = new HashMap<>();
    private PostfixSourceTask task;

    @BeforeEach
    void prepare() throws IOException {
        logs = Files.createDirectory(dir.resolve("log"));
        state = dir.resolve("state");
        settings.put("log.paths", logs.resolve("mail.log").toString());
        settings.put("host.id", "mx1");
        settings.put("state.dir", state.toString());
        settings.put("checkpoint.interval.ms", "0");
    }

    @AfterEach
    void stop() {
        if (task != null) {
            task.stop();
        }
    }

    @Test
    void whatTheBrokerHasIsNotSentAgainAndTheRestIs() throws Exception {
        append("mail.log", removed(1) + removed(2) + removed(3));
        starts();
        List<SourceRecord> sent = polls();
        task.commitRecord(sent.get(0), null);
        task.commitRecord(sent.get(1), null);
        task.poll();

        starts();

        assertThat(queueIds(polls())).containsExactly("A00003");
    }

    /** They stand in the same file; what Dovecot says of anything but logins stays on the host. */
    @Test
    void dovecotsLoginsAreSentAsPostfixsLinesAre() throws Exception {
        String head = "May  9 22:12:21 mx1 dovecot: ";
        String rest = ", method=PLAIN, rip=198.51.100.7, lip=192.0.2.10, mpid=731, TLS, session=<kk2y0PNB>\n";
        append(
                "mail.log",
                removed(1)
                        + head + "imap-login: Login: user=<ann@example.com>" + rest
                        + head + "imap(ann@example.com)<731><kk2y0PNB>: Disconnected: Logged out in=8 out=469\n"
                        + head + "imap-login: Aborted login (auth failed, 3 attempts in 9 secs): user=<bob>" + rest);
        starts();

        List<Struct> sent = polls().stream().map(r -> (Struct) r.value()).toList();

        assertThat(sent).extracting(e -> e.getString("kind")).containsExactly("removed", "login", "login_failed");
        assertThat(sent.get(1).getString("saslUsername")).isEqualTo("ann@example.com");
        assertThat(sent.get(1).getString("session")).isEqualTo("kk2y0PNB");
        assertThat(sent.get(2).getInt64("attempts")).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 2"})
    void aLineOfWhichAPieceWasReadBeforeAStopIsWholeAfterwards(int before, int stops) throws Exception {
        settings.put("log.envelopes", "cri");
        String line = removed(2).strip();
        append("mail.log", cri("F", removed(1).strip()).repeat(before) + cri("P", line.substring(0, 50)));
        for (int i = 0; i < stops; i++) {
            starts();
            List<SourceRecord> some = task.poll();
            for (SourceRecord record : some == null ? List.<SourceRecord>of() : some) {
                task.commitRecord(record, null);
            }
            task.poll();
        }
        append("mail.log", cri("F", line.substring(50)));
        starts();

        List<SourceRecord> sent = polls();

        assertThat(queueIds(sent)).containsExactly("A00002");
    }

    @Test
    void recipientsLeaveTheHostAsPseudonymsOfAKeyThatItKeeps() throws Exception {
        append("mail.log", delivered("A1", "Bob@x.example") + delivered("A2", "eve@x.example"));
        starts();
        List<String> first = recipients();
        append("mail.log", delivered("A3", "bob@x.example"));
        starts();

        List<String> later = recipients();

        assertThat(first).hasSize(2).doesNotHaveDuplicates().allMatch(to -> to.matches("[0-9a-f]{12}@x\\.example"));
        assertThat(later).endsWith(first.get(0));
        assertThat(Files.getPosixFilePermissions(state.resolve("recipients.key")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(polls().toString()).doesNotContainIgnoringCase("bob");
    }

    private List<String> recipients() throws Exception {
        return polls().stream().map(r -> ((Struct) r.value()).getString("to")).toList();
    }

    private static String delivered(String id, String to) {
        return "Nov 24 10:00:00 mx1 postfix/smtp[7]: " + id + "0000: to=<" + to
                + ">, relay=h[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host h said: 550 <"
                + to
                + ">: no such user)\n";
    }

    private static String cri(String tag, String text) {
        return "2026-11-24T10:00:00.000000001Z stdout " + tag + " " + text + "\n";
    }

    @Test
    void linesOfOtherProgramsAreNoEventsAndBadOnesAreWithoutTheirText() throws Exception {
        append("mail.log", removed(1) + "garbage secret\n" + "Nov 24 10:00:00 mx1 cron[1]: hello\n" + removed(2));
        starts();

        List<SourceRecord> sent = polls();

        assertThat(sent)
                .extracting(r -> ((Struct) r.value()).getString("kind"))
                .containsExactly("removed", "unparsed", "removed");
        assertThat(sent.get(1).value().toString()).doesNotContain("secret");
        assertThat(((Struct) sent.get(1).value()).getInt64("rawLength")).isEqualTo(14);
        assertThat(Files.readString(only(".quarantine"))).contains("garbage secret");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(only(".quarantine"))))
                .isEqualTo("rw-------");
    }

    @Test
    void aQuarantineThatCannotBeWrittenLosesNoEvent() throws Exception {
        Path log = logs.resolve("mail.log");
        Files.createDirectories(state.resolve(Fingerprint.name(log) + ".quarantine"));
        append("mail.log", removed(1) + "garbage\n" + removed(2));
        starts();

        List<SourceRecord> sent = polls();

        assertThat(sent).hasSize(3);
    }

    @Test
    void linesAfterARotationArriveWithoutWaitingForTheNextLookAtTheDirectory() throws Exception {
        settings.put("rescan.interval.ms", "3600000");
        append("mail.log", removed(1));
        starts();
        List<SourceRecord> sent = new ArrayList<>(polls());
        Files.move(logs.resolve("mail.log"), logs.resolve("mail.log.1"));
        append("mail.log", "");
        sent.addAll(polls());
        append("mail.log.1", removed(2));
        sent.addAll(polls());
        append("mail.log", removed(3));

        sent.addAll(polls());

        assertThat(queueIds(sent)).containsExactly("A00001", "A00002", "A00003");
    }

    @Test
    void startAtTheEndSkipsWhatIsThereOnceOnly() throws Exception {
        settings.put("start.position", "end");
        append("mail.log.1", removed(1));
        append("mail.log", removed(2) + removed(3).substring(0, 20));
        starts();
        List<SourceRecord> sent = new ArrayList<>(polls());
        append("mail.log", removed(3).substring(20) + removed(4));

        sent.addAll(polls());

        assertThat(queueIds(sent)).containsExactly("A00003", "A00004");
    }

    /** Weeks of mail would be that of one moment, and every sender a thief. */
    @Test
    void oldLinesWithoutAStampAreOfNobodyKnowsWhenAndNewOnesOfNow() throws Exception {
        append("mail.log", bare(1) + removed(2) + bare(3));
        starts();
        List<SourceRecord> sent = new ArrayList<>(polls());
        append("mail.log", bare(4));
        sent.addAll(polls());
        for (SourceRecord record : sent) {
            task.commitRecord(record, null);
        }
        task.poll();
        append("mail.log", bare(5));
        starts();

        List<SourceRecord> afterwards = polls();

        assertThat(queueIds(sent)).containsExactly("A00002", "A00004");
        assertThat(queueIds(afterwards)).containsExactly("A00005");
    }

    private static String bare(int i) {
        return removed(i).replaceFirst(".* postfix/", "postfix/");
    }

    @Test
    void aCheckpointThatWasLostIsMadeGoodFromTheOldestLogWhateverTheStart() throws Exception {
        settings.put("start.position", "end");
        append("mail.log.1", removed(1));
        append("mail.log", removed(2));
        starts();
        task.stop();
        Files.writeString(only(".checkpoint"), "");
        starts();

        List<SourceRecord> sent = polls();

        assertThat(queueIds(sent)).containsExactly("A00001", "A00002");
    }

    @Test
    void patternsFindLogsThatAppearLaterAndNoRotatedOnes() throws Exception {
        settings.put("log.paths", logs + "/*/mail*");
        settings.put("rescan.interval.ms", "10");
        Files.createDirectories(logs.resolve("a"));
        append("a/mail.log", removed(1));
        append("a/mail.log.1", removed(0));
        starts();
        List<SourceRecord> sent = new ArrayList<>(polls());
        Files.createDirectories(logs.resolve("b"));
        append("b/mail.info", removed(2));

        sent.addAll(polls());

        assertThat(queueIds(sent)).containsExactly("A00000", "A00001", "A00002");
    }

    @Test
    void aBusyLogDoesNotKeepAnotherWaiting() throws Exception {
        settings.put("log.paths", logs + "/busy.log," + logs + "/quiet.log");
        for (int i = 0; i < 20_000; i++) {
            append("busy.log", removed(i));
        }
        append("quiet.log", removed(77_777));
        starts();

        List<SourceRecord> first = task.poll();

        assertThat(first).hasSize(2000);
        assertThat(queueIds(first).indexOf("A77777")).isBetween(0, 300);
    }

    @Test
    void aChangeEndsTheWaitForIt() throws Exception {
        // Given
        append("mail.log", removed(1));
        settings.put("poll.interval.ms", "60000");
        task = new PostfixSourceTask(InstantSource.system(), Duration.ofMinutes(1));
        task.start(settings);
        assertThat(queueIds(task.poll())).containsExactly("A00001");
        Thread reader = Thread.currentThread();
        var writer = new FutureTask<>(() -> {
            await().until(() -> reader.getState() == Thread.State.TIMED_WAITING);
            append("mail.log", removed(2));
            return null;
        });
        // When
        new Thread(writer).start();
        long began = System.nanoTime();
        List<SourceRecord> sent = null;
        while (sent == null) {
            sent = task.poll();
        }
        // Then
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
        assertThat(queueIds(sent)).containsExactly("A00002");
        writer.get();
    }

    @Test
    void aHostWithoutAnIdGetsOneForGood() throws Exception {
        settings.remove("host.id");
        append("mail.log", removed(1));
        starts();
        Object first = polls().get(0).key();

        starts();

        assertThat(polls().get(0).key()).isEqualTo(first);
        assertThat(first.toString()).matches("[A-Za-z0-9.-]*-[0-9a-f]{8}");
    }

    @Test
    void anOperatorMovesAndResetsPositions() throws Exception {
        append("mail.log.1", removed(1) + removed(2));
        append("mail.log", removed(3));
        starts();
        List<SourceRecord> sent = polls();
        sent.forEach(r -> task.commitRecord(r, null));
        task.stop();
        var connector = new PostfixSourceConnector();

        connector.alterOffsets(
                settings,
                Map.of(sent.get(0).sourcePartition(), Map.copyOf(sent.get(0).sourceOffset())));

        starts();
        assertThat(queueIds(polls())).containsExactly("A00002", "A00003");
        task.stop();
        var reset = new HashMap<Map<String, ?>, Map<String, ?>>();
        reset.put(sent.get(0).sourcePartition(), null);
        connector.alterOffsets(settings, reset);
        starts();
        assertThat(queueIds(polls())).containsExactly("A00001", "A00002", "A00003");
    }

    @Test
    void positionsThatCannotBeAreRefused() throws Exception {
        append("mail.log", removed(1));
        Map<String, ?> log = Offsets.partition(logs.resolve("mail.log"));
        var connector = new PostfixSourceConnector();
        starts();
        Map<String, Object> offset = new HashMap<>(polls().get(0).sourceOffset());

        offset.put("offset", 7L);
        assertThatThrownBy(() -> connector.alterOffsets(settings, Map.of(log, offset)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("no line that begins at 7");
        offset.put("source", "0".repeat(24));
        assertThatThrownBy(() -> connector.alterOffsets(settings, Map.of(log, offset)))
                .hasMessageContaining("there are [Position[");
        assertThatThrownBy(() -> connector.alterOffsets(settings, Map.of(log, Map.of("offset", "x"))))
                .hasMessageContaining("right would be");
        assertThatThrownBy(() -> connector.alterOffsets(settings, Map.of(Map.of("file", "x"), offset)))
                .hasMessageContaining("right would be");
        assertThatThrownBy(() -> connector.alterOffsets(settings, Map.of(Map.of("log", "/etc/passwd"), offset)))
                .hasMessageContaining("none of log.paths");
    }

    @Test
    void badSettingsAreNamed() {
        for (String bad : List.of("mail.log", "/var/**/x", "/var/log/[", "/")) {
            settings.put("log.paths", bad);
            assertThatThrownBy(() -> new PostfixSourceConfig(settings))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("log.paths");
        }
    }

    private void starts() {
        if (task != null) {
            task.stop();
        }
        task = new PostfixSourceTask();
        task.start(settings);
    }

    private List<SourceRecord> polls() throws InterruptedException {
        List<SourceRecord> all = new ArrayList<>();
        for (int idle = 0; idle < 2; ) {
            List<SourceRecord> some = task.poll();
            idle = some == null ? idle + 1 : 0;
            all.addAll(some == null ? List.of() : some);
        }
        return all;
    }

    private static List<String> queueIds(List<SourceRecord> records) {
        return records.stream()
                .map(r -> ((Struct) r.value()).getString("queueId"))
                .toList();
    }

    private static String removed(int i) {
        return "2026-11-24T10:00:00.%06d+00:00 mx1 postfix/qmgr[7]: A%05d: removed\n".formatted(i, i);
    }

    private Path only(String end) throws IOException {
        try (var files = Files.list(state)) {
            return files.filter(f -> f.toString().endsWith(end)).findFirst().orElseThrow();
        }
    }

    private void append(String name, String text) throws IOException {
        Files.writeString(logs.resolve(name), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
