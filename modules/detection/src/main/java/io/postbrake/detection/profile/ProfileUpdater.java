package io.postbrake.detection.profile;

import io.postbrake.detection.subject.AddressRanges;
import io.postbrake.detection.subject.EventTime;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.state.Bucket;
import io.postbrake.state.Place;
import io.postbrake.state.RateScale;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Folds events into what is remembered of a subject, and takes out what may have been a thief's. */
public final class ProfileUpdater {
    private static final int MAX_LOGINS = 20;

    /** Order of event time; what happened at once has an order too, the same wherever it arrives first. */
    private static final Comparator<Submission> ORDER = Comparator.comparing(Submission::getOccurredAt)
            .thenComparing(Submission::getHostId)
            .thenComparing(Submission::getSourceId)
            .thenComparing(Submission::getGeneration)
            .thenComparing(Submission::getPosition);

    private final SubjectState state;
    private final ProfileConfig config;
    private final Profile profile;
    private final OriginUpdater origins;
    private final UsualPlaces places;

    /** Of the subject that this profile reads. */
    public ProfileUpdater(SubjectState state, Profile profile) {
        this.state = state;
        this.config = profile.config();
        this.profile = profile;
        this.origins = new OriginUpdater(state, profile.origins());
        this.places = new UsualPlaces(state);
    }

    /** Folds the event in before the detectors look, except for what they compare it with. */
    public void countBefore(SubmissionContext seen) {
        Submission e = seen.event();
        Instant at = e.getOccurredAt();
        if (profile.withoutLogin()) {
            countWithoutLogin(e);
        } else if (profile.range()) {
            countInRange(seen);
        } else if (seen.phase() == Phase.ACCEPTED && profile.account()) {
            long recipients = e.getRecipients() == null ? 1 : Math.max(1, e.getRecipients());
            Bucket minute = SparseWindow.at(state.getMinutes(), EventTime.minute(at), SparseWindow.MINUTES);
            Bucket hour = SparseWindow.at(state.getHours(), EventTime.hour(at), SparseWindow.HOURS);
            count(minute, recipients);
            count(hour, recipients);
            boolean strange = seen.strange();
            countHome(minute, hour, strange);
            SendingRates.count(state.getRates(), at, config.memoryWindows(), !held(e) && !strange, strange);
            profile.habits().sent(e, hour, held(e) || seen.abroad());
        } else if (seen.phase() == Phase.OUTCOME && profile.account()) {
            boolean bounced = "bounced".equals(e.getStatus()) || "expired".equals(e.getStatus());
            if (bounced || "sent".equals(e.getStatus())) {
                profile.habits()
                        .delivered(
                                e, SparseWindow.at(state.getHours(), EventTime.hour(at), SparseWindow.HOURS), bounced);
                SendingHabits.delivered(
                        SparseWindow.at(state.getMinutes(), EventTime.minute(at), SparseWindow.MINUTES), bounced);
            }
        } else if (seen.phase() == Phase.ATTEMPT || seen.phase() == Phase.REFUSED) {
            if (profile.account() && profile.blockedAt(e)) {
                new AttemptsUnderBlock(state).count(e);
            }
            if (profile.account() && seen.phase() == Phase.REFUSED) {
                if (Refusals.counts(e)) {
                    profile.refusals().count(e, seen.strange());
                }
                Bucket minute = SparseWindow.at(state.getMinutes(), EventTime.minute(at), SparseWindow.MINUTES);
                countHome(
                        minute,
                        SparseWindow.at(state.getHours(), EventTime.hour(at), SparseWindow.HOURS),
                        seen.strange());
            }
        } else if (seen.phase() == Phase.AUTH_FAILED && !profile.guesses().counted(e.getSession(), e.getOccurredAt())) {
            profile.guesses().count(at, profile.client() ? e.getAccount() : e.getClientIp(), e.getRepeats());
        } else if (seen.phase() == Phase.AUTH_UNANSWERED && profile.client()) {
            profile.guesses().unanswered(at, e.getRepeats());
        }
    }

    /** Local mail as it is accepted; what a client relays, of which more is not seen, as it is delivered or bounced. */
    private void countWithoutLogin(Submission e) {
        if (wentOut(e)) {
            Instant at = e.getOccurredAt();
            long recipients = e.getRecipients() == null ? 1 : Math.max(1, e.getRecipients());
            count(SparseWindow.at(state.getMinutes(), EventTime.minute(at), SparseWindow.MINUTES), recipients);
            SendingRates.count(state.getRates(), at, config.memoryWindows(), true, false);
        }
    }

    private void countInRange(SubmissionContext seen) {
        Submission e = seen.event();
        if (seen.phase() == Phase.AUTH_FAILED && !profile.guesses().counted(e.getSession(), e.getOccurredAt())) {
            String member = AddressRanges.member(state.getSubjectKey(), e.getClientIp());
            profile.guesses().count(e.getOccurredAt(), member, e.getRepeats());
            profile.rangeHistory().failed(e);
        } else if (seen.phase() == Phase.ACCEPTED) {
            profile.rangeHistory().mailed(e.getOccurredAt());
        }
    }

    private static boolean wentOut(Submission e) {
        return Phase.of(e) == Phase.ACCEPTED || "sent".equals(e.getStatus()) || "bounced".equals(e.getStatus());
    }

