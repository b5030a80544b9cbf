package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.control.Control;
import io.postbrake.detection.config.RuntimeConfig;
import io.postbrake.wire.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Operators change what a running detector goes by. */
@Timeout(300)
class RunTimeConfigIT {

    private static final String TAKEN = "postbrake_control_taken_total";
    private static final String REFUSED = "postbrake_control_refused_total";

    @TempDir
    private static Path dir;

    private static LiveCluster cluster;
    private static int messages;

    @BeforeAll
    static void cluster() throws Exception {
        cluster = new LiveCluster(dir, 1);
        cluster.start();
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @Test
    void aLimitHoldsFromNowOnWithWhatWasCountedBeforeAndAfterARestart() throws Exception {
        applied("# as it is\n");
        sends("ann@limit.example", 30);
        set("detectors.velocity-ceiling.messages-per-hour=31");

        sends("ann@limit.example", 2);

        awaitsBlocked("limit.example", "ann@limit.example");

        cluster.stop();
        cluster.start();
        sends("bob@limit.example", 32);
        awaitsBlocked("limit.example", "ann@limit.example", "bob@limit.example");
        assertThat(cluster.runs("config", "get").out())
                .contains("detectors.velocity-ceiling.messages-per-hour: \"31\"");
    }

    @Test
    void onDryRunItIsToldWhatWouldBeDoneUntilItCounts() throws Exception {
        applied("detectors: {velocity-ceiling: {dry-run: true, messages-per-hour: 31}}\n");

        sends("ann@dry.example", 40);

        assertThat(blocked("dry.example")).isEmpty();
        Alert alert = incident("ann@dry.example").orElseThrow();
        assertThat(alert.getAction()).isEqualTo("observe");
        assertThat(alert.getDryRunAction()).isNotNull();

        set("detectors.velocity-ceiling.dry-run=false");
        sends("bob@dry.example", 32);
        awaitsBlocked("dry.example", "bob@dry.example");
    }

    @Test
    void aWrongChangeIsRefusedAndWhatHeldBeforeStays() throws Exception {
        applied("detectors: {velocity-ceiling: {messages-per-hour: 31}}\n");
        String before = cluster.runs("config", "get").out();

        LiveCluster.Said said = cluster.runs("config", "set", "risk.hold=lots", "--reason", "a try");
        cluster.sends(
                Topics.CONTROL,
                RuntimeConfig.CONFIGURATION,
                Control.newBuilder()
                        .setActor("a program")
                        .setReason("none")
                        .setAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
                        .setSettings(Map.of("detectors.velocity-ceiling.messages-per-hour", "-1"))
                        .build());

        assertThat(said.status()).isEqualTo(2);
        assertThat(said.err()).contains("risk.hold", "'lots'", "a number such as 0.5");
        LiveCluster.awaits("the detector refuses what was not checked", () -> cluster.metric(REFUSED) >= 1);
        assertThat(before).contains("messages-per-hour: \"31\"");
        sends("ann@wrong.example", 32);
        awaitsBlocked("wrong.example", "ann@wrong.example");
    }

    @Test
    void wordsOfAnOperatorLiftABlockAndForbidOne() throws Exception {
        changes("config", "clear");
        sends("ann@words.example", 51);
        awaitsBlocked("words.example", "ann@words.example");

        says("unblock", "ann@words.example");
        LiveCluster.awaits("the block is lifted", () -> blocked("words.example").isEmpty());
        says("allow", "bob@words.example");
        cluster.awaitsConsumed(Topics.OVERRIDES.name());
        double taken = cluster.metric(TAKEN);
        says("allow", "@circulars.words.example");
        LiveCluster.awaits("the domain is allowed", () -> cluster.metric(TAKEN) > taken);
        sends("bob@words.example", 60);
        sends("weekly@circulars.words.example", 60);
        sends("eve@words.example", 51);

        awaitsBlocked("words.example", "eve@words.example");
        assertThat(incident("bob@words.example")).isPresent();
    }

    private void applied(String yaml) throws Exception {
        Path file = Files.writeString(dir.resolve("detection.yaml"), yaml);
        changes("config", "apply", file.toString(), "--reason", "a test");
    }

    private void set(String setting) throws Exception {
        changes("config", "set", setting, "--reason", "a test");
    }

    private void changes(String... words) throws Exception {
        double taken = cluster.metric(TAKEN);
        LiveCluster.Said said = cluster.runs(words);
        assertThat(said.status()).as(said.err()).isZero();
        LiveCluster.awaits("the detector takes the change", () -> cluster.metric(TAKEN) > taken);
    }

    private void says(String verb, String subject) {
        LiveCluster.Said said = cluster.runs(verb, subject, "--reason", "a test");
        assertThat(said.status()).as(said.err()).isZero();
    }

    /** The newest record may be judged a moment later than its offset says. */
    private static void awaitsBlocked(String domain, String... accounts) throws Exception {
        Set<String> expected = Set.of(accounts);
        LiveCluster.awaits("blocked are " + expected, () -> blocked(domain).equals(expected));
    }

    /** Accounts of a domain, and of those below it, with a block. */
    private static Set<String> blocked(String domain) {
        return cluster.blocks().values().stream()
                .map(Block::getSubject)
                .filter(account -> account.endsWith(domain))
                .collect(Collectors.toSet());
    }

    private Optional<Alert> incident(String account) {
        return cluster.alerts().values().stream()
                .filter(a -> account.equals(a.getSubject()))
                .findFirst();
    }

    /** Messages within a second, and all that they lead to. */
    private void sends(String account, int count) throws Exception {
        String stamp = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString().replace("Z", "+00:00");
        for (int i = 0; i < count; i++) {
            String id = "%X".formatted(0xB000000 + messages++);
            cluster.ships(
                    "mx1",
                    stamp + " mx1 postfix/submission/smtpd[7]: " + id
                            + ": client=unknown[198.51.100.9], sasl_method=PLAIN, sasl_username=" + account);
            cluster.ships(
                    "mx1",
                    stamp + " mx1 postfix/qmgr[8]: " + id + ": from=<" + account
                            + ">, size=1883, nrcpt=1 (queue active)");
        }
        cluster.awaitsJudged();
    }
}
