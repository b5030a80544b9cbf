package io.postbrake.policyserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may send how much. */
class QuotasTest {

    private static final long NOON = 1_796_000_000_000L;
    private static final long MINUTE = 60_000;
    private static final String ALICE = "alice@example.net";

    @TempDir
    private Path dir;

    private Journal journal;
    private Quotas quotas;
    private int instances;

    @AfterEach
    void close() {
        if (journal != null) {
            journal.close();
        }
    }

    @Test
    void aMessageIsCountedOnceHoweverOftenItIsAskedAbout() throws IOException {
        given(Map.of("login.messages", "2/1h", "login.recipients", "5/1h"));
        for (String instance : List.of("a", "b")) {
            assertThat(ask(rcpt(instance, "one@x.example"))).isNull();
            assertThat(ask(rcpt(instance, "one@x.example"))).isNull();
            assertThat(ask(rcpt(instance, "two@x.example"))).isNull();
            assertThat(ask(at("DATA", instance, 2))).isNull();
            assertThat(ask(at("END-OF-MESSAGE", instance, 2))).isNull();
        }

        assertThat(ask(rcpt("c", "one@x.example")).limit().said()).isEqualTo("2 messages in 1h");
        assertThat(count("login:" + ALICE, Unit.MESSAGES)).isEqualTo(2);
        assertThat(count("login:" + ALICE, Unit.RECIPIENTS)).isEqualTo(4);
    }

    @Test
    void askedAtTheEndAloneAllRecipientsCount() throws IOException {
        given(Map.of("login.recipients", "5/1h"));

        assertThat(ask(at("END-OF-MESSAGE", "a", 4))).isNull();
        assertThat(ask(at("END-OF-MESSAGE", "b", 2))).isNotNull();
        assertThat(ask(at("END-OF-MESSAGE", "c", 1))).isNull();
    }

    @Test
    void whatIsRefusedIsNotCounted() throws IOException {
        given(Map.of("login.messages", "1/10m"));
        assertThat(ask(rcpt("a", "one@x.example"))).isNull();
        for (int minute = 1; minute <= 10; minute++) {
            assertThat(quotas.ask(rcpt("b" + minute, "one@x.example"), NOON + minute * MINUTE))
                    .isNotNull();
        }

        assertThat(quotas.ask(rcpt("c", "one@x.example"), NOON + 11 * MINUTE)).isNull();
    }

    @Test
    void allWindowsCountAtOnce() throws IOException {
        given(Map.of("login.messages", "2/1m, 3/1h"));
        assertThat(ask(fresh())).isNull();
        assertThat(ask(fresh())).isNull();
        assertThat(ask(fresh()).limit().most()).isEqualTo(2);
        assertThat(quotas.ask(fresh(), NOON + 2 * MINUTE)).isNull();
        assertThat(quotas.ask(fresh(), NOON + 2 * MINUTE).limit().most()).isEqualTo(3);
    }

    @Test
    void whenOneCeilingIsInTheWayNobodyIsCounted() throws IOException {
        given(Map.of("login.messages", "9/1h", "login-domain.messages", "1/1h"));
        assertThat(ask(fresh())).isNull();
        assertThat(ask(fresh()).subject()).isEqualTo("login-domain:example.net");
        assertThat(count("login:" + ALICE, Unit.MESSAGES)).isEqualTo(1);
    }

    @Test
    void nobodyOutsideSpendsWhatASenderHas() throws IOException {
        given(Map.of("sender.messages", "1/1h", "sender-domain.messages", "1/1h"));
        for (int i = 0; i < 5; i++) {
            assertThat(ask(new PolicyRequest("RCPT", "o" + i, "", ALICE, "one@x.example", 0, "198.51.100.7")))
                    .isNull();
        }
        assertThat(quotas.subjects()).isZero();
        assertThat(ask(new PolicyRequest("RCPT", "l", "", ALICE, "one@x.example", 0, "127.0.0.1")))
                .isNull();
        assertThat(ask(new PolicyRequest("RCPT", "m", "bob", ALICE, "one@x.example", 0, "198.51.100.7")))
                .isNotNull();
    }

    @Test
    void clientsAndTheirNetworksCount() throws IOException {
        given(Map.of("client.recipients", "1/1h", "network.recipients", "2/1h"));
        assertThat(ask(from("192.0.2.1"))).isNull();
        assertThat(ask(from("192.0.2.1")).subject()).isEqualTo("client:192.0.2.1");
        assertThat(ask(from("192.0.2.2"))).isNull();
        assertThat(ask(from("192.0.2.3")).subject()).isEqualTo("network:192.0.2.0/24");
        assertThat(ask(from("2001:db8::1"))).isNull();
        assertThat(ask(from("2001:db8::1:2"))).isNull();
        assertThat(ask(from("2001:db8::1:3")).subject()).isEqualTo("network:2001:db8::/64");
    }

    @Test
    void otherSpellingsOfALoginAreTheSame() throws IOException {
        given(Map.of("login.messages", "1/1h"));
        assertThat(ask(fresh())).isNull();
        assertThat(ask(new PolicyRequest("RCPT", "x", "Alice@Example.NET", "", "one@x.example", 0, "192.0.2.1")))
                .isNotNull();
    }

