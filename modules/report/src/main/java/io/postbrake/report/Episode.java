package io.postbrake.report;

import io.postbrake.block.Block;
import java.time.Instant;
import java.util.List;

/** A block from its beginning to its end, over all that was made of it. */
final class Episode {

    private final Instant at;
    private final String subjectType;
    private final String subject;
    private String action;
    private String detector;
    private String why;
    private double score;
    private Instant until;
    private long messages;
    private long recipients;

    Episode(Instant at, Block b, String detector) {
        this.at = at;
        this.subjectType = b.getSubjectType();
        this.subject = b.getSubject();
        this.action = b.getAction();
        this.detector = detector;
        this.why = b.getReason();
        this.score = b.getScore();
        this.until = b.getEndsAt();
    }

    /** It was prolonged, or became stricter; {@code actions} are ordered so. */
    void goesOn(Block b, String by, List<String> actions) {
        until = b.getEndsAt();
        if (actions.indexOf(b.getAction()) > actions.indexOf(action)) {
            action = b.getAction();
            detector = by;
            why = b.getReason();
            score = b.getScore();
        }
    }

    void endsAt(Instant end) {
        until = end.isBefore(until) ? end : until;
    }

    boolean covers(Instant time) {
        return !time.isBefore(at) && time.isBefore(until);
    }

    /** Whether mail only waits. */
    boolean isReversible() {
        return action.equals("hold");
    }

    void count(long to) {
        messages++;
        recipients += to;
    }

    String subjectType() {
        return subjectType;
    }

    String subject() {
        return subject;
    }

    Report.Stop stop() {
        return new Report.Stop(at, until, subjectType, subject, action, detector, why, score, messages, recipients);
    }
}
