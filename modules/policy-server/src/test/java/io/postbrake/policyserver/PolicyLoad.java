package io.postbrake.policyserver;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Questions of Postfix to a policy server on a loopback port, over several connections that each wait for their answers. */
final class PolicyLoad {

    private static final int LOGINS = 1000;

    private final int port;
    private final int connections;

    PolicyLoad(int port, int connections) {
        this.port = port;
        this.connections = connections;
    }

    /**
     * What came of it.
     *
     * @param rate answers a second
     * @param p99 99 of 100 came within so many microseconds
     */
    record Figures(double rate, long p99) {}

    /** @param rate questions a second of all connections together; 0 for as many as there are answers to */
    Figures run(int seconds, int rate) throws InterruptedException, ExecutionException {
        ExecutorService pool = Executors.newFixedThreadPool(connections);
        try {
            long begun = System.nanoTime();
            long end = begun + TimeUnit.SECONDS.toNanos(seconds);
            List<Future<long[]>> parts = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                int number = i;
                parts.add(pool.submit(() -> one(number, end, rate == 0 ? 0 : 1_000_000_000L * connections / rate)));
            }
            List<long[]> all = new ArrayList<>();
            for (Future<long[]> part : parts) {
                all.add(part.get());
            }
            long[] times = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
            return new Figures(
                    times.length * 1e9 / (System.nanoTime() - begun), times[(int) (times.length * 0.99)] / 1000);
        } finally {
            pool.shutdownNow();
        }
    }

    /** How long each answer took since it should have been asked for, in nanoseconds. */
    private long[] one(int number, long end, long pause) throws IOException {
        long[] times = new long[1 << 16];
        int count = 0;
        byte[] answer = new byte[1024];
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            long due = System.nanoTime();
            while (due < end) {
                while (pause > 0 && System.nanoTime() < due) {
                    LockSupport.parkNanos(Math.max(1, due - System.nanoTime()));
                }
                long asked = pause > 0 ? due : System.nanoTime();
                socket.getOutputStream().write(question(number, count));
                int length = 0;
                while (length < 2 || answer[length - 1] != '\n' || answer[length - 2] != '\n') {
                    int read = socket.getInputStream().read(answer, length, answer.length - length);
                    if (read < 0) {
                        throw new EOFException("hung up");
                    }
                    length += read;
                }
                times = count == times.length ? Arrays.copyOf(times, 2 * count) : times;
                times[count++] = System.nanoTime() - asked;
                due = pause > 0 ? due + pause : System.nanoTime();
            }
        }
        return Arrays.copyOf(times, count);
    }

    private static byte[] question(int number, int count) {
        String text = """
            request=smtpd_access_policy
            protocol_state=RCPT
            protocol_name=ESMTP
            client_address=192.0.2.4
            client_name=another.domain.example
            client_port=1234
            reverse_client_name=another.domain.example
            server_address=192.0.2.1
            server_port=587
            helo_name=some.domain.example
            sender=alice@example.net
            recipient=bob@example.org
            recipient_count=0
            queue_id=
            instance=%d.%d
            size=12345
            etrn_domain=
            stress=
            sasl_method=plain
            sasl_username=user%d@example.net
            sasl_sender=
            ccert_subject=
            ccert_issuer=
            ccert_fingerprint=
            ccert_pubkey_fingerprint=
            encryption_protocol=TLSv1.3
            encryption_cipher=TLS_AES_256_GCM_SHA384
            encryption_keysize=256
            policy_context=submission

            """.formatted(number, count, (31 * number + count) % LOGINS);
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
