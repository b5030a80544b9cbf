package io.postbrake.policyserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Questions with bytes changed, cut and repeated, while somebody else asks as Postfix does. */
@Tag("soak")
@Timeout(180)
class FuzzedQuestionsIT {

    private static final long LENGTH_NS = TimeUnit.SECONDS.toNanos(60);
    private static final byte[] WHOLE = """
        request=smtpd_access_policy
        protocol_state=RCPT
        instance=1.2.3
        sasl_username=alice@example.net
        sender=alice@example.net
        recipient=bob@example.org
        recipient_count=0
        client_address=2001:db8::1

        """.getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path dir;

    @Test
    void nobodyElseNoticesAndNothingIsAFaultOfOurs() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        long connections = 0;
        try (PolicyServer server = CountingProcess.start(dir, "1000000000/1h");
                var postfix = new PolicyClient(dir.resolve("policy"))) {
            for (long end = System.nanoTime() + LENGTH_NS; System.nanoTime() < end; connections++) {
                fuzz(random);
                assertThat(postfix.rcpt("carol", "i" + connections))
                        .as("seed " + seed)
                        .isEqualTo("action=DUNNO");
            }
            assertThat(server.metrics().failed.sum()).as("seed " + seed).isZero();
            assertThat(server.metrics().broken.sum()).isPositive();
            System.out.println(connections + " fuzzed connections, "
                    + server.metrics().questions.sum() + " questions, "
                    + server.metrics().broken.sum() + " of them none");
        }
    }

    private void fuzz(Random random) {
        try (var client = new PolicyClient(dir.resolve("policy"))) {
            for (int i = random.nextInt(20); i >= 0; i--) {
                client.say(new String(changed(random), StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            return; // It was closed for what it said.
        }
    }

    private static byte[] changed(Random random) {
        byte[] bytes = WHOLE.clone();
        for (int i = random.nextInt(6); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        int from = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : 0;
        int times = random.nextInt(50) == 0 ? 1 + random.nextInt(600) : 1;
        byte[] result = new byte[(bytes.length - from) * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(bytes, from, result, i * (bytes.length - from), bytes.length - from);
        }
        return result;
    }
}
