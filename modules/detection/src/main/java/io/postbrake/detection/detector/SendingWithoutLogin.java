package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.OpenWindow;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SendingRates;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Mail without a login, far more than its owner ever sent: a web form or a program of a local user, or a client nearby that may
 * relay. Nothing of it can be refused by login, and a list manager on the host looks the same on its first day: it is told, and
 * acted on by choice.
 *
 * @param stopsLocalUsers detectors.sending-without-login.stop-local-users: whether it blocks users of mail hosts' own, where their
 *     hosts are set up to refuse them
 * @param stopsRelaySenders detectors.sending-without-login.stop-relay-senders: whether it holds the mail of senders from clients
 *     that may relay, where their hosts are set up to do so
 */
record SendingWithoutLogin(boolean stopsLocalUsers, boolean stopsRelaySenders) implements Detector {
    private static final double TOLD = 0.4;
    /** Certain enough to refuse: nothing milder stops a local user. */
    private static final double STOPPED = 0.95;
    /** Enough to hold, which loses nothing: a client that relays can be answered so. */
    private static final double HELD = 0.6;
    /** As many nats of surprise are everyday, see {@link VelocityHistory}. */
    private static final double EVERYDAY = 7;

    private static final double LEAST = 3;
    private static final long BEYOND = 5;
    private static final long HOUR = 60;
    private static final double BUSY = 2;
    /** In an hour, of one without a history. */
    private static final long MANY = 500;

    SendingWithoutLogin(Parameters p) {
        this(
                p.yes("detectors.sending-without-login.stop-local-users", false),
                p.yes("detectors.sending-without-login.stop-relay-senders", false));
    }

    @Override
    public String id() {
        return "sending-without-login";
    }

    @Override
    public List<Technique> techniques() {
        return List.of();
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        if (!profile.withoutLogin()) {
            return Optional.empty();
        }
        Submission e = seen.event();
        return profile.experienced() ? surprising(profile, e) : many(profile, e);
    }

    private Optional<Finding> surprising(Profile profile, Submission e) {
        List<OpenWindow> windows = profile.rates(e.getOccurredAt());
        for (OpenWindow window : windows) {
            if (window.minutes() > HOUR && !busy(windows)) {
                // The day is as full as it was made when that was told; its owner goes on as ever.
                continue;
            }
            boolean more = window.count() >= 2 * SendingRates.enough(window.minutes())
                    && window.count() >= BEYOND * (1 + window.expected());
            double nats = more ? -Math.log(Math.max(window.tail() * windows.size(), 1e-300)) - EVERYDAY : 0;
            if (nats >= LEAST) {
                String title = window.count() + " messages without a login in " + SendingRates.span(window.minutes())
                        + ", usual are about " + NumberFormats.tenths(1 + window.expected());
                return Optional.of(told(profile, e, title, window.count(), 1 + window.expected()));
            }
        }
        return Optional.empty();
    }

    /** Whether more is sent in this hour, too, than its owner does on most. */
    private static boolean busy(List<OpenWindow> windows) {
        return windows.stream().anyMatch(w -> w.minutes() == HOUR && w.count() >= BUSY * (1 + w.expected()));
    }

    private Optional<Finding> many(Profile profile, Submission e) {
        Instant at = e.getOccurredAt();
        long messages = profile.messagesInHour(at);
        return messages < MANY
                ? Optional.empty()
                : Optional.of(told(
                        profile, e, messages + " messages without a login in an hour, and no history", messages, MANY));
    }

    private Finding told(Profile profile, Submission e, String title, double value, double limit) {
        boolean local = SubjectKeys.is(SubjectKeys.LOCAL_USER, profile.subjectKey());
        boolean acts = local ? stopsLocalUsers : stopsRelaySenders;
        double score = !acts ? TOLD : local ? STOPPED : HELD;
        return FindingFactory.about(profile.subjectKey(), this, e, score, title, value, limit)
                .setObserveOnly(!acts)
                .build();
    }
}
