package io.postbrake.geo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.testkit.MmdbWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists as their makers write them. The networks are those of RFC 5737 and RFC 3849. */
class AddressListsTest {
    private static final Instant WRITTEN = Instant.parse("2026-11-20T00:00:00Z");

    @TempDir
    private Path dir;

    @Test
    void oneEntryALineInTheHabitsOfManyMakers() throws IOException {
        AddressLists lists = opened("mine.netset", """
                # maker's words
                192.0.2.0/25
                198.51.100.7 # a word
                203.0.113.8,ssh

                203.0.113.16-203.0.113.20
                2001:db8:1::/48
                AS64500 Some Net
                """);

        assertThat(found(lists, "192.0.2.127")).containsExactly(new Listing("mine", "abuse", WRITTEN));
        assertThat(lists.states().get("mine")).isEqualTo(new AddressLists.State(6, 0, WRITTEN));
        for (String on : List.of("198.51.100.7", "203.0.113.8", "203.0.113.16", "203.0.113.20", "2001:db8:1:2::9")) {
            assertThat(found(lists, on)).as(on).isNotEmpty();
        }
        for (String off : List.of("192.0.2.128", "198.51.100.8", "203.0.113.15", "203.0.113.21", "2001:db8:2::1")) {
            assertThat(found(lists, off)).as(off).isEmpty();
        }
        assertThat(lists.find("203.0.113.99", 64500L)).hasSize(1);
        assertThat(lists.find("203.0.113.99", 64501L)).isEmpty();
    }

    @Test
    void aRangeIsNoWiderThanANetworkMayBe() throws IOException {
        AddressLists lists = opened("wide.txt", """
                0.0.0.0-255.255.255.255
                2001:db8::-3fff::
                198.0.0.0-198.255.255.255
                """);

        assertThat(lists.states().get("wide")).isEqualTo(new AddressLists.State(1, 2, WRITTEN));
        assertThat(found(lists, "192.0.2.1")).isEmpty();
        assertThat(found(lists, "198.51.100.1")).isNotEmpty();
        assertThat(found(lists, "2001:db8::1")).isEmpty();
    }

    /** As lists of what nobody has been given write it: the network in which IPv4 addresses stand for themselves is no list of these. */
    @Test
    void aNetworkOfIpv6HoldsNoAddressOfIpv4() throws IOException {
        AddressLists lists = opened("bogons.txt", """
                ::/32
                ::ffff:203.0.113.7
                """);

        assertThat(found(lists, "192.0.2.1")).isEmpty();
        assertThat(found(lists, "::ffff:192.0.2.1")).isEmpty();
        assertThat(found(lists, "203.0.113.7")).isNotEmpty();
        assertThat(found(lists, "::ffff:203.0.113.7")).isNotEmpty();
    }

    /** A time that no record can hold would fail with each login from the list. */
    @Test
    void aTimeOfNoCalendarSaysNothing() throws IOException {
        AddressLists objects = opened("drop_v4.json", """
                {"cidr":"192.0.2.0/24"}
                {"type":"metadata","timestamp":30000000000000000,"records":1}
                """);
        AddressLists decisions = opened("decisions.json", """
                [{"created_at":"+999999999-01-01T00:00:00Z","decisions":[{"scope":"Ip","value":"192.0.2.7"}]}]
                """);

        assertThat(found(objects, "192.0.2.1")).containsExactly(new Listing("drop_v4", "abuse", WRITTEN));
        assertThat(found(decisions, "192.0.2.7")).containsExactly(new Listing("decisions", "abuse", WRITTEN));
    }

    @Test
    void spamhausDropAsTextAndAsObjects() throws IOException {
        AddressLists text = opened("drop.txt", """
                ; Spamhaus DROP List 2026/11/24 - (c) 2026 The Spamhaus Project SLU
                ; Last-Modified: Tue, 24 Nov 2026 10:00:00 GMT
                192.0.2.0/24 ; SBL1
                """);
        AddressLists objects = opened("drop_v4.json", """
                {"cidr":"192.0.2.0/24","sblid":"SBL1","rir":"apnic"}
                {"cidr":"198.51.100.0/24","sblid":"SBL2","rir":"arin"}
                {"type":"metadata","timestamp":1795600800,"size":2,"records":2,"copyright":"(c)"}
                """);
        AddressLists systems = opened("asndrop.json", """
                {"asn":64500,"rir":"arin","domain":"example.com","cc":"US","asname":"EXAMPLE"}
                {"type":"metadata","timestamp":1795600800,"size":1,"records":1,"copyright":"(c)"}
                """);

        assertThat(found(text, "192.0.2.9"))
                .containsExactly(new Listing("drop", "abuse", Instant.parse("2026-11-24T10:00:00Z")));
        assertThat(found(objects, "198.51.100.9"))
                .containsExactly(new Listing("drop_v4", "abuse", Instant.ofEpochSecond(1795600800L)));
        assertThat(systems.find("203.0.113.1", 64500L)).hasSize(1);
    }

