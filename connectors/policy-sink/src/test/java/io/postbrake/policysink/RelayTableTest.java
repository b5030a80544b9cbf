package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.block.EnforcementReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which senders are refused from which clients, and what becomes of those that cannot be. */
class RelayTableTest {

    private static final Instant NOW = Instant.parse("2026-03-20T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    @TempDir
    private Path dir;

    private final Map<String, EnforcementReport> reports = new HashMap<>();
    private HostReports told;
    private RelayClasses classes;
    private RelayTable table;
    private Enforcement enforcement;

    @BeforeEach
    void refusing() throws IOException {
        start(true);
        enforcement.caughtUp();
    }

    @AfterEach
    void stop() throws IOException {
        enforcement.close();
        table.close();
    }

    private void start(boolean refuses) throws IOException {
        classes = new RelayClasses();
        table = RelayTable.open(dir.resolve("blocked-relay.lmdb"), 1 << 20, refuses, classes);
        told = new HostReports("mx1", CLOCK, reports::put);
        var subjects = new RelaySenders("mx1", refuses, NeverBlock.of(List.of("postmaster", "10.9.0.0/16")), classes);
        enforcement = new Enforcement(table, Tables.said(table), subjects, EnforcementTest.replies(), CLOCK);
        enforcement.onChanged(new Enforcement.Told() {
            @Override
            public void inForce(String recordKey, Wanted block, boolean restored) {
                told.inForce(recordKey, block, restored);
            }

            @Override
            public void keptOut(String recordKey, Wanted block, String why) {
                told.keptOut(recordKey, block, why);
            }

            @Override
            public void gone(String recordKey) {
                told.gone(recordKey);
            }
        });
    }

    @Test
    void aClientHasOneClassForAllItsSendersAndLosesItWithTheLast() throws IOException {
        block("a@example.com", "10.0.0.1");
        block("b@example.com", "10.0.0.1");
        block("a@example.com", "fd00::1");

        assertThat(asked("10.0.0.1")).isEqualTo("postbrake_relay_1");
        assertThat(asked("fd00::1")).isEqualTo("postbrake_relay_2");
        assertThat(senders(1)).containsExactlyInAnyOrder("a@example.com", "b@example.com");
        assertThat(senders(2)).containsExactly("a@example.com");

        lift("a@example.com", "10.0.0.1");
        assertThat(senders(1)).containsExactly("b@example.com");
        lift("b@example.com", "10.0.0.1");
        assertThat(asked("10.0.0.1")).isNull();
        assertThat(asked("fd00::1")).isEqualTo("postbrake_relay_2");
    }

    @Test
    void theNinthClientIsToldAndCountedAndRefusedAsSoonAsAClassIsFree() throws IOException {
        for (int i = 1; i <= 10; i++) {
            block("a@example.com", "10.0.0." + i);
        }
        enforcement.tick();

        assertThat(asked("10.0.0.9")).isNull();
        assertThat(classes.clientsWaiting()).isEqualTo(2);
        assertThat(reports.get("mx1/a@example.com 10.0.0.9"))
                .extracting(EnforcementReport::getSubjectType, EnforcementReport::getProblem)
                .containsExactly(
                        "relay_sender",
                        "all 8 restriction classes are taken by other clients: what waits is held, and it is refused as soon"
                                + " as one is free");

        lift("a@example.com", "10.0.0.3");
        enforcement.tick();
        enforcement.tick();

        assertThat(asked("10.0.0.9")).isEqualTo("postbrake_relay_3");
        assertThat(senders(3)).containsExactly("a@example.com");
        enforcement.tick();
        assertThat(reports.get("mx1/a@example.com 10.0.0.9").getWrittenAt()).isEqualTo(NOW);
        assertThat(asked("10.0.0.10")).isNull();
        assertThat(classes.clientsWaiting()).isEqualTo(1);
    }

    @Test
    void whoWaitsForAClassAndIsUnblockedWaitsNoMore() throws IOException {
        for (int i = 1; i <= 9; i++) {
            block("a@example.com", "10.0.0." + i);
        }
        enforcement.tick();
        assertThat(classes.clientsWaiting()).isEqualTo(1);

        lift("a@example.com", "10.0.0.9");
        lift("a@example.com", "10.0.0.1");
        enforcement.tick();
        enforcement.tick();

        assertThat(classes.clientsWaiting()).isZero();
        assertThat(asked("10.0.0.9")).isNull();
        block("a@example.com", "10.0.0.20");
        assertThat(asked("10.0.0.20")).isEqualTo("postbrake_relay_1");
    }

    @Test
    void aRestartKeepsEachClientsClassAndDropsWhatWasLiftedMeanwhile() throws IOException {
        block("a@example.com", "10.0.0.1");
        block("a@example.com", "10.0.0.2");
        stop();

        start(true);
        assertThat(asked("10.0.0.1")).as("before the topics were read").isEqualTo("postbrake_relay_1");
        enforcement.block(key("a@example.com", "10.0.0.2"), wanted("a@example.com 10.0.0.2"));
        enforcement.caughtUp();

        assertThat(asked("10.0.0.1")).isNull();
        assertThat(asked("10.0.0.2")).isEqualTo("postbrake_relay_2");
        assertThat(senders(2)).containsExactly("a@example.com");
    }

    @Test
    void aTableThatIsGoneIsBuiltAnewWithTheSameClasses() throws IOException {
        block("a@example.com", "10.0.0.1");
        block("b@example.com", "10.0.0.2");
        Files.delete(RelayTable.senders(table.path(), 2));

        enforcement.tick();

        assertThat(asked("10.0.0.2")).isEqualTo("postbrake_relay_2");
        assertThat(senders(2)).containsExactly("b@example.com");
        assertThat(senders(1)).containsExactly("a@example.com");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a@example.com | 127.0.0.1 | over loopback is never refused",
                "a@example.com | ::1 | over loopback is never refused",
                "a@example.com | ::ffff:127.0.0.1 | over loopback is never refused",
                "postmaster@example.com | 10.0.0.1 | policy.never.block",
                "a@example.com | 10.9.3.1 | policy.never.block",
                "\"a b\"@example.com | 10.0.0.1 | with quotes",
                "\u00e9lodie@example.com | 10.0.0.1 | beyond ASCII",
                "example.com | 10.0.0.1 | with quotes",
                "@example.com | 10.0.0.1 | with quotes",
                "a@ | 10.0.0.1 | with quotes",
                "@relay.example,@other.example:a@example.com | 10.0.0.1 | with quotes",
            })
    void whatCannotOrMayNotBeRefusedIsInNoTableAndToldWhy(String sender, String client, String why) throws IOException {
        block(sender, client);

        assertThat(table.count()).isZero();
        assertThat(reports.values())
                .singleElement()
                .satisfies(report -> assertThat(report.getProblem()).contains(why));
    }

