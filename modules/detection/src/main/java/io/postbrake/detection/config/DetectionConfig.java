package io.postbrake.detection.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Limits of the detectors and of the decisions; one key a component, see {@link #of(Map)}.
 *
 * @param messagesPerHour detectors.velocity-ceiling.messages-per-hour
 * @param messagesPerDay detectors.velocity-ceiling.messages-per-day
 * @param recipientsPerHour detectors.velocity-ceiling.recipients-per-hour
 * @param recipientsPerDay detectors.velocity-ceiling.recipients-per-day
 * @param tailProbability detectors.velocity-history.tail-probability
 * @param memoryWindows detectors.velocity-history.memory-windows
 * @param travelSpeedKmh detectors.impossible-travel.speed-kmh
 * @param travelDistanceKm detectors.impossible-travel.distance-km
 * @param historyDays detectors.new-country.history-days
 * @param historyMessages detectors.new-country.history-messages
 * @param addressFailures detectors.guessing-by-address.failures in 10 minutes
 * @param accountFailures detectors.guessing-by-account.failures in 10 minutes
 * @param fleetAccounts detectors.new-country.fleet-accounts: accounts after which the fleet has a history
 * @param persistenceAttempts detectors.persistence-under-block.attempts: a day's attempts that nobody minds
 * @param guessedFailures detectors.success-after-guessing.failures in an hour
 * @param experiencedFactor detectors.velocity-ceiling.experienced-factor: how many times as high the ceilings are for an
 *     account with a history; 1 makes them hard limits
 * @param knownPlaceFactor detectors.velocity-ceiling.known-place-factor: the same for an account without a history that
 *     sends from where many accounts of the fleet do
 * @param riskPrior risk.prior: probability that an account is being abused before anything is seen of it
 * @param riskHold risk.hold
 * @param riskDefer risk.defer
 * @param riskReject risk.reject
 * @param riskWindow risk.window
 * @param lateness lateness: how far arrivals of different hosts may be out of order without making a difference
 * @param decisionMaxAge decision.max.age
 * @param ttlHold block.ttl.hold
 * @param ttlDefer block.ttl.defer
 * @param ttlReject block.ttl.reject
 * @param ttlLongest block.ttl.longest: what the doubling of repeated blocks ends at
 * @param repeatWithin block.repeat.within: a block that begins so soon after the last one is a repeated one
 * @param incidentQuiet incident.quiet
 * @param alertKeep alert.keep: how long the alert of an incident that ended is kept
 * @param alertRunbooks alert.runbooks: folder or URL of the runbooks that alerts point to
 * @param forgetAfter profile.forget.after
 * @param hostConfirmWithin hosts.confirm.within: how long a host may take to confirm a block
 * @param hostSilentAfter hosts.silent.after: a host that says nothing for so long is not well
 * @param hostForgetAfter hosts.forget.after: a host that says nothing for so long is no host any more
 * @param brake brake.*: when very many new blocks at once are held back
 * @param dryRun ids of detectors with detectors.ID.dry-run: they find, and nothing is blocked by it
 * @param allow allow.accounts, allow.networks, allow.domains: who is never blocked
 */
public record DetectionConfig(
        long messagesPerHour,
        long messagesPerDay,
        long recipientsPerHour,
        long recipientsPerDay,
        double tailProbability,
        long memoryWindows,
        double travelSpeedKmh,
        double travelDistanceKm,
        long historyDays,
        long historyMessages,
        long fleetAccounts,
        long persistenceAttempts,
        long addressFailures,
        long accountFailures,
        long guessedFailures,
        double experiencedFactor,
        double knownPlaceFactor,
        double riskPrior,
        double riskHold,
        double riskDefer,
        double riskReject,
        Duration riskWindow,
        Duration lateness,
        Duration decisionMaxAge,
        Duration ttlHold,
        Duration ttlDefer,
        Duration ttlReject,
        Duration ttlLongest,
        Duration repeatWithin,
        Duration incidentQuiet,
        Duration alertKeep,
        String alertRunbooks,
        Duration forgetAfter,
        Duration hostConfirmWithin,
        Duration hostSilentAfter,
        Duration hostForgetAfter,
        BrakeConfig brake,
        Set<String> dryRun,
        AllowList allow) {

    /** Ids of all detectors, the fleet's and the neighbourhoods' too: each may be on dry run. */
    public static final List<String> DETECTORS = List.of(
            "velocity-ceiling",
            "velocity-history",
            "unfamiliar-sending",
            "impossible-travel",
            "new-country",
            "new-network",
            "many-networks",
            "many-recipients",
            "many-senders",
            "bounced-share",
            "refused-sending",
            "guessing-by-address",
            "guessing-by-account",
            "success-after-guessing",
            "success-after-slow-guessing",
            "persistence-under-block",
            "unauthenticated-relay",
            "new-country-for-fleet",
            "shared-network");

    private static final Duration MOST_LATENESS = Duration.ofMinutes(1);
    private static final String CEILING = "detectors.velocity-ceiling.";
    private static final String HISTORY = "detectors.velocity-history.";
    private static final String TRAVEL = "detectors.impossible-travel.";
    private static final String COUNTRY = "detectors.new-country.";

    public DetectionConfig {
        List<String> wrong = new ArrayList<>();
        dryRun = Set.copyOf(dryRun);
        ConfigProblem.atLeastOne(wrong, CEILING + "messages-per-hour", messagesPerHour);
        ConfigProblem.atLeastOne(wrong, CEILING + "messages-per-day", messagesPerDay);
        ConfigProblem.atLeastOne(wrong, CEILING + "recipients-per-hour", recipientsPerHour);
        ConfigProblem.atLeastOne(wrong, CEILING + "recipients-per-day", recipientsPerDay);
        ConfigProblem.inside(wrong, HISTORY + "tail-probability", tailProbability, 0, 0.1);
        ConfigProblem.atLeastOne(wrong, HISTORY + "memory-windows", memoryWindows);
        ConfigProblem.inside(wrong, TRAVEL + "speed-kmh", travelSpeedKmh, 0, 1e6);
        ConfigProblem.inside(wrong, TRAVEL + "distance-km", travelDistanceKm, 0, 20_100);
        ConfigProblem.atLeastOne(wrong, COUNTRY + "history-days", historyDays);
        ConfigProblem.atLeastOne(wrong, COUNTRY + "history-messages", historyMessages);
        ConfigProblem.atLeastOne(wrong, COUNTRY + "fleet-accounts", fleetAccounts);
        ConfigProblem.atLeastOne(wrong, "detectors.persistence-under-block.attempts", persistenceAttempts);
        ConfigProblem.atLeastOne(wrong, "detectors.guessing-by-address.failures", addressFailures);
        ConfigProblem.atLeastOne(wrong, "detectors.guessing-by-account.failures", accountFailures);
        ConfigProblem.atLeastOne(wrong, "detectors.success-after-guessing.failures", guessedFailures);
        ConfigProblem.factor(wrong, CEILING + "experienced-factor", experiencedFactor);
        ConfigProblem.factor(wrong, CEILING + "known-place-factor", knownPlaceFactor);
        ConfigProblem.inside(wrong, "risk.prior", riskPrior, 0, 0.1);
        ConfigProblem.inside(wrong, "risk.hold", riskHold, 0, 1);
        ConfigProblem.inside(wrong, "risk.defer", riskDefer, 0, 1);
        ConfigProblem.inside(wrong, "risk.reject", riskReject, 0, 1);
        if (riskDefer < riskHold) {
            wrong.add(ConfigProblem.bad("risk.defer", riskDefer, "at least risk.hold (" + riskHold + ")")
                    .getMessage());
        }
        if (riskReject < riskDefer) {
            wrong.add(ConfigProblem.bad("risk.reject", riskReject, "at least risk.defer (" + riskDefer + ")")
                    .getMessage());
        }
        ConfigProblem.positive(wrong, "risk.window", riskWindow);
        if (lateness.isNegative() || lateness.compareTo(MOST_LATENESS) > 0) {
            wrong.add(
                    ConfigProblem.bad("lateness", lateness, "at most 60s, the shortest window that rates are learnt in")
                            .getMessage());
        }
        ConfigProblem.positive(wrong, "decision.max.age", decisionMaxAge);
        ConfigProblem.positive(wrong, "block.ttl.hold", ttlHold);
        ConfigProblem.positive(wrong, "block.ttl.defer", ttlDefer);
        ConfigProblem.positive(wrong, "block.ttl.reject", ttlReject);
        ConfigProblem.positive(wrong, "block.ttl.longest", ttlLongest);
        if (ttlLongest.compareTo(ttlReject) < 0) {
            wrong.add(
                    ConfigProblem.bad("block.ttl.longest", ttlLongest, "at least block.ttl.reject (" + ttlReject + ")")
                            .getMessage());
        }
        ConfigProblem.positive(wrong, "block.repeat.within", repeatWithin);
        ConfigProblem.positive(wrong, "alert.keep", alertKeep);
        ConfigProblem.positive(wrong, "incident.quiet", incidentQuiet);
        ConfigProblem.positive(wrong, "profile.forget.after", forgetAfter);
        ConfigProblem.positive(wrong, "hosts.confirm.within", hostConfirmWithin);
        ConfigProblem.positive(wrong, "hosts.silent.after", hostSilentAfter);
        if (hostForgetAfter.compareTo(hostSilentAfter) <= 0) {
            wrong.add(ConfigProblem.bad(
                            "hosts.forget.after",
                            hostForgetAfter,
                            "longer than hosts.silent.after (" + hostSilentAfter + ")")
                    .getMessage());
        }
        brake.check(wrong);
        refuse(wrong);
    }

    /** What holds without a file. */
    public static DetectionConfig defaults() {
        return of(Map.of());
    }

    /**
     * Reads nested (or dotted) keys; what is missing keeps its default.
     *
     * @throws IllegalArgumentException naming key, value and what would be right
     */
    public static DetectionConfig of(Map<String, ?> yaml) {
        return of(flat(yaml), new TreeMap<>());
    }

    private static DetectionConfig of(Map<String, Object> flat, Map<String, String> known) {
        Reader r = new Reader(flat, known, new ArrayList<>());
        DetectionConfig config = r.checked(() -> new DetectionConfig(
                r.whole(CEILING + "messages-per-hour", 50),
                r.whole(CEILING + "messages-per-day", 200),
                r.whole(CEILING + "recipients-per-hour", 500),
                r.whole(CEILING + "recipients-per-day", 2000),
                r.number(HISTORY + "tail-probability", 1e-4),
                r.whole(HISTORY + "memory-windows", 50),
                r.number(TRAVEL + "speed-kmh", 1000),
                r.number(TRAVEL + "distance-km", 500),
                r.whole(COUNTRY + "history-days", 3),
                r.whole(COUNTRY + "history-messages", 10),
                r.whole(COUNTRY + "fleet-accounts", 10),
                r.whole("detectors.persistence-under-block.attempts", 5),
                r.whole("detectors.guessing-by-address.failures", 10),
                r.whole("detectors.guessing-by-account.failures", 10),
                r.whole("detectors.success-after-guessing.failures", 5),
                r.number(CEILING + "experienced-factor", 20),
                r.number(CEILING + "known-place-factor", 8),
                r.number("risk.prior", 0.001),
                r.number("risk.hold", 0.5),
                r.number("risk.defer", 0.8),
                r.number("risk.reject", 0.9),
                r.duration("risk.window", "24h"),
                r.duration("lateness", "30s"),
                r.duration("decision.max.age", "1h"),
                r.duration("block.ttl.hold", "1h"),
                r.duration("block.ttl.defer", "4h"),
                r.duration("block.ttl.reject", "24h"),
                r.duration("block.ttl.longest", "7d"),
                r.duration("block.repeat.within", "7d"),
                r.duration("incident.quiet", "1h"),
                r.duration("alert.keep", "7d"),
                r.text("alert.runbooks", "docs/runbooks/"),
                r.duration("profile.forget.after", "90d"),
                r.duration("hosts.confirm.within", "10s"),
                r.duration("hosts.silent.after", "60s"),
                r.duration("hosts.forget.after", "1d"),
                new BrakeConfig(
                        r.yes("brake.enabled", true),
                        r.duration("brake.within", "10m"),
                        r.number("brake.accounts.share", 0.05),
                        r.whole("brake.accounts.least", 10),
                        r.whole("brake.accounts.most", 100),
                        r.whole("brake.addresses.most", 1000),
                        r.duration("brake.release.after", "1h"),
                        new BrakeConfig.OneHost(
                                r.duration("brake.host.within", "1d"),
                                r.whole("brake.host.accounts.most", 20),
                                r.whole("brake.host.addresses.most", 1000))),
                Set.of(),
                r.allow()));
        Set<String> dryRun = new TreeSet<>();
        for (String id : DETECTORS) {
            if (r.yes("detectors." + id + ".dry-run", false)) {
                dryRun.add(id);
            }
        }
        r.rejectUnknown();
        refuse(r.wrong());
        return config.with(dryRun, config.allow());
    }

    /** Every key that {@link #of} knows with the text of its default, in order; lists are empty by default. */
    public static Map<String, String> keys() {
        Map<String, String> defaults = new TreeMap<>();
        of(new LinkedHashMap<>(), defaults);
        return defaults;
    }

    /** Nested keys as dotted ones. Values stay as they are. */
    public static Map<String, Object> flat(Map<String, ?> yaml) {
        Map<String, Object> flat = new LinkedHashMap<>();
        flatten("", yaml, flat);
        return flat;
    }

    /** This configuration with more entries in its allow-lists. */
    DetectionConfig allowing(List<AllowList.Entry> entries) {
        return entries.isEmpty() ? this : with(dryRun, allow.and(entries));
    }

    private DetectionConfig with(Set<String> dryRun, AllowList allow) {
        return new DetectionConfig(
                messagesPerHour,
                messagesPerDay,
                recipientsPerHour,
                recipientsPerDay,
                tailProbability,
                memoryWindows,
                travelSpeedKmh,
                travelDistanceKm,
                historyDays,
                historyMessages,
                fleetAccounts,
                persistenceAttempts,
                addressFailures,
                accountFailures,
                guessedFailures,
                experiencedFactor,
                knownPlaceFactor,
                riskPrior,
                riskHold,
                riskDefer,
                riskReject,
                riskWindow,
                lateness,
                decisionMaxAge,
                ttlHold,
                ttlDefer,
                ttlReject,
                ttlLongest,
                repeatWithin,
                incidentQuiet,
                alertKeep,
                alertRunbooks,
                forgetAfter,
                hostConfirmWithin,
                hostSilentAfter,
                hostForgetAfter,
                brake,
                dryRun,
                allow);
    }

    private static void flatten(String prefix, Map<?, ?> nested, Map<String, Object> flat) {
        nested.forEach((key, value) -> {
            String name = prefix + key;
            if (value instanceof Map<?, ?> inner) {
                flatten(name + ".", inner, flat);
            } else if (flat.put(name, value == null ? "" : value) != null) {
                throw ConfigProblem.bad(name, value, "given once");
            }
        });
    }

    private record Reader(Map<String, Object> flat, Map<String, String> known, List<String> wrong) {
        /** What is checked together; the defaults when it is wrong. */
        DetectionConfig checked(Supplier<DetectionConfig> config) {
            try {
                return config.get();
            } catch (IllegalArgumentException e) {
                wrong.addAll(e.getMessage().lines().toList());
                return defaults();
            }
        }

        private <T> T otherwise(T byDefault, IllegalArgumentException e) {
            wrong.add(e.getMessage());
            return byDefault;
        }

        long whole(String key, long byDefault) {
            known.put(key, String.valueOf(byDefault));
            Object value = flat.getOrDefault(key, byDefault);
            try {
                return Long.parseLong(value.toString().trim());
            } catch (NumberFormatException e) {
                return otherwise(byDefault, ConfigProblem.bad(key, value, "a whole number such as " + byDefault));
            }
        }

        double number(String key, double byDefault) {
            known.put(
                    key,
                    byDefault == Math.rint(byDefault) ? String.valueOf((long) byDefault) : String.valueOf(byDefault));
            Object value = flat.getOrDefault(key, byDefault);
            try {
                return Double.parseDouble(value.toString().trim());
            } catch (NumberFormatException e) {
                return otherwise(byDefault, ConfigProblem.bad(key, value, "a number such as " + byDefault));
            }
        }

        String text(String key, String byDefault) {
            known.put(key, String.valueOf(byDefault));
            String text = flat.getOrDefault(key, byDefault).toString().strip();
            if (text.isEmpty()) {
                return otherwise(byDefault, ConfigProblem.bad(key, text, "text such as " + byDefault));
            }
            return text.endsWith("/") ? text : text + "/";
        }

        Duration duration(String key, String byDefault) {
            known.put(key, String.valueOf(byDefault));
            Object value = flat.getOrDefault(key, byDefault);
            Duration length = duration(value.toString().trim().toLowerCase(Locale.ROOT));
            return length != null
                    ? length
                    : otherwise(
                            duration(byDefault),
                            ConfigProblem.bad(key, value, "a duration such as " + byDefault + " (s, m, h or d)"));
        }

        /** A whole number and s, m, h or d, or ISO 8601; null when it is neither. */
        private static Duration duration(String text) {
            if (!text.matches("[0-9]{1,9}[smhd]")) {
                try {
                    return Duration.parse(text);
                } catch (DateTimeParseException e) {
                    return null;
                }
            }
            long amount = Long.parseLong(text.substring(0, text.length() - 1));
            return switch (text.charAt(text.length() - 1)) {
                case 's' -> Duration.ofSeconds(amount);
                case 'm' -> Duration.ofMinutes(amount);
                case 'h' -> Duration.ofHours(amount);
                default -> Duration.ofDays(amount);
            };
        }

        boolean yes(String key, boolean byDefault) {
            known.put(key, String.valueOf(byDefault));
            Object value = flat.getOrDefault(key, byDefault);
            return switch (value.toString().strip().toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> otherwise(byDefault, ConfigProblem.bad(key, value, "true or false"));
            };
        }

        AllowList allow() {
            List<AllowList.Entry> entries = new ArrayList<>();
            for (String type : AllowList.TYPES) {
                String key = "allow." + type;
                known.put(key, "");
                if (flat.containsKey(key) && !flat.get(key).equals("")) {
                    try {
                        entries.addAll(AllowList.read(type, flat.get(key)));
                    } catch (IllegalArgumentException e) {
                        wrong.add(e.getMessage());
                    }
                }
            }
            return AllowList.of(entries);
        }

        void rejectUnknown() {
            for (Map.Entry<String, Object> entry : flat.entrySet()) {
                String key = entry.getKey();
                if (!known.containsKey(key)) {
                    String nearest = known.keySet().stream()
                            .min(Comparator.comparingInt(k -> distance(k, key)))
                            .orElseThrow();
                    boolean near = distance(nearest, key) <= Math.max(3, key.length() / 3);
                    wrong.add("Configuration key " + key + " with the value '"
                            + entry.getValue() + "' is unknown; "
                            + (near
                                    ? "did you mean " + nearest + "?"
                                    : "known are keys below " + String.join(", ", groups())
                                            + "; a detector's own settings do not stand beside them"));
                }
            }
        }

        private Set<String> groups() {
            return known.keySet().stream()
                    .map(key -> key.substring(0, key.indexOf('.') < 0 ? key.length() : key.indexOf('.')))
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        /** Levenshtein, Binary codes capable of correcting deletions, insertions and reversals, 1966. */
        private static int distance(String a, String b) {
            int[] row = new int[b.length() + 1];
            for (int j = 0; j <= b.length(); j++) {
                row[j] = j;
            }
            for (int i = 1; i <= a.length(); i++) {
                int diagonal = row[0];
                row[0] = i;
                for (int j = 1; j <= b.length(); j++) {
                    int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                    diagonal = row[j];
                    row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
                }
            }
            return row[b.length()];
        }
    }

    /** All that is wrong at once, a line each: whoever mends a file mends it once. */
    private static void refuse(List<String> wrong) {
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", wrong));
        }
    }
}
