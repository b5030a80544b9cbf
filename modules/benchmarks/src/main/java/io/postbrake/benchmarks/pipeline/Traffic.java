package io.postbrake.benchmarks.pipeline;

import io.postbrake.benchmarks.FleetMix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the host of an installation logs: the traffic of a fleet's host ({@link FleetMix}), and thefts that must be blocked. The
 * same for each build, but for the stamps, which are of now.
 */
final class Traffic {
    private static final int MESSAGES = 60;

    private final Installation installation;
    private final List<String> stolen = new ArrayList<>();
    private int batch;
    private long written;

    Traffic(Installation installation) {
        this.installation = installation;
    }

    /** Lines of this moment: what all but the stamps are made from is the number of the batch. */
    byte[] lines(int count) {
        written += count;
        return new FleetMix(count, ++batch, Instant.now()).bytes();
    }

    /** An account that nobody stole from yet. */
    String nextAccount() {
        String account = "stolen" + (stolen.size() + 1) + "@customer.example.net";
        stolen.add(account);
        return account;
    }

    /** How many lines the log should have by now. */
    long linesWritten() {
        return written;
    }

    List<String> stolenAccounts() {
        return stolen;
    }

    /** Writes a theft, and waits for the account's block in the map; nanoseconds in between. */
    long stolen(String account, byte[] before) throws IOException, InterruptedException {
        byte[] theft = theft(account);
        written += 2L * MESSAGES;
        long start = System.nanoTime();
        installation.append(before);
        installation.append(theft);
        installation.await("a block of " + account, () -> installation.blocks(account));
        return System.nanoTime() - start;
    }

    /** Sixty messages within six minutes from an address that the account was never seen at. */
    static byte[] theft(String account) {
        var lines = new StringBuilder();
        Instant start = Instant.now().minusSeconds(360);
        int thief = Math.floorMod(account.hashCode(), 200);
        for (int i = 0; i < MESSAGES; i++) {
            String head = FleetMix.STAMP.format(start.plusSeconds(6L * i)) + " mail1 postfix/";
            String id = String.format(Locale.ROOT, "%06X%04X", account.hashCode() & 0xff_ffff, i);
            lines.append(head)
                    .append("submission/smtpd[12]: ")
                    .append(id)
                    .append(": client=unknown[198.51.100.")
                    .append(1 + thief)
                    .append("], sasl_method=PLAIN, sasl_username=")
                    .append(account)
                    .append('\n');
            lines.append(head)
                    .append("qmgr[13]: ")
                    .append(id)
                    .append(": from=<a@b.example>, size=18836, nrcpt=1 (queue active)\n");
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }
}
