package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class HostStatusTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final List<Block> blocks = new ArrayList<>();
    private final List<EnforcementReport> reports = new ArrayList<>();

    @Test
    void aHostThatConfirmedItsBlocksIsWell() {
        reports.add(host("mx1", 1).build());
        UUID id = decided(NOON.minusSeconds(30));
        confirmed("mx1", id, 40, 90);

        HostStatus status = only();

        assertThat(status.good()).isTrue();
        assertThat(status.line()).containsPattern("mx1 +ok +1 +0 +- .* 40/40 ms +90/90 ms +0$");
    }

    @Test
    void theLastConfirmationIsAlsoThatOfALiftedBlockAndOfAnOperatorsWord() {
        reports.add(host("mx1", 1).build());
        confirmed("mx1", decided(NOON.minusSeconds(30)), 40, 90);
        reports.get(1).setLiftedAt(NOON.minusSeconds(3));

        assertThat(only().line()).contains(" 2026-03-01T11:59:57Z ");

        reports.add(EnforcementReport.newBuilder()
                .setHostId("mx1")
                .setKind("word")
                .setAt(NOON)
                .setSubjectType("sasl_user")
                .setSubject("bob")
                .setAction("unblock")
                .setWrittenAt(NOON.minusSeconds(2))
                .build());

        assertThat(only().line()).contains(" 2026-03-01T11:59:58Z ");
    }

    @Test
    void aBlockThatAHostHasNotConfirmedIsMissingThere() {
        reports.add(host("mx1", 1).build());
        decided(NOON.minusSeconds(30));

        assertThat(only().good()).isFalse();
        assertThat(only().line()).containsPattern("mx1 +ok +1 +1 +30 s +never");
    }

    @Test
    void blocksOfBeforeAHostsStartAndThoseThatEndedAreNotMissing() {
        reports.add(host("mx1", 1).build());
        decided(NOON.minus(Duration.ofHours(2)));
        decided(NOON.minusSeconds(30), NOON);

        assertThat(only().good()).isTrue();
    }

    @Test
    void silenceProblemsAndAQueueThatIsOffAreSaid() {
        reports.add(host("mx1", 61).build());
        reports.add(host("mx2", 1).setProblem("disk full\u001b[2J").build());
        reports.add(host("mx3", 1).setQueue("off: no root").build());

        List<HostStatus> all = HostStatus.of(blocks, reports, NOON);

        assertThat(all).extracting(HostStatus::state).containsExactly("SILENT", "PROBLEM", "ok");
        assertThat(all.stream().flatMap(h -> h.remarks().stream()))
                .containsExactly(
                        "mx1: last heard of 61 s ago",
                        "mx2: " + Text.plain("disk full\u001b[2J"),
                        "mx3: waiting mail is not held: queue off: no root");
        assertThat(all.get(1).remarks().get(0)).doesNotContain("\u001b");
    }

    @Test
    void whatIsWrongWithAHostsLogsIsSaidAndTheHostIsNotWell() {
        reports.add(host("mx1", 1).build());
        reports.add(shipper("mx1", 5, "/var/log/mail.log does not exist").build());

        assertThat(only().good()).isFalse();
        assertThat(only().state()).isEqualTo("LOGS");
        assertThat(only().remarks()).containsExactly("mx1: /var/log/mail.log does not exist");
        assertThat(only().fields()).containsEntry("logProblems", List.of("/var/log/mail.log does not exist"));
    }

    @Test
    void aShipperThatFellSilentIsSaidAlthoughTheEnforcerSpeaks() {
        reports.add(host("mx1", 1).build());
        reports.add(shipper("mx1", 90).build());

        assertThat(only().good()).isFalse();
        assertThat(only().remarks()).containsExactly("mx1: its shipper was last heard of 90 s ago");
    }

    @Test
    void aHostThatOnlyShipsIsWellAndLacksNoBlock() {
        reports.add(shipper("mx1", 5).build());
        decided(NOON.minusSeconds(30));

        assertThat(only().good()).isTrue();
        assertThat(only().remarks()).isEmpty();
    }

    @Test
    void aHostThatIsKnownNotToObeyIsNotWellAndThatIsSaid() {
        reports.add(host("mx1", 1).build());
        reports.add(host("mx2", 1).build());
        Alert open = incidentOf("mx1", "FIRING", "It accepts mail of bob through smtpd in spite of the block");
        Alert over = incidentOf("mx2", "RESOLVED", "It is well again");

        List<HostStatus> all = HostStatus.of(blocks, reports, List.of(open, over), NOON);

        assertThat(all).extracting(HostStatus::state).containsExactly("PROBLEM", "ok");
        assertThat(all.get(0).good()).isFalse();
        assertThat(all.get(0).remarks()).containsExactly("mx1: " + open.getDescription());
        assertThat(all.get(0).fields()).containsEntry("incident", open.getDescription());
    }

    private static Alert incidentOf(String host, String state, String what) {
        return Alert.newBuilder()
                .setIncidentId(UUID.randomUUID())
                .setSubject(host)
                .setSubjectType("host")
                .setState(state)
                .setSeverity("critical")
                .setTitle("Host " + host)
                .setDescription(what)
                .setScore(1)
                .setStartedAt(NOON)
                .setUpdatedAt(NOON)
                .setAction("observe")
                .setTechnique("")
                .setRunbook("")
                .build();
    }

    @Test
    void aPodIsCalledByItsLabelAndLacksNoBlock() {
        reports.add(shipper("5f3d8a2e-9f0c", 1).setHostLabel("mail/postfix-0").build());
        decided(NOON.minusSeconds(30));

        assertThat(only().good()).isTrue();
        assertThat(only().line()).startsWith("mail/postfix-0 ok");
        assertThat(only().remarks()).containsExactly("mail/postfix-0: host 5f3d8a2e-9f0c, which ships only");
        assertThat(only().fields()).containsEntry("hostId", "5f3d8a2e-9f0c").containsEntry("label", "mail/postfix-0");
    }

    @Test
    void whoSaidFarewellIsNoHostUntilItReportsAgain() {
        reports.add(shipper("p1", 100).setEndedAt(NOON.minusSeconds(100)).build());
        // Its shipper had a last word after the enforcer's farewell.
        reports.add(host("p2", 100).setEndedAt(NOON.minusSeconds(100)).build());
        reports.add(shipper("p2", 95).build());
        reports.add(host("p3", 100).setEndedAt(NOON.minusSeconds(100)).build());
        reports.add(shipper("p3", 1).build());

        assertThat(only().line()).startsWith("p3 ");
    }

    private static EnforcementReport.Builder shipper(String id, int secondsAgo, String... problems) {
        return EnforcementReport.newBuilder()
                .setHostId(id)
                .setKind("shipper")
                .setAt(NOON.minusSeconds(secondsAgo))
                .setLogProblems(List.of(problems));
    }

    private HostStatus only() {
        List<HostStatus> all = HostStatus.of(blocks, reports, NOON);
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private UUID decided(Instant at) {
        return decided(at, NOON.plusSeconds(3600));
    }

    private UUID decided(Instant at, Instant end) {
        UUID id = UUID.randomUUID();
        blocks.add(Block.newBuilder()
                .setBlockId(id)
                .setSubject("bob")
                .setSubjectType("sasl_user")
                .setReference("k7f2")
                .setAction("reject")
                .setReason("test")
                .setScore(1)
                .setIncidentId(UUID.randomUUID())
                .setDecidedAt(at)
                .setLastEvidenceAt(at)
                .setEndsAt(end)
                .build());
        return id;
    }

    private void confirmed(String host, UUID block, long mapMillis, long refusalMillis) {
        Instant evidence = NOON.minusSeconds(30);
        reports.add(EnforcementReport.newBuilder()
                .setHostId(host)
                .setKind("block")
                .setAt(NOON)
                .setBlockId(block.toString())
                .setEvidenceAt(evidence)
                .setWrittenAt(evidence.plusMillis(mapMillis))
                .setRefusedAt(evidence.plusMillis(refusalMillis))
                .build());
    }

    private static EnforcementReport.Builder host(String id, int secondsAgo) {
        return EnforcementReport.newBuilder()
                .setHostId(id)
                .setKind("host")
                .setAt(NOON.minusSeconds(secondsAgo))
                .setStartedAt(NOON.minus(Duration.ofHours(1)))
                .setCaughtUp(true)
                .setBlocksInForce(1)
                .setQueue("on");
    }
}