    private static void count(@Nullable Bucket bucketOrNull, long recipients) {
        if (bucketOrNull != null) {
            bucketOrNull.setMessages(bucketOrNull.getMessages() + 1);
            bucketOrNull.setRecipients(bucketOrNull.getRecipients() + recipients);
        }
    }

    private static void countHome(@Nullable Bucket minuteOrNull, @Nullable Bucket hourOrNull, boolean strange) {
        if (minuteOrNull != null && !strange) {
            minuteOrNull.setHome(minuteOrNull.getHome() + 1);
        }
        if (hourOrNull != null && !strange) {
            hourOrNull.setHome(hourOrNull.getHome() + 1);
        }
    }

    /** A block begins or its evidence is spent: attempts under it are counted anew. */
    public void forgetAttempts() {
        new AttemptsUnderBlock(state).forget();
    }

    /** Folds in what the detectors compared the event with; whether it began another day with mail of the account. */
    public boolean countAfter(SubmissionContext seen) {
        Submission e = seen.event();
        boolean anotherDay = false;
        if (profile.withoutLogin()) {
            if (wentOut(e)) {
                state.setMessages(state.getMessages() + 1);
                countDay(EventTime.day(e.getOccurredAt()));
            }
        } else if (profile.account() && seen.phase() == Phase.ACCEPTED && !held(e)) {
            state.setMessages(state.getMessages() + 1);
            anotherDay = countDay(Math.floorDiv(e.getOccurredAt().getEpochSecond(), 86_400L));
            places.sent(e, blockedAt(e.getOccurredAt()));
            origins.sent(seen.origin(), e.getOccurredAt());
            if (!blockedAt(e.getOccurredAt())) {
                origins.attempted(seen.origin(), e.getOccurredAt(), !profile.experienced());
                origins.used(seen.origin(), e.getOccurredAt());
                profile.programs().used(e);
            } else if (blockedToday(e.getOccurredAt())) {
                origins.usedAgain(seen.origin(), e.getOccurredAt());
                profile.programs().usedAgain(e);
            }
        } else if (profile.account() && seen.phase() == Phase.ATTEMPT) {
            origins.attempted(seen.origin(), e.getOccurredAt(), !profile.experienced());
            Place place = Places.of(e);
            if (place != null && Places.newer(place, state.getLastPlace())) {
                state.setLastPlace(place);
            }
        } else if (profile.account() && seen.phase() == Phase.LOGIN) {
            profile.mailbox().used(e, state.getIncident() == null && !blockedAt(e.getOccurredAt()));
        } else if (profile.client() && logsIn(seen) && e.getAccount() != null) {
            profile.residents().loggedIn(e.getAccount(), e.getOccurredAt());
            state.getRecentLogins().add(e);
            state.getRecentLogins().sort(ORDER);
        }
        if (!state.getRecentLogins().isEmpty()) {
            Instant oldest = state.getLastSeenAt().minus(config.lateness());
            state.getRecentLogins().removeIf(l -> l.getOccurredAt().isBefore(oldest));
            while (state.getRecentLogins().size() > MAX_LOGINS) {
                state.getRecentLogins().remove(0);
            }
        }
        return anotherDay;
    }

    private static boolean logsIn(SubmissionContext seen) {
        return seen.phase() == Phase.ATTEMPT || seen.phase() == Phase.LOGIN;
    }

    private boolean blockedAt(Instant at) {
        return state.getBlockUntil() != null && at.isBefore(state.getBlockUntil());
    }

    /** The block's own day counts for what the account used before, so that arrivals out of order about its beginning agree. */
    private boolean blockedToday(Instant at) {
        return EventTime.day(at) <= state.getBlockedDay();
    }

    private boolean countDay(long day) {
        if (day > state.getNewestDay()) {
            state.setDayBefore(state.getNewestDay());
            state.setNewestDay(day);
        } else if (day < state.getNewestDay() && day > state.getDayBefore()) {
            state.setDayBefore(day);
        } else {
            return false;
        }
        state.setActiveDays(state.getActiveDays() + 1);
        return true;
    }

    /** What became normal since {@code since} may be the thief's; where the account began is its owner's. */
    public void distrust(Instant since, Finding because) {
        places.distrust(since, because);
        String origin = because.getEvidence().stream()
                .filter(evidence -> evidence.getAsn() != null || evidence.getCountry() != null)
                .map(evidence -> SourceNetworks.name(evidence.getAsn(), evidence.getCountry(), evidence.getClientIp()))
                .findFirst()
                .orElse(null);
        origins.distrust(since, origin);
        profile.programs().distrust(since);
        profile.mailbox().distrust(since);
    }

    /** Forgets what may not count as evidence any more; what is normal stays. */
    public void spend() {
        state.getMinutes().clear();
        state.getHours().clear();
        profile.guesses().forget();
        profile.rangeHistory().forgetFailures();
        forgetAttempts();
        profile.refusals().forget();
        profile.mailbox().accept();
        state.setLastPlace(null);
        state.getFindings().clear();
        for (RateScale rate : state.getRates()) {
            rate.setCount(0);
            rate.setUnlearnt(0);
            rate.setPrevious(0);
            rate.setPreviousUnlearnt(0);
            rate.setStrange(0);
            rate.setPreviousStrange(0);
        }
    }

    private static boolean held(Submission e) {
        return e.getBlockRef() != null;
    }

    /** The fleet's answer about a network: 1 that many use it, -1 that hardly anybody does. */
    public void answered(@Nullable String origin, long fleet) {
        origins.answered(origin, fleet);
    }
}
