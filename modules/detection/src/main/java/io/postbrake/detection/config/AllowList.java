package io.postbrake.detection.config;

import io.postbrake.detection.parameter.ConfigProblem;
import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.subject.IpNetwork;
import io.postbrake.subject.Logins;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is never blocked, with reasons and ends. A network's entry concerns its addresses, not the accounts that are used from
 * there; a domain's concerns the logins that end in it.
 */
public final class AllowList {
    /** The lists, by the last part of their configuration key. */
    public static final List<String> TYPES = List.of("accounts", "networks", "domains");

    /** Nobody is allowed. */
    public static final AllowList NONE = new AllowList(List.of());

    private static final Set<String> PARTS = Set.of("subject", "reason", "until");

    /**
     * One that is allowed.
     *
     * @param type accounts, networks or domains
     * @param subject login or domain, folded, or network
     * @param reason why, for whoever finds it later
     * @param until when it ends; null for no end
     */
    public record Entry(
            String type,
            String subject,
            String reason,
            @Nullable Instant until) {

        /**
         * Checks an entry.
         *
         * @throws IllegalArgumentException naming key, value and what would be right
         */
        public static Entry of(
                String type, @Nullable String subject, @Nullable String reason, @Nullable Instant untilOrNull) {
            String key = "allow." + type;
            if (!TYPES.contains(type)) {
                throw ConfigProblem.bad("allow", type, "one of " + String.join(", ", TYPES));
            }
            String name = subject == null ? "" : Logins.fold(subject.strip());
            if (type.equals("domains") && name.startsWith("@")) {
                name = name.substring(1);
            }
            if (name.isEmpty() || name.length() > 320) {
                throw ConfigProblem.bad(key + ".subject", subject, "given, with at most 320 characters");
            }
            if (type.equals("networks") && IpNetwork.parse(name).isEmpty()) {
                throw ConfigProblem.bad(
                        key + ".subject",
                        subject,
                        "an address, or a network without bits behind its prefix, such as 192.0.2.0/24");
            }
            if (type.equals("domains") && !name.matches("[^@/:\\s]+")) {
                throw ConfigProblem.bad(key + ".subject", subject, "a domain such as example.org");
            }
            if (reason == null || reason.isBlank()) {
                throw ConfigProblem.bad(key + ".reason", reason, "given: say why " + name + " is allowed");
            }
            return new Entry(type, name, reason.strip(), untilOrNull);
        }
    }

    private final List<Entry> entries;
    private final Map<String, List<Entry>> byName = new HashMap<>();
    private final Map<IpNetwork, List<Entry>> networks = new HashMap<>();

    private AllowList(List<Entry> entries) {
        this.entries = List.copyOf(entries);
        for (Entry e : entries) {
            if (e.type().equals("networks")) {
                networks.computeIfAbsent(IpNetwork.parse(e.subject()).orElseThrow(), k -> new ArrayList<>())
                        .add(e);
            } else {
                byName.computeIfAbsent(e.type() + ":" + e.subject(), k -> new ArrayList<>())
                        .add(e);
            }
        }
    }

    static AllowList of(List<Entry> entries) {
        return entries.isEmpty() ? NONE : new AllowList(entries);
    }

    /** Reads {@code allow.accounts}, {@code allow.networks} and {@code allow.domains}. */
    static AllowList of(Parameters p) {
        List<Entry> entries = new ArrayList<>();
        for (String type : TYPES) {
            Object value = p.given("allow." + type);
            try {
                entries.addAll(value == null ? List.of() : read(type, value));
            } catch (IllegalArgumentException e) {
                p.bad(e);
            }
        }
        return of(entries);
    }

    /** Reads the list {@code allow.TYPE} of a configuration: maps with subject, reason and perhaps until. */
    private static List<Entry> read(String type, Object value) {
        String key = "allow." + type;
        if (!(value instanceof List<?> list)) {
            throw ConfigProblem.bad(key, value, "a list of entries with subject, reason and, if it ends, until");
        }
        List<Entry> entries = new ArrayList<>();
        for (Object item : list) {
            if (!(item instanceof Map<?, ?> map)) {
                throw ConfigProblem.bad(key, item, "an entry with subject and reason, and until if it ends");
            }
            map.forEach((part, v) -> {
                if (!PARTS.contains(String.valueOf(part))) {
                    throw ConfigProblem.bad(key + "." + part, v, "left out: an entry has subject, reason and until");
                }
            });
            entries.add(Entry.of(type, text(map, "subject"), text(map, "reason"), until(key, map.get("until"))));
        }
        return entries;
    }

    private static @Nullable String text(Map<?, ?> map, String part) {
        return map.get(part) == null ? null : map.get(part).toString();
    }

    private static @Nullable Instant until(String key, @Nullable Object value) {
        if (value == null || value instanceof Instant) {
            return (Instant) value;
        }
        String text = value.toString().strip();
        try {
            return text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : Instant.parse(text);
        } catch (DateTimeException e) {
            throw ConfigProblem.bad(
                    key + ".until", value, "a day or a time in UTC: 2027-01-31 or 2027-01-31T12:00:00Z");
        }
    }

    /** All entries, ended ones too. */
    public List<Entry> entries() {
        return entries;
    }

    AllowList and(List<Entry> others) {
        List<Entry> all = new ArrayList<>(entries);
        all.addAll(others);
        return of(all);
    }

    /** The entry that allows this subject at this time, or null. */
    public @Nullable Entry find(String subjectKey, Instant at) {
        if (entries.isEmpty()) {
            return null;
        }
        String bare = SubjectKeys.bare(subjectKey);
        if (SubjectKeys.type(subjectKey).equals(SubjectKeys.SASL_USER)) {
            Entry account = standing(byName.get("accounts:" + bare), at);
            int before = bare.lastIndexOf('@');
            return account != null || before < 0
                    ? account
                    : standing(byName.get("domains:" + bare.substring(before + 1)), at);
        }
        IpNetwork address = networks.isEmpty() ? null : IpNetwork.parse(bare).orElse(null);
        if (address == null) {
            return null;
        }
        for (int prefix = address.prefix(); prefix >= 0; prefix--) {
            Entry network = standing(networks.get(address.within(prefix)), at);
            if (network != null) {
                return network;
            }
        }
        // Whoever may never be blocked is not in a range that is.
        return address.single()
                ? null
                : networks.entrySet().stream()
                        .filter(inside -> address.contains(inside.getKey()))
                        .map(inside -> standing(inside.getValue(), at))
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null);
    }

    private static @Nullable Entry standing(@Nullable List<Entry> candidates, Instant at) {
        for (Entry e : candidates == null ? List.<Entry>of() : candidates) {
            if (e.until() == null || at.isBefore(e.until())) {
                return e;
            }
        }
        return null;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AllowList list && list.entries.equals(entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    @Override
    public String toString() {
        return "AllowList[" + entries.size() + " entries]";
    }
}
