package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientsTest {

    @TempDir
    private Path dir;

    private PolicyMap map;
    private TextTable file;
    private Enforcement indexed;
    private Enforcement ranges;

    @BeforeEach
    void open() throws IOException {
        map = PolicyMap.open(dir.resolve("clients.lmdb"), 1 << 20);
        file = TextTable.ranges(dir.resolve("ranges.cidr"));
        var never = NeverBlock.of(List.of("postmaster", "198.51.100.25", "2001:db8:ffff::/48"));
        indexed = new Enforcement(
                map, Tables.said(map), Clients.indexed(never), EnforcementTest.replies(), Clock.systemUTC());
        ranges = new Enforcement(
                file, Tables.said(file), Clients.ranges(never), EnforcementTest.replies(), Clock.systemUTC());
        indexed.caughtUp();
        ranges.caughtUp();
    }

    @AfterEach
    void close() throws IOException {
        map.close();
    }

    @ParameterizedTest
    @CsvSource({
        "client_ip:192.0.2.7, 192.0.2.7",
        "client_ip:2001:DB8::0:1, 2001:db8::1",
        "client_ip:2001:0db8:0000:0000:0001:0000:0000:0001, 2001:db8::1:0:0:1",
        "client_ip:1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "client_ip:::ffff:192.0.2.7, 192.0.2.7",
        "client_net:192.0.2.0/24, 192.0.2",
        "client_net:10.0.0.0/8, 10",
        "client_net:192.0.2.7/32, 192.0.2.7"
    })
    void addressesAndLeadingOctetsAreKeysAsPostfixWritesThem(String recordKey, String key) throws IOException {
        blocked(recordKey);

        assertThat(Tables.all(map)).containsOnlyKeys(key);
        assertThat(Tables.all(file)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "client_net:192.0.2.128/25, 192.0.2.128/25",
        "client_net:2001:DB8:0::/48, 2001:db8::/48",
        "client_net:172.16.0.0/12, 172.16.0.0/12"
    })
    void otherNetworksAreLinesOfTheCidrTable(String recordKey, String line) throws IOException {
        blocked(recordKey);

        assertThat(Tables.all(map)).isEmpty();
        assertThat(Files.readAllLines(file.path()))
                .hasSize(3)
                .last()
                .asString()
                .startsWith(line + " REJECT 5.7.1 ")
                .endsWith("[pb:k7f2]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "client_ip:192.0.2",
                "client_ip:192.0.2.0/24",
                "client_ip:192.0.2.256",
                "client_ip:mail.example.com",
                "client_ip:",
                "client_ip:fe80::1%eth0",
                "client_ip:1.2.3.4 OK",
                "client_net:192.0.2.1/24",
                "client_net:0.0.0.0/0",
                "client_net:8.0.0.0/7",
                "client_net:192.0.2.0/33",
                "client_net:::/0",
                "client_net:192.0.2.0/24\n0.0.0.0/0 OK",
                "client_ip:127.0.0.1",
                "client_ip:::1",
                "client_ip:198.51.100.25",
                "client_net:198.51.100.0/24",
                "client_net:198.51.100.0/27",
                "client_net:2001:db8::/32"
            })
    void neitherGarbageNorTheWorldNorWhoMustStayReachableIsBlocked(String recordKey) throws IOException {
        blocked(recordKey);

        assertThat(Tables.all(map)).isEmpty();
        assertThat(Tables.all(file)).isEmpty();
    }

    @Test
    void anAllowedAddressIsLetThroughBlockedNetworksOfBothKinds() throws IOException {
        blocked("client_net:192.0.2.0/24");
        blocked("client_net:192.0.2.0/25");
        Wanted allow = new Wanted("allow", null, null, null, Instant.now(), null, null, null);
        indexed.word("client_ip:192.0.2.7", allow);
        ranges.word("client_ip:192.0.2.7", allow);
        indexed.write();
        ranges.write();

        assertThat(map.get("192.0.2.7")).isEqualTo("DUNNO");
        assertThat(Files.readAllLines(file.path()).get(1)).isEqualTo("192.0.2.7/32 DUNNO");
    }

    @ParameterizedTest
    @CsvSource({
        "client_ip:192.0.2.7, indexed",
        "client_ip:2001:db8::7, indexed",
        "client_net:192.0.2.0/24, indexed",
        "client_net:192.0.2.128/25, ranges",
        "client_net:2001:db8::/48, ranges"
    })
    void onlyTheTableThatASubjectIsInSaysThatItFollowsAWord(String recordKey, String table) throws IOException {
        List<String> said = new ArrayList<>();
        indexed.onChanged(followed("indexed", said));
        ranges.onChanged(followed("ranges", said));
        Wanted block = new Wanted("block", "reject", null, "op-1", Instant.now(), null, null, null);
        indexed.word(recordKey, block);
        ranges.word(recordKey, block);

        indexed.write();
        ranges.write();

        assertThat(said).containsExactly(table + " " + recordKey);
    }

    private static Enforcement.Told followed(String table, List<String> into) {
        return new Enforcement.Told() {
            @Override
            public void followed(String recordKey, Wanted word, String keptOutOrNull) {
                into.add(table + " " + recordKey);
            }
        };
    }

    @Test
    void aFileThatSomebodyEditedIsWrittenAgain() throws IOException {
        blocked("client_net:192.0.2.0/25");
        Files.writeString(file.path(), "0.0.0.0/0 REJECT\n");

        ranges.tick();

        assertThat(Tables.all(TextTable.ranges(file.path())))
                .isEqualTo(Tables.all(file))
                .containsOnlyKeys("192.0.2.0/25");
    }

    @Test
    void aFileOfSomebodyElseIsNotTakenForOurs() throws IOException {
        Files.writeString(dir.resolve("other.cidr"), "if 192.0.2.0/24\n192.0.2.0/25 REJECT\nendif\n");

        assertThat(TextTable.ranges(dir.resolve("other.cidr")).lost()).isTrue();
    }

    @Test
    void theEndsOfRangesAreKnownAfterARestart() throws IOException {
        blocked("client_net:192.0.2.0/25");

        assertThat(Tables.all(TextTable.ranges(file.path()))).isEqualTo(Tables.all(file));
        assertThat(Tables.all(file).values())
                .allSatisfy(e -> assertThat(e.endsAt()).isNotEqualTo(Entry.NEVER));
    }

    private void blocked(String recordKey) throws IOException {
        Instant now = Instant.now();
        Wanted block = new Wanted("block", "reject", null, "k7f2", now, now, now.plusSeconds(600), null);
        for (Enforcement each : Map.of(1, indexed, 2, ranges).values()) {
            each.block(recordKey, block);
            each.write();
        }
    }
}
