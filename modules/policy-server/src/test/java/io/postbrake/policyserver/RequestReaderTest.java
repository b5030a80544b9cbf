package io.postbrake.policyserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.policyserver.RequestReader.Read;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Postfix's attributes, and what is none. */
class RequestReaderTest {

    /** All that Postfix 2.1 to 3.11 send, as SMTPD_POLICY_README lists them. */
    private static final String WHOLE = """
        request=smtpd_access_policy
        protocol_state=RCPT
        protocol_name=ESMTP
        helo_name=some.domain.tld
        queue_id=8045F2AB23
        sender=Foo@bar.tld
        recipient=bar@foo.tld
        recipient_count=0
        client_address=192.0.2.4
        client_name=another.domain.tld
        reverse_client_name=another.domain.tld
        instance=123.456.7
        sasl_method=plain
        sasl_username=you=me@example.net
        sasl_sender=
        size=12345
        ccert_subject=solaris9.porcupine.org
        ccert_issuer=Wietse+20Venema
        ccert_fingerprint=C2:9D:F4:87:71:73:73:D9:18:E7:C2:F3:C1:DA:6E:04
        encryption_protocol=TLSv1/SSLv3
        encryption_cipher=DHE-RSA-AES256-SHA
        encryption_keysize=256
        etrn_domain=
        stress=
        ccert_pubkey_fingerprint=68:B3:29:DA:98:93:E3:40:99:C7:D8:AD:5C:B9:C9:40
        client_port=1234
        policy_context=submission
        server_address=10.3.2.1
        server_port=54321
        compatibility_level=3.6
        mail_version=3.11.0

        """;

    private static final PolicyRequest READ =
            new PolicyRequest("RCPT", "123.456.7", "you=me@example.net", "Foo@bar.tld", "bar@foo.tld", 0, "192.0.2.4");

    @Test
    void whatCountsOfAllAttributesIsRead() {
        assertThat(read(WHOLE)).containsExactly(READ);
    }

    @Test
    void severalQuestionsFollowEachOther() {
        assertThat(read(WHOLE + WHOLE.replace("RCPT", "DATA"))).hasSize(2).startsWith(READ);
    }

    @Test
    void aLineWithoutNameIsNoQuestionAndTheNextOneIs() {
        assertThat(read(WHOLE.replace("sender=", "sender ") + WHOLE)).containsExactly(null, READ);
    }

    @Test
    void anotherRequestIsNone() {
        assertThat(read(WHOLE.replace("smtpd_access_policy", "junk"))).containsExactly((PolicyRequest) null);
    }

    @Test
    void aCountThatIsNoNumberIsNoQuestion() {
        assertThat(read(WHOLE.replace("count=0", "count=-1"))).containsExactly((PolicyRequest) null);
    }

    @Test
    void aLongValueThatNobodyAsksForIsSkipped() {
        assertThat(read(WHOLE.replace("Wietse", "W".repeat(20_000)))).containsExactly(READ);
    }

    @Test
    void aLongLoginIsNoQuestion() {
        assertThat(read(WHOLE.replace("you=", "y".repeat(5000)))).containsExactly((PolicyRequest) null);
    }

    @Test
    void aQuestionWithoutEndIsGivenUp() {
        var reader = new RequestReader();
        Read last = Read.MORE;
        for (int i = 0; i < 100 && last == Read.MORE; i++) {
            last = reader.read(bytes("a=b\n".repeat(1000)));
        }
        assertThat(last).isEqualTo(Read.ENDLESS);
    }

    @Property(tries = 300)
    void howItIsCutIntoPiecesChangesNothing(@ForAll @Size(max = 20) List<@IntRange(min = 1, max = 90) Integer> cuts) {
        var reader = new RequestReader();
        List<PolicyRequest> all = new ArrayList<>();
        String text = WHOLE + "\n" + WHOLE;
        int from = 0;
        for (int cut : cuts) {
            int to = Math.min(text.length(), from + cut);
            drain(reader, text.substring(from, to), all);
            from = to;
        }
        drain(reader, text.substring(from), all);

        assertThat(all).containsExactly(READ, null, READ);
    }

    @Property(tries = 500)
    void bytesOfAnyKindThrowNothing(@ForAll byte[] noise) {
        var reader = new RequestReader();
        ByteBuffer bytes = ByteBuffer.wrap(noise);
        while (bytes.hasRemaining()) {
            Read read = reader.read(bytes);
            if (read != Read.MORE) {
                reader.forget();
            }
        }
        drain(reader, "\n\n", new ArrayList<>());

        assertThat(read(WHOLE)).containsExactly(READ);
    }

    private static List<PolicyRequest> read(String text) {
        List<PolicyRequest> all = new ArrayList<>();
        drain(new RequestReader(), text, all);
        return all;
    }

    /** null stands for what is no question. */
    private static void drain(RequestReader reader, String text, List<PolicyRequest> into) {
        ByteBuffer bytes = bytes(text);
        while (bytes.hasRemaining()) {
            switch (reader.read(bytes)) {
                case WHOLE -> into.add(reader.take());
                case BROKEN -> {
                    reader.forget();
                    into.add(null);
                }
                default -> assertThat(bytes.hasRemaining()).isFalse();
            }
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