    @Test
    void theMostSpecificGroupDecides() throws IOException {
        given(Map.of(
                "limits",
                Map.of("login.messages", "1/1h", "login.recipients", "3/1h"),
                "groups",
                Map.of(
                        "house", Map.of("members", List.of("@example.net"), "login.messages", "2/1h"),
                        "news", Map.of("members", List.of(ALICE), "login.messages", "3/1h"))));
        String bob = "bob@example.net";
        assertThat(allowed(bob)).isEqualTo(2);
        assertThat(allowed(ALICE)).isEqualTo(3);
        assertThat(allowed("carol@example.org")).isEqualTo(1);
    }

    @Test
    void whoIsExemptHasNoCeiling() throws IOException {
        given(Map.of("limits", Map.of("login.messages", "0/1h"), "exempt", List.of(ALICE, "192.0.2.128/25")));
        assertThat(ask(fresh())).isNull();
        assertThat(ask(new PolicyRequest("RCPT", "x", "bob", "", "one@x.example", 0, "192.0.2.200")))
                .isNull();
        assertThat(ask(new PolicyRequest("RCPT", "y", "bob", "", "one@x.example", 0, "192.0.2.1")))
                .isNotNull();
    }

    @Test
    void nobodyWhoLogsInIsExemptByTheSenderThatHeGives() throws IOException {
        given(Map.of("limits", Map.of("login.messages", "0/1h", "sender.messages", "0/1h"), "exempt", List.of(ALICE)));
        assertThat(ask(new PolicyRequest("RCPT", "x", "bob", ALICE, "one@x.example", 0, "192.0.2.1"))
                        .subject())
                .isEqualTo("login:bob");
        assertThat(ask(new PolicyRequest("RCPT", "y", "", ALICE, "one@x.example", 0, "127.0.0.1")))
                .isNull();
    }

    @Test
    void longRecipientsOfManyMessagesDoNotFillTheHeap() throws IOException {
        given(Map.of("login.messages", "10000/1h"));
        String longest = "a".repeat(2000);
        for (int message = 0; message < 100; message++) {
            for (int recipient = 0; recipient < 100; recipient++) {
                assertThat(ask(rcpt("m" + message, longest + recipient))).isNull();
            }
        }

        assertThat(quotas.underWay().size()).isLessThan(UnderWay.MOST_TEXT / (100 * longest.length()) + 1);
        assertThat(ask(rcpt("m99", longest + 0))).isNull();
        assertThat(count("login:" + ALICE, Unit.MESSAGES)).isEqualTo(100);
    }

    @Test
    void clientsWithoutEndAreNotAllCountedButLoginsAre() throws IOException {
        given(Map.of("client.messages", "1/1h", "login.messages", "2/1h"));
        quotas = new Quotas(quotas.rules(), journal, 50);
        for (int i = 0; i < 200; i++) {
            assertThat(ask(from("2001:db8::" + Integer.toHexString(i)))).isNull();
        }
        assertThat(quotas.subjects()).isEqualTo(50);
        assertThat(quotas.isFull()).isTrue();
        assertThat(ask(from("2001:db8::0"))).isNotNull();
        for (int i = 0; i < 2; i++) {
            assertThat(ask(new PolicyRequest("RCPT", "l" + i, "bob", "", "one@x.example", 0, "2001:db8::ffff")))
                    .isNull();
        }
        assertThat(ask(new PolicyRequest("RCPT", "l", "bob", "", "one@x.example", 0, "2001:db8::ffff")))
                .isNotNull();

        quotas.forget(NOON + 70 * MINUTE);
        assertThat(quotas.isFull()).isFalse();
        assertThat(quotas.ask(from("2001:db8::fff0"), NOON + 70 * MINUTE)).isNull();
        assertThat(quotas.subjects()).isEqualTo(1);
    }

    @Test
    void earlierStatesCountNothing() throws IOException {
        given(Map.of("login.messages", "0/1h"));
        assertThat(ask(at("CONNECT", "a", 0))).isNull();
        assertThat(ask(at("MAIL", "a", 0))).isNull();
    }

    private int allowed(String login) {
        int count = 0;
        while (ask(new PolicyRequest("RCPT", "i" + instances++, login, "", "one@x.example", 0, "192.0.2.1")) == null) {
            count++;
        }
        return count;
    }

    private Quotas.Over ask(PolicyRequest request) {
        return quotas.ask(request, NOON);
    }

    private int count(String subject, Unit unit) {
        return quotas.tallies().get(subject).count(new Limit(unit, 0, 60 * MINUTE), NOON);
    }

    private PolicyRequest fresh() {
        return rcpt("i" + instances++, "one@x.example");
    }

    private PolicyRequest from(String client) {
        return new PolicyRequest("RCPT", "i" + instances++, "", "", "one@x.example", 0, client);
    }

    private static PolicyRequest rcpt(String instance, String recipient) {
        return new PolicyRequest("RCPT", instance, ALICE, ALICE, recipient, 0, "192.0.2.1");
    }

    private static PolicyRequest at(String state, String instance, int recipients) {
        return new PolicyRequest(state, instance, ALICE, ALICE, "", recipients, "192.0.2.1");
    }

    private void given(Map<String, ?> limits) throws IOException {
        Map<String, Object> section = new HashMap<>(limits.containsKey("limits") ? limits : Map.of("limits", limits));
        journal = Journal.open(dir);
        quotas = new Quotas(
                PolicyServerConfig.of(Settings.of(Map.of("quotas", section))).rules(), journal);
    }
}
