package io.postbrake.detection.profile;

import io.postbrake.detection.subject.EventTime;
import io.postbrake.event.Submission;
import io.postbrake.state.Bucket;
import io.postbrake.state.KnownSender;
import io.postbrake.state.SubjectState;
import io.postbrake.state.Traits;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How an account sends: to how many, in whose name, at which hours, and how much of it comes back. Counts are forgotten by
 * half in sixty days with forward decay (Cormode, Shkapenyuk, Srivastava and Xu, Forward decay: a practical time decay model
 * for streaming systems, ICDE 2009), which is a sum of weights and so the same in any order.
 */
public final class SendingHabits {
    /** Recipients from which on a message is one to many. */
    public static final long WIDE = 6;
    /** Recipients from which on it is one to very many. */
    public static final long HUGE = 21;

    /** Belief about the share of an owner's recipients that bounce, and of a thief's. */
    public static final double RARE_BOUNCES = 1.2;

    public static final double SEEN_BOUNCES = 40;
    public static final double THIEFS_BOUNCES = 2;
    public static final double THIEFS_DELIVERIES = 8;
    /** Share of thieves whose addresses exist. */
    private static final double CAREFUL = 0.25;

    private static final double UNUSUAL = 0.2;
    private static final int MAX_SENDERS = 6;
    private static final double HALF_LIFE_DAYS = 60;
    private static final long LANDMARK_DAY = 20_000;
    private static final double DAY = 86_400;

    private final SubjectState state;

    public SendingHabits(SubjectState state) {
        this.state = state;
    }

    private static double grown(Instant at) {
        return Math.exp(Math.log(2) / HALF_LIFE_DAYS * (at.getEpochSecond() / DAY - LANDMARK_DAY));
    }

    private Traits traits() {
        if (state.getTraits() == null) {
            state.setTraits(Traits.newBuilder().build());
        }
        return state.getTraits();
    }

    /** Counts an accepted message in its hour and, unless it is {@code suspect}, in what is usual. */
    void sent(Submission e, @Nullable Bucket hourOrNull, boolean suspect) {
        long recipients = e.getRecipients() == null ? 1 : Math.max(1, e.getRecipients());
        boolean stranger = e.getFrom() != null && !e.getFrom().isEmpty() && !knows(e, suspect);
        double one = grown(e.getOccurredAt());
        Traits t = traits();
        t.setMessages(more(t.getMessages(), one));
        if (hourOrNull != null) {
            hourOrNull.setNewSenders(hourOrNull.getNewSenders() + (stranger ? 1 : 0));
            hourOrNull.setWide(hourOrNull.getWide() + (recipients >= WIDE ? 1 : 0));
            hourOrNull.setHuge(hourOrNull.getHuge() + (recipients >= HUGE ? 1 : 0));
        }
        if (suspect) {
            return;
        }
        t.setNewSenders(more(t.getNewSenders(), stranger ? one : 0));
        t.setWide(more(t.getWide(), recipients >= WIDE ? one : 0));
        t.setHuge(more(t.getHuge(), recipients >= HUGE ? one : 0));
        switch (quarter(e.getOccurredAt())) {
            case 0 -> t.setNight(more(t.getNight(), one));
            case 1 -> t.setMorning(more(t.getMorning(), one));
            case 2 -> t.setAfternoon(more(t.getAfternoon(), one));
            default -> t.setEvening(more(t.getEvening(), one));
        }
    }

    private static Double more(Double known, double amount) {
        return amount == 0 ? known : Double.valueOf(number(known) + amount);
    }

    private static double number(Double known) {
        return known == null ? 0 : known;
    }

    private static int quarter(Instant at) {
        return (int) (Math.floorMod(at.getEpochSecond(), 86_400L) / 21_600);
    }

