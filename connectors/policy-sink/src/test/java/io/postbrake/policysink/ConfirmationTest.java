package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.postbrake.block.EnforcementReport;
import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever a person or the detector blocks is confirmed, also when the table need not change for it. */
class ConfirmationTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final String BOB = "sasl_user:bob@my-domain.net";

    private static final byte[] REFUSED_LOGIN =
            ("2026-03-01T12:00:00Z mx1 postfix/submission/smtpd[7]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554"
                            + " 5.7.1 <b??b@my-domain.net>: SASL login name rejected: suspended [pb:operator];"
                            + " from=<x@my-domain.net> to=<x@example.org> proto=ESMTP helo=<h> sasl_method=PLAIN"
                            + " sasl_username=b??b@my-domain.net")
                    .getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path dir;

    private final List<EnforcementReport> reports = new ArrayList<>();
    private PolicyMap map;
    private Enforcement enforcement;
    private HostReports host;

    @BeforeEach
    void open() throws IOException {
        map = PolicyMap.open(dir.resolve("blocks.lmdb"), 1 << 20);
        enforcement = EnforcementTest.enforcement(map, Clock.fixed(NOON, ZoneOffset.UTC));
        host = new HostReports("mx1", Clock.fixed(NOON, ZoneOffset.UTC), (key, report) -> reports.add(report));
        enforcement.onChanged(new Enforcement.Told() {
            @Override
            public void inForce(String recordKey, Wanted block, boolean restored) {
                host.inForce(recordKey, block, restored);
            }

            @Override
            public void stands(String recordKey, Wanted block) {
                host.stands(recordKey, block);
            }

            @Override
            public void followed(String recordKey, Wanted word, String keptOutOrNull) {
                host.followed(recordKey, word, keptOutOrNull);
            }

            @Override
            public void keptOut(String recordKey, Wanted block, String why) {
                host.keptOut(recordKey, block, why);
            }

            @Override
            public void behind(String recordKey, Wanted block) {
                host.behind(recordKey, block);
            }
        });
        enforcement.caughtUp();
    }

    @AfterEach
    void close() throws IOException {
        enforcement.close();
        map.close();
    }

    @Test
    void anOperatorsBlockThatIsSaidAnewIsConfirmedAnew() throws IOException {
        said(NOON.minusSeconds(60));
        said(NOON);

        assertThat(blocks()).extracting(EnforcementReport::getDecidedAt).containsExactly(NOON.minusSeconds(60), NOON);
    }

    @Test
    void aBlockBehindAnOperatorsIsConfirmedAsWell() throws IOException {
        said(NOON.minusSeconds(60));
        blocked("b1", NOON);

        assertThat(blocks()).extracting(EnforcementReport::getBlockId).containsExactly(null, "b1");
        assertThat(map.get("bob@my-domain.net")).endsWith("[pb:operator]");
    }

    @Test
    void aBlockWhoseEndIsToldAnewIsNoNews() throws IOException {
        blocked("b1", NOON);
        blocked("b1", NOON.plusSeconds(60));

        assertThat(reports).hasSize(1);
    }

    @Test
    void theRefusalOfABlockedAddressConfirmsItsBlock() {
        host.inForce("client_ip:192.0.2.7", detectors("k7f2"), false);

        host.logged(line("192.0.2.7", "[pb:k7f2]"));

        assertThat(refused()).containsExactly("192.0.2.7");
    }

    @Test
    void theRefusalOfAnAddressInABlockedRangeConfirmsTheRange() {
        host.inForce("client_net:192.0.2.0/25", detectors("k7f2"), false);

        host.logged(line("192.0.2.7", "[pb:k7f2]"));

        assertThat(refused()).containsExactly("192.0.2.0/25");
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, 192.0.2.7",
        "192.0.2.8, 192.0.2.0/25",
        "192.0.2.200, 192.0.2.0/24",
        "2001:db8::7, 2001:db8::/64",
        "198.51.100.7,"
    })
    void anOperatorsRefusalConfirmsTheNarrowestBlockOfTheLinesClientAndNeverItsLogins(String client, String confirmed) {
        Wanted operators = new Wanted("block", "reject", null, null, NOON, null, null, null);
        for (String key : List.of(
                BOB,
                "client_net:192.0.2.0/24",
                "client_net:192.0.2.0/25",
                "client_ip:192.0.2.7",
                "client_net:2001:db8::/64")) {
            host.inForce(key, operators, false);
        }

        host.logged(line(client, "[pb:operator]"));

        assertThat(refused()).isEqualTo(confirmed == null ? List.of() : List.of(confirmed));
    }

    @Test
    void aRefusalConfirmsTheAccountThatTheLogCallsOtherwise() {
        Wanted operators = new Wanted("block", "reject", null, null, NOON, null, null, null);
        host.inLog("sasl_user:b\u00f6b@my-domain.net", List.of("b??b@my-domain.net"));
        host.inForce("sasl_user:b\u00f6b@my-domain.net", operators, false);

        host.logged(new PostfixLogParser(ZoneOffset.UTC, null)
                .parse(REFUSED_LOGIN, 0, REFUSED_LOGIN.length, new LineOrigin("mx1", "own-log", 0, 0, NOON)));

        assertThat(refused()).containsExactly("b\u00f6b@my-domain.net");
    }

    private List<String> refused() {
        return reports.stream()
                .filter(r -> r.getRefusedAt() != null)
                .map(EnforcementReport::getSubject)
                .toList();
    }

    private static Wanted detectors(String reference) {
        return new Wanted("block", "reject", null, reference, NOON, NOON, NOON.plusSeconds(3600), "b-" + reference);
    }

    /** As Postfix 3.11 logs it: the login stands behind, and is not what was refused. */
    private static MailEvent line(String client, String reference) {
        String peer = "unknown[" + client + "]";
        byte[] line = ("2026-03-01T12:00:00Z mx1 postfix/submission/smtpd[7]: NOQUEUE: reject: RCPT from " + peer
                        + ": 554 5.7.1 <" + peer + ">: Client host rejected: suspended " + reference
                        + "; from=<bob@my-domain.net> to=<x@example.org> proto=ESMTP helo=<h>"
                        + " sasl_method=PLAIN sasl_username=bob@my-domain.net")
                .getBytes(StandardCharsets.US_ASCII);
        return new PostfixLogParser(ZoneOffset.UTC, null)
                .parse(line, 0, line.length, new LineOrigin("mx1", "own-log", 0, 0, NOON));
    }

    @Test
    void anUnblockIsConfirmedThoughNothingStoodInTheTable() throws IOException {
        enforcement.word(BOB, new Wanted("unblock", null, null, null, NOON, null, null, null));
        enforcement.write();
        enforcement.tick();

        assertThat(reports)
                .extracting(EnforcementReport::getKind, EnforcementReport::getAction, EnforcementReport::getDecidedAt)
                .containsExactly(tuple("word", "unblock", NOON));
    }

    @Test
    void aWordThatIsReadAgainLongAfterItWasSaidIsNoNews() throws IOException {
        said(NOON.minus(Duration.ofDays(2)));

        assertThat(reports).extracting(EnforcementReport::getKind).containsExactly("block");
    }

    @Test
    void whoMayNeverBeBlockedIsConfirmedWithTheReason() throws IOException {
        enforcement.word(
                "sasl_user:postmaster@my-domain.net",
                new Wanted("block", "reject", null, "op-1", NOON, null, null, null));
        enforcement.write();

        assertThat(reports)
                .extracting(EnforcementReport::getKind, EnforcementReport::getProblem)
                .containsExactly(tuple("word", "policy.never.block keeps it out of the table"));
    }

    @Test
    void aDetectorsBlockOfWhoMayNeverBeBlockedIsAnsweredWithTheReasonOnce() throws IOException {
        for (int i = 0; i < 2; i++) {
            enforcement.block(
                    "sasl_user:postmaster@my-domain.net",
                    new Wanted("block", "reject", null, "k7f2", NOON, NOON, NOON.plusSeconds(600L + i), "b-1"));
            enforcement.write();
        }

        assertThat(reports)
                .extracting(
                        EnforcementReport::getKind,
                        EnforcementReport::getBlockId,
                        EnforcementReport::getWrittenAt,
                        EnforcementReport::getProblem)
                .containsExactly(tuple("block", "b-1", null, "policy.never.block keeps it out of the table"));
    }

    @Test
    void soItIsAfterAStart() throws IOException {
        enforcement.replay();
        enforcement.block(
                "sasl_user:postmaster@my-domain.net",
                new Wanted("block", "reject", null, "k7f2", NOON, NOON, NOON.plusSeconds(600), "b-1"));
        enforcement.write();
        enforcement.caughtUp();

        assertThat(reports)
                .extracting(EnforcementReport::getProblem)
                .containsExactly("policy.never.block keeps it out of the table");
    }

    private List<EnforcementReport> blocks() {
        return reports.stream().filter(r -> r.getKind().equals("block")).toList();
    }

    private void said(Instant at) throws IOException {
        enforcement.word(BOB, new Wanted("block", "reject", null, null, at, null, null, null));
        enforcement.write();
    }

    private void blocked(String id, Instant evidenceAt) throws IOException {
        Instant end = evidenceAt.plus(Duration.ofHours(1));
        enforcement.block(BOB, new Wanted("block", "reject", null, "k7f2", NOON, evidenceAt, end, id));
        enforcement.write();
    }
}
