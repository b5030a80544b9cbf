package io.postbrake.detection.profile;

import io.postbrake.event.Submission;
import io.postbrake.state.Origin;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The programs that an account sends with, as far as a log tells them apart: by SASL mechanism and TLS protocol. A thief on the
 * owner's own network still sends with a tool of his own. Days count, as for networks, and what was never used has the share
 * of Witten and Bell (see {@link SourceNetworks}).
 */
public final class ClientPrograms {
    private static final int MAX = 6;
    private static final int LONGEST = 40;
    private static final int SETTLED_DAYS = 3;
    private static final long KEEP_DAYS = 120;
    private static final double MOST = 3;
    /** Logarithm of the share of thieves whose tool does not look like the owner's program. */
    private static final double UNLIKE = Math.log(0.65);
    /** Of thieves whose tool does, against owners who send with what they always did. */
    private static final double ALIKE = Math.log(0.35 / 0.95);
    /** The same mechanism with another protocol is often the same program after an update, of its own or of the server's. */
    private static final double UPDATE = 0.5;

    private static final long DAY = 86_400;

    private final SubjectState state;

    public ClientPrograms(SubjectState state) {
        this.state = state;
    }

    /** Name of what sent a submission; null when the log does not tell. */
    public static @Nullable String name(Submission e) {
        if (e.getSaslMethod() == null) {
            return null;
        }
        String name = e.getTls() == null ? e.getSaslMethod() : e.getSaslMethod() + ' ' + protocol(e.getTls());
        return name.length() > LONGEST ? name.substring(0, LONGEST) : name;
    }

    /** Shorter, because it is kept with every account. */
    private static String protocol(String tls) {
        return tls.startsWith("TLSv") ? tls.substring(4) : tls;
    }

    /** The name for people. */
    public static String text(String name) {
        return name.replace(" ", ", TLS ");
    }

    private static String mechanism(String name) {
        int space = name.indexOf(' ');
        return space < 0 ? name : name.substring(0, space);
    }

    /** The account sent with this program, and nothing spoke against it. */
    void used(Submission e) {
        String name = name(e);
        if (name == null) {
            return;
        }
        List<Origin> all = state.getPrograms();
        Origin known = null;
        for (Origin o : all) {
            known = o.getName().equals(name) ? o : known;
        }
        long day = Math.floorDiv(e.getOccurredAt().getEpochSecond(), DAY);
        if (known == null) {
            known = Origin.newBuilder().setName(name).setFirstDay(day).build();
            all.add(known);
            all.removeIf(o -> o.getDays() > 0 && o.getNewestDay() < day - KEEP_DAYS);
            all.sort(Comparator.comparing(Origin::getName));
        }
        known.setFirstDay(Math.min(known.getFirstDay(), day));
        OriginUpdater.countDay(known, day);
        OriginUpdater.bound(all, MAX);
    }

    /** The same with a program that it sent with before, or began with; another may be the thief's. */
    void usedAgain(Submission e) {
        String name = name(e);
        List<Origin> all = state.getPrograms();
        if (all.isEmpty() || all.stream().anyMatch(o -> o.getName().equals(name) && o.getDays() > 0)) {
            used(e);
        }
    }

    /** Programs that began within the risk window may be the thief's. */
    void distrust(Instant since) {
        long from = Math.floorDiv(since.getEpochSecond(), DAY);
        long first = state.getPrograms().stream()
                .mapToLong(Origin::getFirstDay)
                .min()
                .orElse(0);
        state.getPrograms().removeIf(o -> o.getFirstDay() > from && o.getFirstDay() > first);
    }

    /**
     * Whether the account has sent with this program on several earlier days, or with hardly any on record. A log that does not
     * tell the protocol, now or earlier, cannot tell it apart from another. The same mechanism with a newer protocol than ever
     * is an update, of the program's library or, for all accounts at once, of the server's.
     */
    public boolean settled(@Nullable String name, Instant at) {
        if (name == null || state.getPrograms().isEmpty()) {
            return true;
        }
        long begun = Long.MAX_VALUE;
        long days = 0;
        for (Origin o : state.getPrograms()) {
            begun = Math.min(begun, o.getFirstDay());
            days += SourceNetworks.daysBefore(o, at);
        }
        if (days < SETTLED_DAYS) {
            return true;
        }
        for (Origin o : state.getPrograms()) {
            if (o.getName().equals(name) && often(o, begun, at)) {
                return true;
            }
        }
        String mechanism = mechanism(name);
        boolean bare = name.length() == mechanism.length();
        boolean usual = false;
        boolean newest = true;
        for (Origin o : state.getPrograms()) {
            if (!mechanism(o.getName()).equals(mechanism)) {
                continue;
            }
            boolean often = often(o, begun, at);
            if (often && (bare || o.getName().indexOf(' ') < 0)) {
                return true;
            }
            usual |= often;
            // Of one mechanism the names differ in the protocol's version alone, which sorts as text.
            newest &= o.getName().compareTo(name) <= 0 || SourceNetworks.daysBefore(o, at) == 0;
        }
        return usual && newest;
    }

    private static boolean often(Origin o, long begun, Instant at) {
        long before = SourceNetworks.daysBefore(o, at);
        return before >= SETTLED_DAYS || (before > 0 && o.getFirstDay() == begun);
    }

    /** How many times as likely this program is for a thief as for the account, as a logarithm; 0 when it is not known. */
    public double weight(@Nullable String name, Instant at) {
        if (name == null) {
            return 0;
        }
        double days = 0;
        double programs = 0;
        double own = 0;
        boolean mechanism = false;
        for (Origin o : state.getPrograms()) {
            long before = SourceNetworks.daysBefore(o, at);
            days += before;
            programs += before > 0 ? 1 : 0;
            own += o.getName().equals(name) ? before : 0;
            mechanism |= before > 0 && mechanism(o.getName()).equals(mechanism(name));
        }
        if (settled(name, at)) {
            boolean named = name.indexOf(' ') >= 0 && days >= SETTLED_DAYS;
            return named && own > 0 ? ALIKE : 0;
        }
        double weight = (UNLIKE + Math.log((days + programs) / programs)) / (1 + own);
        return Math.max(0, Math.min(MOST, mechanism ? UPDATE * weight : weight));
    }
}
