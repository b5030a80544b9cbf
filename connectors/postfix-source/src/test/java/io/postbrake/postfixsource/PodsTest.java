package io.postbrake.postfixsource;

import static io.postbrake.testkit.Kubelet.removed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.testkit.Kubelet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The logs of a node's pods: each pod is a host of its own, for as long as it is there. */
class PodsTest {

    private static final String REPORTS = "abuse.enforcement.v1";
    private static final String FIRST = "5f3d8a2e-9f0c-4a51-8d7e-0123456789ab";
    private static final String SECOND = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

    @TempDir
    private Path dir;

    private Path pods;
    private final Map<String, String> settings = new HashMap<>();
    private PostfixSourceTask task;
    private final List<SourceRecord> reports = new ArrayList<>();

    @BeforeEach
    void prepare() throws IOException {
        pods = Files.createDirectory(dir.resolve("pods"));
        settings.put("log.paths", "pods:" + pods);
        settings.put("pods.match", "mail/postfix-*/postfix");
        settings.put("host.id", "node1");
        settings.put("state.dir", dir.resolve("state").toString());
        settings.put("report.topic", REPORTS);
        settings.put("checkpoint.interval.ms", "0");
        settings.put("rescan.interval.ms", "10");
    }

    @AfterEach
    void stop() {
        if (task != null) {
            task.stop();
        }
    }

    private void starts() {
        if (task != null) {
            task.stop();
        }
        task = new PostfixSourceTask();
        task.start(settings);
    }

    /** Events as {@code HOST QUEUEID}, which the broker has then; reports are put aside. */
    private List<String> events() throws InterruptedException {
        List<String> all = new ArrayList<>();
        for (int idle = 0; idle < 3; ) {
            List<SourceRecord> some = task.poll();
            int before = all.size();
            for (SourceRecord record : some == null ? List.<SourceRecord>of() : some) {
                if (record.topic().equals(REPORTS)) {
                    reports.add(record);
                } else {
                    var event = (Struct) record.value();
                    assertThat(record.key()).isEqualTo(event.getString("hostId"));
                    all.add(event.getString("hostId") + " " + event.getString("queueId"));
                }
                task.commitRecord(record, null);
            }
            idle = all.size() == before ? idle + 1 : 0;
        }
        task.commit();
        return all;
    }

    private List<String> state() throws IOException {
        try (var files = Files.list(dir.resolve("state"))) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void eachPodIsAHostByItsUidAndOthersAreLeftAlone() throws Exception {
        new Kubelet(pods, "mail", "postfix-0", FIRST).writes(removed(1));
        new Kubelet(pods, "mail", "postfix-1", SECOND).writes(removed(2));
        new Kubelet(pods, "other", "postfix-0", "a").writes(removed(3));
        starts();

        List<String> events = events();

        assertThat(events).containsExactlyInAnyOrder(FIRST + " A00001", SECOND + " A00002");
    }

    @Test
    void aPodThatComesIsReadFromItsFirstLineEvenWhereOthersBeganAtTheirEnd() throws Exception {
        settings.put("start.position", "end");
        new Kubelet(pods, "mail", "postfix-0", FIRST).writes(removed(1));
        starts();
        assertThat(events()).isEmpty();
        new Kubelet(pods, "mail", "postfix-1", SECOND).writes(removed(2));
        List<String> events = new ArrayList<>(events());
        task.stop();
        task = null;
        new Kubelet(pods, "mail", "postfix-2", "c").writes(removed(3));
        starts();

        events.addAll(events());

        assertThat(events).containsExactly(SECOND + " A00002", "c A00003");
    }

    @Test
    void rotationsAndRestartsWithAStopInTheMiddleOfALineLoseAndRepeatNothing() throws Exception {
        var kubelet = new Kubelet(pods, "mail", "postfix-0", FIRST);
        kubelet.writes(removed(1));
        String cut = removed(2);
        kubelet.piece("stdout", "P", cut.substring(0, 40));
        kubelet.piece("stderr", "P", "Nov 24 10:00:00 mx1 ");
        starts();
        List<String> events = new ArrayList<>(events());
        starts();
        kubelet.piece("stderr", "F", "cron[1]: hello");
        kubelet.piece("stdout", "F", cut.substring(40));
        kubelet.writes(removed(3));
        events.addAll(events());
        task.stop();
        task = null;
        kubelet.writes(removed(4));
        kubelet.rotates("20260101-120000");
        kubelet.writes(removed(5));
        kubelet.rotates("20260101-130000");
        kubelet.writes(removed(6));
        kubelet.restarts();
        kubelet.writes(removed(7));
        starts();

        events.addAll(events());

        assertThat(events)
                .containsExactly(
                        FIRST + " A00001",
                        FIRST + " A00002",
                        FIRST + " A00003",
                        FIRST + " A00004",
                        FIRST + " A00005",
                        FIRST + " A00006",
                        FIRST + " A00007");
    }

    @Test
    void aLineThatARotationCutsIsWholeAndLeavesNoPieceForTheNextOne() throws Exception {
        var kubelet = new Kubelet(pods, "mail", "postfix-0", FIRST);
        String first = removed(1);
        String second = removed(2);
        kubelet.piece("stdout", "P", first.substring(0, 40));
        starts();
        List<String> events = new ArrayList<>(events());
        kubelet.rotates("20260101-120000");
        kubelet.piece("stdout", "P", first.substring(40, 60));
        events.addAll(events());
        starts();
        kubelet.piece("stdout", "F", first.substring(60));
        events.addAll(events());
        starts();
        kubelet.piece("stdout", "F", second);

        events.addAll(events());

        assertThat(events).containsExactly(FIRST + " A00001", FIRST + " A00002");
    }

    @Test
    void aRunOfAContainerIsReadBeforeTheNextOneHoweverMuchItWrote() throws Exception {
        settings.put("batch.max.lines", "100");
        var kubelet = new Kubelet(pods, "mail", "postfix-0", FIRST);
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= 1200; i++) {
            if (i % 400 == 0) {
                kubelet.restarts();
            }
            kubelet.writes(removed(i));
            expected.add(FIRST + " A%05d".formatted(i));
        }
        starts();

        List<String> events = events();

        assertThat(events).containsExactlyElementsOf(expected);
    }