    private boolean knows(Submission e, boolean suspect) {
        long hash = SenderHash.of(e.getFrom());
        List<KnownSender> senders = state.getSenders();
        for (KnownSender known : senders) {
            if (known.getHash() == hash) {
                if (e.getOccurredAt().isAfter(known.getLastAt())) {
                    known.setLastAt(e.getOccurredAt());
                    if (known != senders.get(senders.size() - 1)) {
                        senders.sort(ORDER);
                    }
                }
                return true;
            }
        }
        boolean own = e.getFrom().equalsIgnoreCase(e.getAccount());
        if (!suspect || own) {
            senders.add(new KnownSender(hash, e.getOccurredAt()));
            senders.sort(ORDER);
            if (senders.size() > MAX_SENDERS) {
                senders.remove(0);
            }
        }
        return own;
    }

    private static final Comparator<KnownSender> ORDER =
            Comparator.comparing(KnownSender::getLastAt).thenComparingLong(KnownSender::getHash);

    /** Counts how a delivery ended. */
    void delivered(Submission e, @Nullable Bucket hourOrNull, boolean bounced) {
        double one = grown(e.getOccurredAt());
        Traits t = traits();
        t.setOutcomes(more(t.getOutcomes(), one));
        t.setBounced(more(t.getBounced(), bounced ? one : 0));
        delivered(hourOrNull, bounced);
    }

    static void delivered(@Nullable Bucket bucketOrNull, boolean bounced) {
        if (bucketOrNull != null) {
            bucketOrNull.setOutcomes(bucketOrNull.getOutcomes() + 1);
            bucketOrNull.setBounced(bucketOrNull.getBounced() + (bounced ? 1 : 0));
        }
    }

    /** What share of something had a property lately, and before. */
    public record Share(long hits, long of, double hitsBefore, double ofBefore) {

        /**
         * Logarithm of how many times as likely the hits of the last day are for a thief as for the owner. Shares are unknown:
         * a thief's has the belief Beta({@code hit}, {@code miss}), the owner's one of {@code rare} hits in {@code seen} that
         * the account's past updates, or, with the chance {@link #UNUSUAL}, that belief as it was, because people do at times
         * what they did not do before. Counts are then beta-binomial.
         */
        public double weight(double rare, double seen, double hit, double miss) {
            double own = chance(rare + hitsBefore, seen - rare + Math.max(0, ofBefore - hitsBefore));
            double anew = chance(rare, seen - rare);
            double most = Math.max(own, anew);
            double owner = most + Math.log((1 - UNUSUAL) * Math.exp(own - most) + UNUSUAL * Math.exp(anew - most));
            return chance(hit, miss) - owner;
        }

        private double chance(double a, double b) {
            return logBeta(a + hits, b + of - hits) - logBeta(a, b);
        }
    }

    /** Of recipients, so that the order of one message's deliveries makes no difference. */
    public Share bounces(Instant at) {
        Share ended = share(at, Bucket::getBounced, Bucket::getOutcomes, Traits::getBounced, Traits::getOutcomes);
        long recipients =
                SparseWindow.sum(state.getHours(), EventTime.hour(at), SparseWindow.HOURS, Bucket::getRecipients);
        return new Share(ended.hits(), Math.max(ended.of(), recipients), ended.hitsBefore(), ended.ofBefore());
    }

    /**
     * How many times as likely it is for a thief as for the owner that so little came back of what was delivered in the last
     * day, as a logarithm; never above 0. Lists of addresses are old and bought, but some thieves write to those whom the
     * victim knows, or have their list cleaned.
     */
    public double delivered(Instant at) {
        Share all = share(at, Bucket::getBounced, Bucket::getOutcomes, Traits::getBounced, Traits::getOutcomes);
        Share ended = new Share(
                certain(at, Bucket::getBounced), certain(at, Bucket::getOutcomes), all.hitsBefore(), all.ofBefore());
        double careless = ended.weight(RARE_BOUNCES, SEEN_BOUNCES, THIEFS_BOUNCES, THIEFS_DELIVERIES);
        return Math.min(0, Math.log((1 - CAREFUL) * Math.exp(careless) + CAREFUL));
    }

