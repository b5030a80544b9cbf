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
                "pseudonym|74b339d62a21@x.example|`host h said: 550 <74b339d62a21@x.example>: no`",
                "hash|4c7d67a2|`host h said: 550 <4c7d67a2>: no`"
            })
    void addressAndReplyAreKeptAsConfigured(String kept, String address, String reason) throws IOException {
        MailEvent event = Lines.message(
                "smtp",
                "ABCDEF1: to=<Bob@x.example>, relay=none, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host h"
                        + " said: 550 <Bob@x.example>: no)");
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
                "host h said: 550 <bob@x>, <\"a bob\"@y> bob@z:no (in reply to RCPT TO command)",
                "host h said: 550 5.1.1 bob... User unknown",
                "host h said: 550 Mailbox Bob: full, <a bob@x> (bob)"
            })
    void noRecipientIsLeftInAReason(String reason) {
        MailEvent event = Lines.message(
                "local",
                "ABCDEF1: to=<bob@x>, orig_to=<root@x>, relay=local, delay=1, delays=0/0/0/1, dsn=5.1.1,"
                        + " status=bounced ("
                        + reason + ")");
        assertThat(event.getReason()).contains("bob");
        RecipientPolicy.of("domain", null).apply(event);
        assertThat(event.getReason()).doesNotContain("bob");
        assertThat(event.getOrigTo()).isEqualTo("@x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bob+list@x.example|host h said: 550 no such user bob|host h said: 550 no such user *",
                "bob+list@x.example|unknown user: \"bob\"|unknown user: \"*\"",
                "b@x.example|host b.example said: 550 <b@X.example> a-b b2|host b.example said: 550 <@x.example> a-b"
                        + " b2",
                "root@x.example|host h said: 452 4.2.2 over quota|host h said: 452 4.2.2 over quota"
            })
    void theRestOfAReasonStays(String to, String reason, String kept) {
        MailEvent event = Lines.message(
                "local",
                "ABCDEF1: to=<" + to + ">, relay=local, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (" + reason
                        + ")");

        RecipientPolicy.of("domain", null).apply(event);

        assertThat(event.getReason()).isEqualTo(kept);
    }

    @Test
    void aPseudonymIsTheBeginningOfTheHashBeforeTheDomain() throws IOException {
        RecipientPolicy policy = RecipientPolicy.of("pseudonym", keyFile(KEY));

        assertThat(policy.address("Bob@X.example")).isEqualTo("74b339d62a21@x.example");
        assertThat(policy.address("bob@x.example")).isEqualTo(policy.address("Bob@X.example"));
        assertThat(policy.address("eve@x.example"))
                .isNotEqualTo(policy.address("bob@x.example"))
                .endsWith("@x.example");
        assertThat(policy.address("root")).matches("[0-9a-f]{12}@");
        assertThat(policy.address("")).isEmpty();
        assertThat(policy).hasToString("recipients kept: pseudonym");
    }

    /** A refusal names the recipient twice, a header check and a message id hold it as text. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "smtpd|NOQUEUE: reject: RCPT from h[192.0.2.1]: 550 5.1.1 <bob@x>: Recipient address rejected: User"
                        + " bob unknown; from=<a@y> to=<bob@x> proto=ESMTP helo=<h>",
                "smtpd|NOQUEUE: reject: RCPT from h[192.0.2.1]: 554 5.7.1 <a bob@x>: Relay access denied; from=<a@y>"
                        + " to=<a bob@x> proto=ESMTP helo=<h; from=<>",
                "cleanup|ABCDEF1: warning: header To: bob@x from h[192.0.2.1]; from=<a@y> to=<bob@x> proto=ESMTP"
                        + " helo=<h>",
                "cleanup|ABCDEF1: milter-reject: END-OF-MESSAGE from h[192.0.2.1]: 5.7.1 no mail for bob, bob@x;"
                        + " from=<a@y> to=<bob@x> proto=ESMTP helo=<h>",
                "smtp|ABCDEF1: host h[192.0.2.1] said: 450 <bob@x>: try later (in reply to RCPT TO command)",
                "lmtp|ABCDEF1: to=<bob@x>, orig_to=<bob>, relay=h[private/lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0,"
                        + " status=sent (250 2.0.0 <bob@x> Saved)"
            })
    void noFieldOfAnyKindNamesTheRecipient(String service, String text) throws IOException {
        for (String kept : new String[] {"domain", "pseudonym", "hash"}) {
            MailEvent event = Lines.message(service, text);

            RecipientPolicy.of(kept, keyFile(KEY)).apply(event);

            assertThat(event.toString()).doesNotContain("bob");
        }
    }

    @Test
    void aWrongWordOrKeySaysWhatWouldBeRight() throws IOException {
        Path weak = keyFile("secret");
        assertThatThrownBy(() -> RecipientPolicy.of("some", null))
                .hasMessageContaining("full, domain, pseudonym or hash");
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
