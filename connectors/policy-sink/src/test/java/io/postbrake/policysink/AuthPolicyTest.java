package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Dovecot is answered, and to whom nothing is. */
class AuthPolicyTest {

    private static final Instant NOW = Instant.parse("2026-03-20T12:00:00Z");
    private static final String SECRET = "0123456789abcdef";

    @TempDir
    private Path dir;

    private final HttpClient client = HttpClient.newHttpClient();
    private AuthPolicy policy;

    @AfterEach
    void close() {
        if (policy != null) {
            policy.close();
        }
    }

    @Test
    void anAccountIsLetInFromItsHomeAloneWhileItsEntryHasNotEnded() throws Exception {
        starts(false, "imap/ann@example.org", new Entry("198.51.0.0/16,2001:db8::/32", NOW.toEpochMilli() + 1000));

        assertThat(asks("ann@example.org", "imap", "203.0.113.9")).contains("\"status\":-1");
        assertThat(asks("ANN@example.org", "IMAP", "203.0.113.9")).contains("\"status\":-1");
        assertThat(asks("ann@example.org", "imap", "2001:db9::1")).contains("\"status\":-1");
        assertThat(asks("ann@example.org", "imap", "198.51.7.7")).contains("\"status\":0");
        assertThat(asks("ann@example.org", "imap", "2001:db8:7::1")).contains("\"status\":0");
        assertThat(asks("ann@example.org", "smtp", "203.0.113.9")).contains("\"status\":0");
        assertThat(asks("bob@example.org", "imap", "203.0.113.9")).contains("\"status\":0");
        assertThat(policy.asked()).isEqualTo(7);
        assertThat(policy.refused()).isEqualTo(3);
    }

    @Test
    void whatEndedCountsNoMoreEvenIfNobodyTookItOut() throws Exception {
        starts(true, "imap/ann", new Entry("198.51.0.0/16", NOW.toEpochMilli()));

        assertThat(asks("ann", "imap", "203.0.113.9")).contains("\"status\":0");
    }

    @Test
    void whatIsNoQuestionFailsOpenOrClosedAsChosen() throws Exception {
        String[] none = {
            "", "[]", "{\"login\":\"ann\"}", "{\"login\":1,\"protocol\":\"imap\",\"remote\":\"x\"}", "{\"login\":\"a"
        };
        starts(false, "imap/ann", new Entry("198.51.0.0/16", Entry.NEVER));
        for (String body : none) {
            assertThat(posts("allow", body, SECRET).body()).contains("\"status\":0");
        }
        assertThat(policy.failures()).isEqualTo(none.length);
        policy.close();

        starts(true, "imap/ann", new Entry("198.51.0.0/16", Entry.NEVER));
        for (String body : none) {
            assertThat(posts("allow", body, SECRET).body()).contains("\"status\":-1");
        }
    }

    @Test
    void withoutTheSecretNobodyLearnsWhoIsBlocked() throws Exception {
        starts(false, "imap/ann", new Entry("198.51.0.0/16", Entry.NEVER));

        HttpResponse<String> answer = posts("allow", question("ann", "imap", "203.0.113.9"), "0123456789abcdeX");

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body()).isEmpty();
        assertThat(policy.strangers()).isEqualTo(1);
    }

    @Test
    void aReportIsCountedAndAHashOfAPasswordPassedOver() throws Exception {
        starts(false, "imap/ann", new Entry("198.51.0.0/16", Entry.NEVER));

        posts("report", question("ann", "imap", "203.0.113.9"), SECRET);

        assertThat(policy.reports()).isEqualTo(1);
        assertThat(policy.asked()).isZero();
        AuthPolicy.Question question = AuthPolicy.question(new java.io.ByteArrayInputStream(
                question("ann", "imap", "203.0.113.9").getBytes(StandardCharsets.UTF_8)));
        assertThat(question.toString()).doesNotContain("8d5f").contains("ann");
    }

    @Test
    void settingsThatWouldLetAnybodyAskOrRefuseNobodyAreSaid() throws Exception {
        Path secret = Files.writeString(dir.resolve("secret"), SECRET + "\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
        Map<String, String> settings = new HashMap<>(Map.of(
                "policy.dovecot", "narrow",
                "policy.dovecot.auth.listen", "127.0.0.1:0",
                "policy.dovecot.auth.secret.file", secret.toString()));
        assertThatThrownBy(() -> config(settings)).hasMessageContaining("chmod 600");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        assertThat(config(settings).authPolicy().toString()).doesNotContain(SECRET);
        settings.put("policy.dovecot", "observe");
        assertThatThrownBy(() -> config(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("nobody is refused");
        settings.put("policy.dovecot.auth.listen", "here");
        assertThatThrownBy(() -> config(settings)).hasMessageContaining("127.0.0.1:9408");
    }

    private PolicySinkConfig config(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("policy.map.path", dir.resolve("blocked.lmdb").toString());
        settings.put("policy.bootstrap.servers", "127.0.0.1:1");
        return new PolicySinkConfig(settings);
    }

    private void starts(boolean refuses, String key, Entry entry) throws IOException {
        TextTable table = TextTable.mailboxes(dir.resolve("blocked-mailboxes"), "dovecot", true);
        table.apply(Map.of(key, entry));
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        policy = AuthPolicy.startOrNull(
                new AuthPolicyConfig(address, SECRET.getBytes(StandardCharsets.US_ASCII), refuses),
                table,
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private String asks(String login, String protocol, String remote) throws Exception {
        return posts("allow", question(login, protocol, remote), SECRET).body();
    }

    private static String question(String login, String protocol, String remote) {
        return "{\"device_id\":{\"a\":[1]},\"login\":\"" + login + "\",\"protocol\":\"" + protocol
                + "\",\"pwhash\":\"8d5f\",\"remote\":\"" + remote + "\",\"tls\":false}";
    }

    private HttpResponse<String> posts(String command, String body, String secret) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + policy.port() + "/?command=" + command))
                        .header("X-API-Key", secret)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
