package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.event.MailEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipientPolicyTest {
    private static final String KEY = "0123456789abcdef0123456789abcdef";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "full|Bob@x.example|`host h said: 550 <Bob@x.example>: no`",
                "domain|@x.example|`host h said: 550 <@x.example>: no`",
                "hash|4c7d67a2|`host h said: 550 <4c7d67a2>: no`"
            })
    void addressAndReplyAreKeptAsConfigured(String kept, String address, String reason) throws IOException {
        MailEvent event = Lines.message(
                "smtp",
                "ABCDEF1: to=<Bob@x.example>, relay=none, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host h said: 550 <Bob@x.example>: no)");
        RecipientPolicy policy = RecipientPolicy.of(kept, keyFile(KEY + "\n"));
        policy.apply(event);
        String hash = policy.address("bob@X.example");
        assertThat(event.getTo()).isEqualTo(kept.equals("hash") ? hash : address);
        assertThat(event.getReason()).isEqualTo(reason.replace("4c7d67a2", hash));
    }

    /** The value was computed with {@code printf %s bob@x.example | openssl dgst -sha256 -hmac KEY}. */
    @Test
    void theHashIsHmacSha256OfTheLowerCasedAddress() throws IOException {
        RecipientPolicy policy = RecipientPolicy.of("hash", keyFile(KEY));
        assertThat(policy.address("Bob@x.example"))
                .isEqualTo("74b339d62a218fda983508476bfa24f8b7b4aa35c8f31964fde99cd5ef17c642");
        assertThat(policy).hasToString("recipients kept: hash");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unknown user: \"bob\"",
                "delivered to command: /usr/bin/deliver -d bob",
                "host h said: 550 <bob@x>, <\"a bob\"@y> bob@z:no (in reply to RCPT TO command)"
            })
    void noRecipientIsLeftInAReason(String reason) {
        MailEvent event = Lines.message(
                "local",
                "ABCDEF1: to=<bob@x>, orig_to=<root@x>, relay=local, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced ("
                        + reason + ")");
        assertThat(event.getReason()).contains("bob");
        RecipientPolicy.of("domain", null).apply(event);
        assertThat(event.getReason()).doesNotContain("bob");
        assertThat(event.getOrigTo()).isEqualTo("@x");
    }

    @Test
    void aWrongWordOrKeySaysWhatWouldBeRight() throws IOException {
        Path weak = keyFile("secret");
        assertThatThrownBy(() -> RecipientPolicy.of("some", null)).hasMessageContaining("full, domain or hash");
        assertThatThrownBy(() -> RecipientPolicy.of("hash", null)).hasMessageContaining("key file");
        assertThatThrownBy(() -> RecipientPolicy.of("hash", weak))
                .hasMessageContaining("6 bytes, at least 16")
                .hasMessageNotContaining("secret\n");
        assertThatThrownBy(() -> RecipientPolicy.of("hash", folder.resolve("none")))
                .hasMessageContaining("cannot be read");
    }

    private Path keyFile(String key) throws IOException {
        return Files.write(folder.resolve("key"), key.getBytes(StandardCharsets.UTF_8));
    }
}