    @Test
    void aPodThatEndsIsReadToItsEndSaysFarewellAndLeavesNothingBehind() throws Exception {
        var kubelet = new Kubelet(pods, "mail", "postfix-0", FIRST);
        kubelet.writes(removed(1));
        starts();
        events();
        kubelet.writes(removed(2));
        kubelet.deletes();

        List<String> events = events();
        events();

        assertThat(events).containsExactly(FIRST + " A00002");
        assertThat(farewells()).containsExactly(FIRST + "/shipper mail/postfix-0");
        assertThat(state()).containsExactly("pods", "recipients.key");
        assertThat(dir.resolve("state/pods")).hasContent("");
    }

    @Test
    void aPodThatEndedWhileTheShipperWasDownSaysFarewellToo() throws Exception {
        var kubelet = new Kubelet(pods, "mail", "postfix-0", FIRST);
        kubelet.writes(removed(1));
        starts();
        events();
        task.stop();
        task = null;
        kubelet.deletes();
        starts();

        events();

        assertThat(farewells()).containsExactly(FIRST + "/shipper mail/postfix-0");
        assertThat(state()).containsExactly("pods", "recipients.key");
    }

    @Test
    void aFarewellThatTheBrokerDoesNotHaveIsSaidOnceMoreAfterAStop() throws Exception {
        var kubelet = new Kubelet(pods, "mail", "postfix-0", FIRST);
        starts();
        events();
        kubelet.deletes();
        int said = 0;
        for (int i = 0; i < 200 && said == 0; i++) {
            List<SourceRecord> some = task.poll();
            said += some == null
                    ? 0
                    : (int) some.stream().filter(PodsTest::isFarewell).count();
        }
        starts();

        events();

        assertThat(said).isEqualTo(1);
        assertThat(farewells()).containsExactly(FIRST + "/shipper mail/postfix-0");
    }

    @Test
    void afterTheFarewellOfAPodNothingIsReportedOfItAnyMore() throws Exception {
        var kubelet = new Kubelet(pods, "mail", "postfix-0", FIRST);
        kubelet.writes(removed(1));
        Instant start = Instant.parse("2026-05-09T20:12:21Z");
        var now = new AtomicReference<>(start);
        task = new PostfixSourceTask(now::get, Duration.ofMillis(10));
        task.start(settings);
        events();
        now.set(start.plusMillis(19_500));
        events();
        kubelet.deletes();
        events();
        assertThat(farewells()).hasSize(1);
        reports.clear();
        now.set(start.plusMillis(20_200));

        events();

        assertThat(reports).extracting(SourceRecord::key).containsExactly("node1/shipper");
    }

    private List<String> farewells() {
        return reports.stream()
                .filter(PodsTest::isFarewell)
                .map(record -> record.key() + " " + ((Struct) record.value()).getString("hostLabel"))
                .toList();
    }

    private static boolean isFarewell(SourceRecord record) {
        return record.topic().equals(REPORTS) && ((Struct) record.value()).get("endedAt") != null;
    }

    @Test
    void eachPodsProblemsAreReportedOfItAndAMissingDirectoryOfTheNode() throws Exception {
        var kubelet = new Kubelet(pods, "mail", "postfix-0", FIRST);
        for (int i = 0; i < 30; i++) {
            kubelet.piece("stdout", "F", "@@@ postfix/smtpd[71]: secret");
        }
        Files.createSymbolicLink(pods.resolve("mail_postfix-0_" + FIRST + "/postfix/1.log"), dir.resolve("x-json.log"));
        starts();
        events();
        Map<Object, List<String>> told = new HashMap<>();
        reports.forEach(r -> told.put(r.key(), ((Struct) r.value()).getArray("logProblems")));
        kubelet.deletes();
        Files.delete(pods);
        reports.clear();
        starts();

        events();

        assertThat(told.get("node1/shipper")).isEmpty();
        assertThat(told.get(FIRST + "/shipper"))
                .anySatisfy(problem -> assertThat(problem).contains("100 %"))
                .anySatisfy(problem -> assertThat(problem).contains("mount that directory of the node, too"));
        assertThat(reports)
                .filteredOn(r -> r.key().equals("node1/shipper"))
                .last()
                .satisfies(r -> assertThat(((Struct) r.value()).<String>getArray("logProblems"))
                        .containsExactly(pods + " is no directory: mount the node's /var/log/pods there"));
    }

    @Test
    void badSettingsAreNamed() {
        settings.put("pods.match", "postfix");
        assertThatThrownBy(this::starts).hasMessageContaining("pods.match");
        settings.remove("pods.match");
        assertThatThrownBy(this::starts).hasMessageContaining("pods.match");
        settings.put("pods.match", "mail/*/postfix");
        settings.put("log.paths", "pods:logs");
        assertThatThrownBy(this::starts).hasMessageContaining("log.paths");
        settings.put("log.paths", "/var/log/mail.log");
        assertThatThrownBy(this::starts).hasMessageContaining("pods.match");
    }
}
