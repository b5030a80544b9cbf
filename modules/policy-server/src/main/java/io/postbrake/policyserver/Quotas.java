package io.postbrake.policyserver;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What each subject spent, and whether a message or recipient may still be spent. Each is counted once for a message, at the
 * first question that shows it; what is refused is not counted. One thread asks; others may look and keep.
 */
final class Quotas {

    /** What a subject takes, with a few buckets of it. */
    private static final int SUBJECT_BYTES = 400;

    private final Rules rules;
    private final Journal journal;
    private final Elsewhere elsewhere = new Elsewhere();
    private final Changes changes = new Changes();
    private final UnderWay underWay = new UnderWay();
    private final Map<String, Tally> tallies = new ConcurrentHashMap<>();
    private final int mostChosen;
    private final AtomicInteger chosen = new AtomicInteger();
    private volatile boolean full;
    private long sequence;

    Quotas(Rules rules, Journal journal) {
        this(rules, journal, (int)
                Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 4 / SUBJECT_BYTES));
    }

    /** @param mostChosen how many clients, networks, senders and their domains are counted; logins are as many as a site has */
    Quotas(Rules rules, Journal journal, int mostChosen) {
        this.mostChosen = mostChosen;
        this.rules = rules;
        this.journal = journal;
    }

    /**
     * A ceiling that is in the way.
     *
     * @param subject whose, such as {@code login:alice@example.net}
     * @param count what was counted before this message
     */
    record Over(Counted kind, String subject, Limit limit, long count) {}

    /** The ceiling that stands in a message's way at a time, in milliseconds since 1970; null when it may pass. */
    @Nullable
    Over ask(PolicyRequest request, long now) {
        boolean first = request.state().equals("RCPT");
        if (!first && !isWhole(request.state())) {
            return null;
        }
        List<Rules.Ceiling> ceilings = rules.of(request);
        if (ceilings.isEmpty()) {
            return null;
        }
        UnderWay.Message message = underWay.of(request);
        int messages = message.isCounted() ? 0 : 1;
        int recipients = first ? (message.knows(request.recipient()) ? 0 : 1) : messages * request.recipients();
        if (messages + recipients == 0) {
            takeBack(request, message);
            return null;
        }
        Over over = over(ceilings, messages, recipients, now);
        if (over == null) {
            List<String> subjects =
                    ceilings.stream().map(Rules.Ceiling::subject).toList();
            ceilings.forEach(each -> spend(each.kind(), each.subject(), now, messages, recipients));
            underWay.counted(request, message, now, recipients, first ? request.recipient() : "", subjects);
        }
        return over;
    }

    private static boolean isWhole(String state) {
        return state.equals("END-OF-MESSAGE") || state.equals("DATA") || state.equals("BDAT");
    }

    private @Nullable Over over(List<Rules.Ceiling> ceilings, int messages, int recipients, long now) {
        for (Rules.Ceiling ceiling : ceilings) {
            Tally tally = tallies.get(ceiling.subject());
            for (Limit limit : ceiling.limits()) {
                int more = limit.unit() == Unit.MESSAGES ? messages : recipients;
                if (more == 0) {
                    continue;
                }
                long count =
                        (tally == null ? 0 : tally.count(limit, now)) + elsewhere.count(ceiling.subject(), limit, now);
                if (count + more > limit.most()) {
                    return new Over(ceiling.kind(), ceiling.subject(), limit, count);
                }
            }
        }
        return null;
    }

    /** Of recipients that were asked about, Postfix may have refused some for reasons of its own. */
    private void takeBack(PolicyRequest request, UnderWay.Message message) {
        int refused = message.recipients() - request.recipients();
        if (request.state().equals("RCPT") || request.recipients() == 0 || refused <= 0) {
            return;
        }
        for (String subject : message.subjects()) {
            Tally tally = tallies.get(subject);
            if (tally != null) {
                var change = new Tally.Change(++sequence, message.since(), 0, -refused);
                tally.follow(change);
                journal.append(subject, change);
                changes.add(subject);
            }
        }
        message.takenBack(refused);
    }

    /** What is on the disk must be in the tally too: a snapshot that begins between the two would miss it otherwise. */
    private void spend(Counted kind, String subject, long now, int messages, int recipients) {
        var change = new Tally.Change(++sequence, now, messages, recipients);
        follow(kind, subject, change);
        if (tallies.containsKey(subject)) {
            journal.append(subject, change);
            changes.add(subject);
        }
    }

    private void follow(Counted kind, String subject, Tally.Change change) {
        tallies.compute(subject, (name, known) -> {
            Tally tally = known == null ? fresh(kind) : known;
            if (tally != null) {
                tally.follow(change);
            }
            return tally;
        });
    }

    /** Whoever connects or sends can make clients and senders without end: beyond what fits new ones are not counted. */
    private @Nullable Tally fresh(Counted kind) {
        if (isChosen(kind)) {
            if (chosen.get() >= mostChosen) {
                full = true;
                return null;
            }
            chosen.incrementAndGet();
        }
        return new Tally(rules.windows(kind));
    }

    private static boolean isChosen(@Nullable Counted kind) {
        return kind != Counted.LOGIN && kind != Counted.LOGIN_DOMAIN;
    }

    /** Whether some clients or senders were not counted since it was asked to forget. */
    boolean isFull() {
        return full;
    }

    /** Follows what an earlier process wrote. Subjects of kinds that have no limit any more are left out. */
    void restore(CountsFile.Saved saved) {
        saved.tallies().forEach((subject, kept) -> {
            Counted kind = kind(subject);
            sequence = Math.max(sequence, kept.sequence());
            if (kind != null && rules.windows(kind).length > 0) {
                Tally tally = fresh(kind);
                if (tally != null) {
                    tally.restore(kept);
                    tallies.put(subject, tally);
                }
            }
        });
    }

    /** The same of one change. */
    void restore(String subject, Tally.Change change) {
        Counted kind = kind(subject);
        sequence = Math.max(sequence, change.sequence());
        if (kind != null && rules.windows(kind).length > 0) {
            follow(kind, subject, change);
        }
    }

    private static @Nullable Counted kind(String subject) {
        for (Counted kind : Counted.values()) {
            if (subject.startsWith(kind.subject(""))) {
                return kind;
            }
        }
        return null;
    }

    /** Drops subjects of which nothing counts any more. */
    void forget(long now) {
        full = false;
        for (String subject : tallies.keySet()) {
            if (tallies.computeIfPresent(subject, (name, tally) -> tally.isOver(now) ? null : tally) == null) {
                if (isChosen(kind(subject))) {
                    chosen.decrementAndGet();
                }
                changes.add(subject); // Others are to forget it too.
            }
        }
        elsewhere.forget(now);
    }

    /** Another host said what it counted; of kinds that have no limit here it is left out. */
    void elsewhere(String host, String subject, List<CountedBucket> buckets) {
        Counted kind = kind(subject);
        boolean fits =
                !isChosen(kind) || buckets.isEmpty() || elsewhere.knows(subject) || elsewhere.size() < mostChosen;
        if (kind != null && fits && rules.windows(kind).length > 0) {
            elsewhere.said(host, subject, rules.windows(kind), buckets);
        }
    }

    Elsewhere elsewhere() {
        return elsewhere;
    }

    Changes changes() {
        return changes;
    }

    Map<String, Tally> tallies() {
        return tallies;
    }

    Rules rules() {
        return rules;
    }

    UnderWay underWay() {
        return underWay;
    }

    int subjects() {
        return tallies.size();
    }
}