    /** The sender is whatever the client said: it names no other client and no other host. */
    @Test
    void aSenderThatLooksLikeAnotherSubjectIsItself() throws IOException {
        block("a@example.com from 10.0.0.7 on mx1", "10.0.0.1");
        block("a@example.com", "10.0.0.1 on mx2 from 10.0.0.8");

        assertThat(asked("10.0.0.7")).isNull();
        assertThat(asked("10.0.0.8")).isNull();
        assertThat(reports.values())
                .extracting(EnforcementReport::getSubject)
                .allMatch(
                        subject -> subject.endsWith(" from 10.0.0.1 on mx1") || subject.contains("mx2 from 10.0.0.8"));
    }

    @Test
    void withoutTheChoiceNoTableIsMadeAndOneThatIsThereIsEmptied() throws IOException {
        block("a@example.com", "10.0.0.1");
        stop();

        start(false);
        enforcement.block(key("a@example.com", "10.0.0.1"), wanted("again"));
        enforcement.caughtUp();
        assertThat(asked("10.0.0.1")).isNull();
        stop();
        try (var files = Files.list(dir)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }

        start(false);
        enforcement.caughtUp();
        block("a@example.com", "10.0.0.1");
        enforcement.tick();

        assertThat(dir.resolve("blocked-relay.lmdb")).doesNotExist();
        assertThat(reports.values())
                .extracting(EnforcementReport::getProblem)
                .contains("policy.relay.clients is observe here: nobody is stopped");
    }

    @Test
    void theChoiceNeedsTheHostsName() {
        Map<String, String> settings = new HashMap<>(Map.of(
                "policy.map.path", dir.resolve("m.lmdb").toString(),
                "policy.bootstrap.servers", "127.0.0.1:1",
                "policy.relay.clients", "refuse"));

        assertThatThrownBy(() -> new PolicySinkConfig(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("policy.relay.clients")
                .hasMessageContaining("policy.host.id");

        settings.put("policy.host.id", "mx1");
        settings.put("policy.registry.url", "http://127.0.0.1:1");
        assertThat(new PolicySinkConfig(settings).refusesRelayClients()).isTrue();
    }

    @Test
    void twoHostsBlocksAreTheirOwn() throws IOException {
        enforcement.block("relay_sender:a@example.com from 10.0.0.1 on mx2", wanted("other"));
        enforcement.write();

        assertThat(table.count()).isZero();
        assertThat(enforcement.refused()).isZero();
        assertThat(reports).isEmpty();
    }

    private void block(String sender, String client) throws IOException {
        enforcement.block(key(sender, client), wanted(sender + " " + client));
        enforcement.write();
    }

    private void lift(String sender, String client) throws IOException {
        enforcement.block(key(sender, client), null);
        enforcement.write();
    }

    private static Wanted wanted(String id) {
        return new Wanted("block", "reject", null, "ref", NOW, NOW, NOW.plusSeconds(3600), id);
    }

    private static String key(String sender, String client) {
        return "relay_sender:" + sender + " from " + client + " on mx1";
    }

    private String asked(String client) {
        return PolicyMap.read(table.path(), client).orElse(null);
    }

    private List<String> senders(int number) throws IOException {
        Path path = RelayTable.senders(table.path(), number);
        return List.of("a@example.com", "b@example.com").stream()
                .filter(sender -> PolicyMap.read(path, sender).isPresent())
                .toList();
    }
}