    @Test
    void aListThatWasCutShortIsOfNoUse() {
        assertThatThrownBy(() -> opened("drop.json", """
                {"cidr":"192.0.2.0/24","sblid":"SBL1","rir":"apnic"}
                {"type":"metadata","timestamp":1795600800,"size":2,"records":1400,"copyright":"(c)"}
                """))
                .hasMessageContaining("it says that it has 1400 entries, and has 1");
        assertThatThrownBy(() -> opened("cs.json", "[{\"created_at\":\"2026-11-24T10:00:00Z\",\"decisions\":[{"))
                .hasMessageContaining("cs.json")
                .hasMessageContaining("no JSON from line 1 on, perhaps cut short");
    }

    @Test
    void whatIpsetSaves() throws IOException {
        AddressLists lists = opened("firewall.save", """
                create bad hash:net family inet hashsize 1024 maxelem 65536 timeout 600 comment
                add bad 192.0.2.0/24 timeout 511 comment "not nomatch this"
                add bad 192.0.2.64/26 timeout 511 nomatch
                add ports 198.51.100.7,tcp:25
                """);

        assertThat(found(lists, "192.0.2.9")).hasSize(1);
        assertThat(found(lists, "192.0.2.70")).as("nomatch").isEmpty();
        assertThat(found(lists, "198.51.100.7")).hasSize(1);
        assertThat(lists.states().get("firewall").badLines()).isZero();
    }

    @Test
    void whatCrowdSecDecided() throws IOException {
        AddressLists raw = opened("cs.csv", """
                id,source,ip,reason,action,country,as,events_count,expiration,simulated,alert_id
                1,crowdsec,Ip:192.0.2.7,crowdsecurity/postfix-spam,ban,DE,64500 Example, Inc,6,3h59m,false,9
                2,cscli,Range:198.51.100.0/24,manual,ban,,"64501 Another, Ltd",0,24h,false,10
                3,crowdsec,Ip:203.0.113.1,crowdsecurity/ssh-bf,ban,,,6,3h59m,true,11
                4,cscli,username:joe,manual,ban,,,0,24h,false,12
                """);
        AddressLists json = opened("csj.json", """
                [{"created_at": "2026-11-24T10:00:00Z", "scenario": "x {y}", "source": {"scope": "Ip", "value": "192.0.2.99"},
                  "decisions": [{"duration": "3h", "scope": "Ip", "type": "ban", "value": "192.0.2.7", "simulated": false},
                                {"duration": "3h", "scope": "Range", "type": "ban", "value": "198.51.100.0/24"},
                                {"duration": "3h", "scope": "Ip", "type": "ban", "value": "203.0.113.1", "simulated": true}]}]
                """);

        for (AddressLists lists : List.of(raw, json)) {
            assertThat(found(lists, "192.0.2.7")).hasSize(1);
            assertThat(found(lists, "198.51.100.200")).hasSize(1);
            assertThat(found(lists, "203.0.113.1")).as("simulated").isEmpty();
            assertThat(found(lists, "192.0.2.99")).isEmpty();
        }
        assertThat(found(json, "192.0.2.7").get(0).since()).isEqualTo(Instant.parse("2026-11-24T10:00:00Z"));
        assertThat(raw.states().get("cs").badLines()).isZero();
    }

