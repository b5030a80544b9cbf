package io.postbrake.detection.profile;

import io.postbrake.state.Origin;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts what an account sends from each operator's network, and takes out what may have been a thief's; bounded. */
final class OriginUpdater {
    private static final int MAX = 12;
    private static final int KEEP_DAYS = 120;

    private final SubjectState state;
    private final SourceNetworks origins;

    OriginUpdater(SubjectState state, SourceNetworks origins) {
        this.state = state;
        this.origins = origins;
    }

    /** The account tried to send from here. */
    void attempted(@Nullable String name, Instant at, boolean daily) {
        if (name == null) {
            return;
        }
        long day = Math.floorDiv(at.getEpochSecond(), SourceNetworks.DAY);
        Origin known = origins.find(name);
        if (known != null) {
            known.setFirstDay(Math.min(known.getFirstDay(), day));
            long sent = known.getToldMillis();
            boolean laterDay = day > Math.floorDiv(sent, SourceNetworks.DAY_MILLIS);
            boolean earlier = at.toEpochMilli() < sent && day == Math.floorDiv(sent, SourceNetworks.DAY_MILLIS);
            // It is kept no longer than somebody is asked daily: profiles are many.
            boolean asks = daily && known.getFleet() == 0;
            known.setToldMillis(laterDay ? (asks ? at.toEpochMilli() : 0) : earlier ? at.toEpochMilli() : sent);
            return;
        }
        List<Origin> all = state.getOrigins();
        all.add(Origin.newBuilder()
                .setName(name)
                .setFirstDay(day)
                .setToldMillis(at.toEpochMilli())
                .setMessages(0L)
                .build());
        all.removeIf(o -> Math.max(o.getNewestDay(), o.getFirstDay()) < day - KEEP_DAYS);
        all.sort(Comparator.comparing(Origin::getName));
        bound(all, MAX);
    }

    /** The account sent from here, and nothing spoke against it. */
    void used(@Nullable String name, Instant at) {
        Origin known = name == null ? null : origins.find(name);
        if (known == null) {
            return;
        }
        countDay(known, Math.floorDiv(at.getEpochSecond(), SourceNetworks.DAY));
    }

    /** A message was accepted, whatever spoke against it: how much comes from here, not whether it may be trusted. */
    void sent(@Nullable String name, Instant at) {
        Origin known = name == null ? null : origins.find(name);
        if (known == null || known.getMessages() == null) {
            return;
        }
        long day = Math.floorDiv(at.getEpochSecond(), SourceNetworks.DAY);
        if (day > known.getSentDay()) {
            known.setMessages(known.getMessages() + known.getSentThen());
            known.setSentDay(day);
            known.setSentThen(0);
        }
        if (day == known.getSentDay()) {
            known.setSentThen(known.getSentThen() + 1);
        } else {
            known.setMessages(known.getMessages() + 1);
        }
    }

    /** The same where it has sent from before, or began; anywhere else this may be the thief. */
    void usedAgain(@Nullable String name, Instant at) {
        Origin known = name == null ? null : origins.find(name);
        boolean began = state.getOrigins().stream().allMatch(o -> o.getDays() == 0);
        if (known != null && (began || known.getDays() > 0)) {
            countDay(known, Math.floorDiv(at.getEpochSecond(), SourceNetworks.DAY));
        }
    }

    /** Forgets the one of the fewest days, the longest unused of several, when there are more than {@code most}. */
    static void bound(List<Origin> all, int most) {
        if (all.size() > most) {
            all.remove(all.stream()
                    .min(Comparator.comparingLong(Origin::getDays)
                            .thenComparingLong(Origin::getNewestDay)
                            .thenComparing(Origin::getFirstDay)
                            .thenComparing(Origin::getName))
                    .orElseThrow());
        }
    }

    static void countDay(Origin known, long day) {
        if (day > known.getNewestDay()) {
            known.setDayBefore(known.getNewestDay());
            known.setNewestDay(day);
            known.setDays(known.getDays() + 1);
        } else if (day < known.getNewestDay() && day > known.getDayBefore()) {
            known.setDayBefore(day);
            known.setDays(known.getDays() + 1);
        }
    }

    void answered(@Nullable String name, long fleet) {
        Origin known = origins.find(name);
        if (known != null) {
            known.setFleet(fleet);
        }
    }

    /** Networks that began within the risk window may be the thief's; where the account began is its owner's. */
    void distrust(Instant since, @Nullable String blamedOrNull) {
        long from = Math.floorDiv(since.getEpochSecond(), SourceNetworks.DAY);
        Origin oldest = state.getOrigins().stream()
                .filter(o -> o.getDays() > 0)
                .min(Comparator.comparingLong(Origin::getFirstDay)
                        .thenComparing(Comparator.comparingLong(Origin::getDays).reversed())
                        .thenComparing(Origin::getName))
                .orElse(null);
        long all = state.getOrigins().stream().mapToLong(Origin::getDays).sum();
        for (Origin o : state.getOrigins()) {
            boolean young = o.getFirstDay() > from;
            boolean blamed = o.getName().equals(blamedOrNull) && 3 * o.getDays() < all;
            if (o != oldest && (young || blamed)) {
                o.setDays(0);
                o.setNewestDay(-1);
                o.setDayBefore(-1);
            }
        }
    }
}
