package io.postbrake.simulator;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.geo.GeoLookup;
import io.postbrake.geo.MaxMindGeo;
import io.postbrake.simulator.Action.Client;
import io.postbrake.simulator.Network.Use;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What patience buys a thief: one message a day beside the owner for some days, so that the place becomes normal, and then a
 * burst. How many recipients it reaches is what Postbrake lets through, on accounts of different pace, with files of places and
 * without.
 */
public final class Patience {
    private static final int DAYS = 60;
    private static final int BURST = 1800;
    private static final long BURST_PAUSE = 4 * Diary.SECOND;
    private static final List<Integer> WAITS = List.of(0, 1, 2, 3, 4, 5, 7, 10, 14, 21, 28);
    private static final String HOST = "mx1";

    /** How the owner sends; goes on from the old place, unless it has stopped long before. */
    private enum Owner {
        BUSY(20, DAYS),
        QUIET(1.5, DAYS),
        DORMANT(3, DAYS / 3);

        private final double aDay;
        private final int until;

        Owner(double aDay, int until) {
            this.aDay = aDay;
            this.until = until;
        }
    }

    /**
     * One line of the result.
     *
     * @param owner busy, quiet or dormant
     * @param geography whether there were files of places
     * @param days of patience
     * @param typical recipients reached by the median thief, those of the patient days included
     * @param most recipients reached by the most successful one
     */
    public record Row(String owner, boolean geography, int days, long typical, long most) {}

    private final DetectionConfig config;
    private final int thieves;
    private final long seed;

    /** As many thieves for each line, drawn from {@code seed} on. */
    public Patience(DetectionConfig config, int thieves, long seed) {
        this.config = config;
        this.thieves = thieves;
        this.seed = seed;
    }

    /**
     * Replays all of them.
     *
     * @throws IOException when the made-up geography cannot be written to the temporary folder
     */
    public List<Row> run() throws IOException {
        Path folder = Files.createTempDirectory("postbrake-patience");
        Path places = folder.resolve("places.mmdb");
        Path operators = folder.resolve("operators.mmdb");
        var geography = new Geography();
        List<Row> rows = new ArrayList<>();
        try {
            geography.write(places, operators);
            try (MaxMindGeo files = MaxMindGeo.open(List.of(places, operators))) {
                for (Owner owner : Owner.values()) {
                    for (boolean known : new boolean[] {true, false}) {
                        for (int wait : WAITS) {
                            rows.add(row(owner, wait, known, known ? files::lookup : GeoLookup.none(), geography));
                        }
                    }
                }
            }
        } finally {
            Files.deleteIfExists(places);
            Files.deleteIfExists(operators);
            Files.deleteIfExists(folder);
        }
        return rows;
    }

    /** The lines as a table of Markdown. */
    public static String table(List<Row> rows) {
        var text = new StringBuilder(
                "| owner | files of places | days of patience | recipients reached, median | most |\n");
        text.append("|---|---|---|---|---|\n");
        for (Row row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %d | %d | %d |%n",
                    row.owner(),
                    row.geography() ? "yes" : "no",
                    row.days(),
                    row.typical(),
                    row.most()));
        }
        return text.toString();
    }

    private Row row(Owner owner, int wait, boolean known, GeoLookup geo, Geography geography) {
        List<Long> reached = new ArrayList<>();
        for (int thief = 0; thief < thieves; thief++) {
            // The same people and the same thief, whatever his patience is.
            reached.add(reached(new SplittableRandom(seed + thief), owner, wait, geo, geography));
        }
        reached.sort(Comparator.naturalOrder());
        return new Row(
                owner.name().toLowerCase(Locale.ROOT),
                known,
                wait,
                reached.get(reached.size() / 2),
                reached.get(reached.size() - 1));
    }

    private long reached(SplittableRandom random, Owner owner, int wait, GeoLookup geo, Geography geography) {
        String country = Geography.oneOf(Geography.HOMELANDS, random);
        var company = new Person.Company(
                "company.example", country, geography.any(country, Use.OFFICE, random), random.nextInt(4096));
        var person = new Person(1, "office", company, HOST, geography, random.split());
        Network far = geography.any(Geography.oneOf(Geography.FAR, random), Use.HOME, random);
        Client thief = Person.client(far, far.address(random)).with(Program.tool(random));
        long start = Script.START.toEpochMilli();
        List<Action.Mail> all = new ArrayList<>();
        for (int day = 0; day <= owner.until; day++) {
            for (int n = Draws.poisson(random, owner.aDay); n > 0; n--) {
                long at = start + day * Diary.DAY + (long) (Draws.between(random, 7, 18) * Diary.HOUR);
                Client desk = person.office();
                all.add(mail(at, person, desk.with(person.program(desk, day)), Action.NOBODY));
            }
        }
        for (int day = DAYS - wait; day < DAYS; day++) {
            long at = start + day * Diary.DAY + (long) (Draws.between(random, 7, 18) * Diary.HOUR);
            all.add(mail(at, person, thief, 0));
        }
        long burst = start + DAYS * Diary.DAY + (long) (Draws.between(random, 8, 15) * Diary.HOUR);
        for (int i = 0; i < BURST; i++) {
            all.add(mail(burst + i * BURST_PAUSE, person, thief, 0));
        }
        all.sort(Comparator.comparingLong(Action.Mail::at));
        var guard = new PostbrakeGuard(seed, config, geo);
        long reached = 0;
        for (Action.Mail mail : all) {
            boolean stopped = guard.offered(mail) != null;
            reached += stopped || mail.legitimate() ? 0 : mail.recipients();
        }
        return reached;
    }

    private static Action.Mail mail(long at, Person person, Client client, int attack) {
        return new Action.Mail(at, HOST, person.account, client, person.account, 1, 0, 4000, attack);
    }
}