    /** What these tools say when there is nothing. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.json|null",
                "b.json|[]",
                "c.csv|id,source,ip,reason,action,country,as,events_count,expiration,simulated,alert_id",
                "d.save|create bad hash:net family inet hashsize 1024 maxelem 65536"
            })
    void anEmptyListIsAList(String name, String text) throws IOException {
        assertThat(found(opened(name, text + "\n"), "192.0.2.7")).isEmpty();
    }

    @Test
    void filesOfAnonymousAndHostingNetworksInTwoLayouts() throws IOException {
        Path maxmind = dir.resolve("anonymous.mmdb");
        MmdbWriter.write(
                maxmind,
                "GeoIP2-Anonymous-IP",
                Map.of(
                        "192.0.2.0/24", Map.of("is_anonymous", true, "is_tor_exit_node", true),
                        "198.51.100.0/24", Map.of("is_hosting_provider", true),
                        "203.0.113.0/24", Map.of("is_anonymous", false)));
        Path ipinfo = dir.resolve("privacy.mmdb");
        MmdbWriter.write(
                ipinfo,
                "ipinfo standard_privacy.mmdb",
                Map.of(
                        "192.0.2.0/24",
                        Map.of("vpn", "true", "hosting", ""),
                        "198.51.100.0/24",
                        Map.of("hosting", "true")));

        AddressLists lists = AddressLists.open(List.of(maxmind.toString(), ipinfo.toString()));

        assertThat(found(lists, "192.0.2.7")).extracting(Listing::kind).containsExactly("anonymous", "anonymous");
        assertThat(found(lists, "198.51.100.7")).extracting(Listing::kind).containsExactly("hosting", "hosting");
        assertThat(found(lists, "203.0.113.7")).isEmpty();
    }

    @Test
    void anEntryThatIsBrokenInsideAnswersNothingAndStopsNobody() throws IOException {
        Path file = dir.resolve("anonymous.mmdb");
        MmdbWriter.write(
                file,
                "GeoIP2-Anonymous-IP",
                Map.of(
                        "192.0.2.0/24", Map.of("is_anonymous", true),
                        "198.51.100.0/24", Map.of("is_hosting_provider", true)));
        byte[] bytes = Files.readAllBytes(file);
        int map = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("is_hosting_provider") - 2;
        bytes[map] = 0x41; // A text of one character in place of a map of one entry.
        Files.write(file, bytes);

        AddressLists lists = AddressLists.open(List.of(file.toString()));

        assertThat(found(lists, "192.0.2.7")).isNotEmpty();
        assertThat(found(lists, "198.51.100.7")).isEmpty();
    }

    @Test
    void badLinesAreCountedAndTheRestIsTaken() throws IOException {
        AddressLists lists =
                opened("mine.txt", "192.0.2.7/24\n0.0.0.0/0\nnobody\n198.51.100.0/24\n203.0.113.9-203.0.113.2\n");

        assertThat(lists.states().get("mine")).isEqualTo(new AddressLists.State(1, 4, WRITTEN));
        assertThat(found(lists, "203.0.113.4")).isEmpty();
    }

    @Test
    void nobodyOnTheInternetIsOnAList() throws IOException {
        AddressLists lists = opened("firehol_level1.netset", "10.0.0.0/8\n192.168.0.0/16\n192.0.2.0/24\n");

        assertThat(found(lists, "10.1.2.3")).isEmpty();
        assertThat(found(lists, "::ffff:192.0.2.7")).hasSize(1);
        assertThat(found(lists, "unknown")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "<html>no</html>", "nothing here\nof use\n", "# only words\n"})
    void whatSaysNothingIsRefusedAtTheStart(String text) {
        assertThatThrownBy(() -> opened("mine.txt", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mine.txt");
    }

    @Test
    void aMissingOneAndTwoOfOneNameAreRefused() throws IOException {
        assertThatThrownBy(() -> AddressLists.open(List.of("hosting:" + dir.resolve("none.txt"))))
                .hasMessageContaining("none.txt")
                .hasMessageContaining("there is no such file");
        Path one = written("a.txt", "192.0.2.7\n");
        Path other = written("a.netset", "192.0.2.7\n");
        assertThatThrownBy(() -> AddressLists.open(List.of(one.toString(), other.toString())))
                .hasMessageContaining("have one name, a");
    }

    @Test
    void aChangedListIsTakenUpAndOneThatIsOfNoUseLeavesTheEarlierOne() throws IOException {
        Path file = written("mine.txt", "192.0.2.7\n");
        AddressLists lists = AddressLists.open(List.of("hosting:" + file));
        assertThat(lists.reloadIfChanged()).isFalse();

        Files.writeString(file, "198.51.100.7\n");
        assertThat(lists.reloadIfChanged()).isTrue();
        assertThat(found(lists, "198.51.100.7")).extracting(Listing::kind).containsExactly("hosting");
        assertThat(found(lists, "192.0.2.7")).isEmpty();

        Files.writeString(file, "");
        assertThat(lists.reloadIfChanged()).isFalse();
        assertThat(lists.problems()).singleElement().asString().contains("mine.txt", "empty", "earlier one stays");
        assertThat(found(lists, "198.51.100.7")).hasSize(1);

        Files.delete(file);
        lists.reloadIfChanged();
        assertThat(lists.problems()).singleElement().asString().contains("there is no such file");
        assertThat(found(lists, "198.51.100.7")).hasSize(1);
    }

    private static List<Listing> found(AddressLists lists, String ip) {
        return lists.find(ip, null);
    }

    private AddressLists opened(String name, String text) throws IOException {
        return AddressLists.open(List.of(written(name, text).toString()));
    }

    private Path written(String name, String text) throws IOException {
        Path file = Files.writeString(dir.resolve(name), text);
        Files.setLastModifiedTime(file, FileTime.from(WRITTEN));
        return file;
    }
}
