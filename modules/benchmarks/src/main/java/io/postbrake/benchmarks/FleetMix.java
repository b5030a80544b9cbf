package io.postbrake.benchmarks;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@link LogMix} of one host that has customers: two thousand accounts, each with one or two addresses, some of them much busier
 * than others, five thousand servers that write to them, and a thousand guessers. All happens now.
 */
public final class FleetMix extends LogMix {

    private static final int ACCOUNTS = 2_000;
    /** Stamps of its lines. */
    public static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'+00:00'").withZone(ZoneOffset.UTC);

    private final List<String> homes = new ArrayList<>();
    private final List<String> servers = new ArrayList<>();
    private final List<String> guessers = new ArrayList<>();
    private final String now;

    /** The same fleet for each {@code now}, with other traffic. */
    public FleetMix(int lines, Instant now) {
        this(lines, now.getEpochSecond(), now);
    }

    /** The same lines for each {@code seed}, but for the stamps. */
    public FleetMix(int lines, long seed, Instant now) {
        super(lines, seed);
        this.now = STAMP.format(now);
        var fleet = new LogMix(0, 1);
        for (int i = 0; i < 2 * ACCOUNTS; i++) {
            homes.add(fleet.client());
        }
        for (int i = 0; i < 5_000; i++) {
            servers.add(fleet.client());
        }
        for (int i = 0; i < 1_000; i++) {
            guessers.add(fleet.client());
        }
    }

    /** The lower the number, the likelier. */
    private int drawn(int most) {
        double chance = random.nextDouble();
        return (int) (most * chance * chance);
    }

    @Override
    String user() {
        return "user" + drawn(ACCOUNTS) + "@customer.example.net";
    }

    @Override
    String clientOf(String user) {
        int account = Integer.parseInt(user.substring("user".length(), user.indexOf('@')));
        return homes.get(2 * account + (random.nextInt(5) == 0 ? 1 : 0));
    }

    @Override
    String server() {
        return servers.get(drawn(servers.size()));
    }

    @Override
    String guesser() {
        return guessers.get(drawn(guessers.size()));
    }

    @Override
    String stamp() {
        return now;
    }
}
