package io.postbrake.detection.profile;

import io.postbrake.detection.subject.EventTime;
import io.postbrake.detection.subject.Phase;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.event.Submission;
import io.postbrake.state.RefusedAttempt;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Messages of an account that its host refused for another reason than a block: what a milter, a rule on senders or an unknown
 * recipient stops is an attempt all the same. Counted are different recipients, one a second: a program that tries one
 * message again for ever counts once, and so does a message with many recipients that are refused one by one.
 */
public final class Refusals {
    private static final int MAX = 100;
    private static final long MINUTE = 60;

    private final SubjectState state;

    Refusals(SubjectState state) {
        this.state = state;
    }

    /** Whether the event is a refused message that says something about who sends it. */
    public static boolean counts(Submission e) {
        return Phase.of(e) == Phase.REFUSED && e.getRefusedBy() != null && !"server".equals(e.getRefusedBy());
    }

    void count(Submission e, boolean strange) {
        String whom = e.getTo() == null ? e.getFrom() : e.getTo();
        RefusedAttempt made = new RefusedAttempt(
                e.getOccurredAt().getEpochSecond(),
                StableIds.of("refused", whom).getMostSignificantBits(),
                strange,
                e.getRefusedBy());
        List<RefusedAttempt> all = state.getRefusals();
        int i = all.size();
        while (i > 0 && all.get(i - 1).getSecond() > made.getSecond()) {
            i--;
        }
        if (i > 0 && all.get(i - 1).getSecond() == made.getSecond()) {
            // The same one whatever arrives first.
            if (all.get(i - 1).getRecipient() > made.getRecipient()) {
                all.set(i - 1, made);
            }
            return;
        }
        all.add(i, made);
        if (all.size() > MAX) {
            all.remove(0);
        }
    }

    /**
     * Recipients that were refused in the clock's window of so many minutes that {@code at} is in, to what came from where the
     * account is not at home or by a program that it does not use: at home they are a circular's old addresses.
     */
    long inWindow(Instant at, long minutes) {
        long length = minutes * MINUTE;
        long from = Math.floorDiv(at.getEpochSecond(), length) * length;
        return different(r -> r.getStrange() && r.getSecond() >= from && r.getSecond() < from + length);
    }

    /** Recipients that were refused within the hour before {@code at}, or since. */
    public long inHour(Instant at) {
        return different(r -> inHour(r, at));
    }

    /** The same of what came from where the account is not at home, or by a program that it does not use. */
    public long strangeInHour(Instant at) {
        return different(r -> inHour(r, at) && r.getStrange());
    }

    /** What is to be said behind a number of messages of which so many were refused, for people; nothing when none was. */
    public String share(long refused, long messages, Instant at) {
        if (refused == 0) {
            return "";
        }
        return " (" + (refused >= messages ? "all" : refused) + " of them refused " + by(at) + ")";
    }

    /** What refused most of the hour's, for people. */
    public String by(Instant at) {
        return state.getRefusals().stream()
                .filter(r -> inHour(r, at))
                .collect(Collectors.groupingBy(RefusedAttempt::getBy, Collectors.counting()))
                .entrySet()
                .stream()
                .max(Comparator.comparingLong((Map.Entry<String, Long> by) -> by.getValue())
                        .thenComparing(Map.Entry::getKey))
                .map(by -> text(by.getKey()))
                .orElse("by the host");
    }

    private static String text(String by) {
        return switch (by) {
            case "milter" -> "by a milter";
            case "sender" -> "because the sender is not the login's own";
            case "recipient" -> "because the recipient is unknown";
            case "content" -> "for their content";
            default -> "by the host's rules";
        };
    }

    private static boolean inHour(RefusedAttempt r, Instant at) {
        return EventTime.minute(at) - Math.floorDiv(r.getSecond(), MINUTE) < RingWindow.MINUTES;
    }

    private long different(Predicate<RefusedAttempt> which) {
        List<RefusedAttempt> all = state.getRefusals();
        if (all.isEmpty()) {
            return 0;
        }
        long[] recipients = new long[all.size()];
        int counted = 0;
        for (RefusedAttempt one : all) {
            if (which.test(one)) {
                recipients[counted++] = one.getRecipient();
            }
        }
        Arrays.sort(recipients, 0, counted);
        long different = 0;
        for (int i = 0; i < counted; i++) {
            different += i == 0 || recipients[i] != recipients[i - 1] ? 1 : 0;
        }
        return different;
    }

    void forget() {
        state.getRefusals().clear();
    }
}