    /** Of the last day, without what others may still be on their way for. */
    private long certain(Instant at, ToLongFunction<Bucket> what) {
        long now = EventTime.certain(at);
        long hour = Math.floorDiv(now, 60L);
        long minutes = now - 60 * hour;
        return SparseWindow.sum(state.getHours(), hour - 1, SparseWindow.HOURS - 1, what)
                + (minutes == 0 ? 0 : SparseWindow.sum(state.getMinutes(), now - 1, (int) minutes, what));
    }

    public Share newSenders(Instant at) {
        return share(at, Bucket::getNewSenders, Bucket::getMessages, Traits::getNewSenders, Traits::getMessages);
    }

    public Share wide(Instant at) {
        return share(at, Bucket::getWide, Bucket::getMessages, Traits::getWide, Traits::getMessages);
    }

    public Share huge(Instant at) {
        return share(at, Bucket::getHuge, Bucket::getMessages, Traits::getHuge, Traits::getMessages);
    }

    private Share share(
            Instant at,
            ToLongFunction<Bucket> hit,
            ToLongFunction<Bucket> of,
            Function<Traits, Double> hitEver,
            Function<Traits, Double> ofEver) {
        long hour = EventTime.hour(at);
        long hits = SparseWindow.sum(state.getHours(), hour, SparseWindow.HOURS, hit);
        long all = SparseWindow.sum(state.getHours(), hour, SparseWindow.HOURS, of);
        Traits t = state.getTraits();
        double now = grown(at);
        double hitsBefore = t == null ? 0 : Math.max(0, number(hitEver.apply(t)) / now - hits);
        double ofBefore = t == null ? 0 : Math.max(hitsBefore, number(ofEver.apply(t)) / now - all);
        return new Share(hits, all, hitsBefore, ofBefore);
    }

    /** Logarithm of how many times as likely this quarter of the day is for anybody as for the account. */
    public double oddHour(Instant at) {
        if (state.getTraits() == null) {
            return 0;
        }
        double[] quarters = quarters(at.getEpochSecond());
        double here = quarters[quarter(at)];
        double all = quarters[0] + quarters[1] + quarters[2] + quarters[3];
        return Math.log(0.25 * (all + 4) / (here + 1));
    }

    /** What share of a day's mail usually comes between two minutes since 1970 that are at most a day apart. */
    double share(long from, long to, long quarterMinutes) {
        double[] quarters = quarters(to * 60);
        double sum = 0;
        for (double q : quarters) {
            sum += 1 + q;
        }
        double share = 0;
        for (long at = from; at < to; ) {
            long end = Math.min(to, (Math.floorDiv(at, quarterMinutes) + 1) * quarterMinutes);
            int quarter = (int) Math.floorMod(Math.floorDiv(at, quarterMinutes), 4L);
            share += (1 + quarters[quarter]) / sum * (end - at) / quarterMinutes;
            at = end;
        }
        return share;
    }

    /** Messages of the night, the morning, the afternoon and the evening, as of a second since 1970. */
    private double[] quarters(long second) {
        Traits t = state.getTraits();
        if (t == null) {
            return new double[4];
        }
        double now = grown(Instant.ofEpochSecond(second));
        return new double[] {
            number(t.getNight()) / now,
            number(t.getMorning()) / now,
            number(t.getAfternoon()) / now,
            number(t.getEvening()) / now
        };
    }

    private static double logBeta(double a, double b) {
        return logGamma(a) + logGamma(b) - logGamma(a + b);
    }

    /** Stirling's series after a shift to where it is accurate (Abramowitz and Stegun, 6.1.15 and 6.1.41). */
    public static double logGamma(double x) {
        double shift = 0;
        double y = x;
        while (y < 8) {
            shift -= Math.log(y);
            y++;
        }
        double inverse = 1 / (y * y);
        double series = (1.0 / 12 - inverse * (1.0 / 360 - inverse * (1.0 / 1260 - inverse / 1680))) / y;
        return shift + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series;
    }
}
