package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postbrake.testkit.DovecotHost;
import io.postbrake.testkit.FreePort;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real Dovecot asks the enforcer by its auth policy, and knows nothing of its file. */
@Timeout(120)
class DovecotPolicyIT {

    private static final String HOME = "198.51.100.4";
    private static final String ABROAD = "203.0.113.9";
    private static final int QUESTIONS = 20_000;
    private static final int ACCOUNTS = 2000;
    /** Of a machine that does other things meanwhile. */
    private static final long BUSY_MICROS = 100_000;

    @TempDir
    private Path dir;

    private int port;

    @Test
    void aBlockedAccountIsRefusedFromElsewhereAndAWrongSecretFailsAsDovecotChooses() throws Exception {
        var missing = DovecotHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Dovecot here: " + missing.orElseThrow());
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (SinkDriver enforcer = enforcer()) {
            enforcer.polls(enforcer.block("sasl_user:ann", "hold", List.of("198.51.0.0/16")));
            try (DovecotHost dovecot =
                    DovecotHost.create(dir.resolve("dovecot"), "ann:{PLAIN}right::::::\nbob:{PLAIN}right::::::\n")) {
                dovecot.start("", "", settings(port, "0123456789abcdef", "yes"));

                assertThat(dovecot.letsIn(ABROAD, "ann", "right")).isFalse();
                assertThat(dovecot.letsIn(HOME, "ann", "right")).isTrue();
                assertThat(dovecot.letsIn(ABROAD, "bob", "right")).isTrue();
                assertThat(dovecot.letsIn(HOME, "bob", "wrong")).isFalse();

                enforcer.polls(enforcer.word("sasl_user:ann", "unblock"));
                assertThat(dovecot.letsIn(ABROAD, "ann", "right")).isTrue();
            }
            for (String closed : List.of("no", "yes")) {
                try (DovecotHost dovecot =
                        DovecotHost.create(dir.resolve("wrong-" + closed), "bob:{PLAIN}right::::::\n")) {
                    dovecot.start("", "", settings(port, "not-the-secret-x", closed));

                    assertThat(dovecot.letsIn(HOME, "bob", "right")).isEqualTo(closed.equals("no"));
                }
            }
        }
    }

    /** Prints what it takes; a quiet machine's figures are in docs/measurements/dovecot-refusals.md. */
    @Test
    void thousandsOfQuestionsAreAnsweredSoon() throws Exception {
        try (SinkDriver enforcer = enforcer()) {
            for (int i = 0; i < ACCOUNTS; i += 100) {
                int from = i;
                enforcer.polls(IntStream.range(from, from + 100)
                        .mapToObj(n -> enforcer.block("sasl_user:user" + n, "hold", List.of("198.51.0.0/16")))
                        .toArray(SinkRecord[]::new));
            }
            long[] micros = new long[QUESTIONS];
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setTcpNoDelay(true);
                var in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
                for (int i = 0; i < QUESTIONS; i++) {
                    boolean blocked = i % 2 == 0;
                    byte[] request = request((blocked ? "user" : "other") + i % ACCOUNTS);
                    long began = System.nanoTime();
                    socket.getOutputStream().write(request);
                    String answer = answer(in);
                    micros[i] = (System.nanoTime() - began) / 1000;
                    assertThat(answer).contains(blocked ? "-1" : ":0");
                }
            }
            long[] sorted = Arrays.stream(micros).skip(QUESTIONS / 4).sorted().toArray();
            long p99 = sorted[sorted.length * 99 / 100];
            System.out.printf(
                    "auth policy, %d accounts, %d questions one after the other: p50 %d, p99 %d, worst %d microseconds%n",
                    ACCOUNTS, sorted.length, sorted[sorted.length / 2], p99, sorted[sorted.length - 1]);
            assertThat(p99).isLessThan(BUSY_MICROS);
        }
    }

    /** As Dovecot asks, over a connection that stays. */
    private static byte[] request(String login) {
        String body =
                "{\"login\":\"" + login + "\",\"protocol\":\"imap\",\"remote\":\"" + ABROAD + "\",\"pwhash\":\"00\"}";
        return ("POST /?command=allow HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: 0123456789abcdef\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String answer(DataInputStream in) throws IOException {
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        return new String(in.readNBytes(length), StandardCharsets.US_ASCII);
    }

    private static String line(DataInputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c != '\n' && c >= 0; c = in.read()) {
            line.append(c == '\r' ? "" : (char) c);
        }
        return line.toString();
    }

    private SinkDriver enforcer() throws Exception {
        port = FreePort.next();
        Path secret = Files.writeString(dir.resolve("secret"), "0123456789abcdef\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        var driver = new SinkDriver(
                dir.resolve("map/blocked.lmdb"),
                (client, partitions) -> Map.of(SinkDriver.BLOCKS, 0L, SinkDriver.WORDS, 0L),
                Map.of(
                        "policy.dovecot",
                        "narrow",
                        "policy.dovecot.auth.listen",
                        "127.0.0.1:" + port,
                        "policy.dovecot.auth.secret.file",
                        secret.toString()));
        driver.assigned();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            driver.polls();
            return Files.exists(dir.resolve("map/blocked-mailboxes"));
        });
        return driver;
    }

    private static String settings(int port, String secret, String closed) {
        return """
                auth_policy_server_url = http://127.0.0.1:PORT/
                auth_policy_server_api_header = X-API-Key: SECRET
                auth_policy_hash_nonce = none
                auth_policy_request_attributes = login=%u protocol=%s remote=%{rip}
                auth_policy_reject_on_fail = CLOSED
                """.replace("PORT", Integer.toString(port))
                .replace("SECRET", secret)
                .replace("CLOSED", closed);
    }
}
