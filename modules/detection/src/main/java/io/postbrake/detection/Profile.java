package io.postbrake.detection;

import io.postbrake.event.Submission;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import io.postbrake.state.RateScale;
import io.postbrake.state.SubjectState;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** What is remembered of one subject, with the folding of an event into it. Detectors only read it. */
final class Profile {
    static final int MAX_PEERS = 20;
    static final int MAX_COUNTRIES = 20;

    final SubjectState state;
    private final DetectionConfig config;

    Profile(SubjectState state, DetectionConfig config) {
        this.state = state;
        this.config = config;
    }

    boolean account() {
        return SubjectKeys.type(state.getSubjectKey()).equals(SubjectKeys.SASL_USER);
    }

    boolean client() {
        return SubjectKeys.type(state.getSubjectKey()).equals(SubjectKeys.CLIENT_IP);
    }

    /** Whether the account's own history is long enough for novelty to mean something. */
    boolean experienced() {
        return state.getActiveDays() >= config.historyDays() && state.getMessages() >= config.historyMessages();
    }

    long messagesInHour(Instant at) {
        return Rings.sum(state.getMessageMinutes(), minute(at), Rings.MINUTES);
    }

    long messagesInDay(Instant at) {
        return Rings.sum(state.getMessageHours(), hour(at), Rings.HOURS);
    }

    long recipientsInHour(Instant at) {
        return Rings.sum(state.getRecipientMinutes(), minute(at), Rings.MINUTES);
    }

    long recipientsInDay(Instant at) {
        return Rings.sum(state.getRecipientHours(), hour(at), Rings.HOURS);
    }

    long failures(Instant at, int minutes) {
        return Rings.sum(state.getFailureMinutes(), minute(at), minutes);
    }

    /** Folds the event in before the detectors look, except for what they compare it with. */
    void countBefore(Submission e) {
        Instant at = e.getOccurredAt();
        if (e.getPhase().equals("ACCEPTED") && account()) {
            long recipients = e.getRecipients() == null ? 1 : Math.max(1, e.getRecipients());
            if (state.getMessageMinutes() == null) {
                state.setMessageMinutes(Rings.empty(Rings.MINUTES));
                state.setMessageHours(Rings.empty(Rings.HOURS));
                state.setRecipientMinutes(Rings.empty(Rings.MINUTES));
                state.setRecipientHours(Rings.empty(Rings.HOURS));
            }
            Rings.add(state.getMessageMinutes(), minute(at), 1);
            Rings.add(state.getMessageHours(), hour(at), 1);
            Rings.add(state.getRecipientMinutes(), minute(at), recipients);
            Rings.add(state.getRecipientHours(), hour(at), recipients);
            Rates.count(state.getRates(), at, config.memoryWindows());
        } else if (e.getPhase().equals("AUTH_FAILED")) {
            if (state.getFailureMinutes() == null) {
                state.setFailureMinutes(Rings.empty(Rings.MINUTES));
            }
            if (failures(at, Rings.MINUTES) == 0) {
                state.getFailurePeers().clear();
                state.setAnonymousFailures(0);
            }
            Rings.add(state.getFailureMinutes(), minute(at), e.getRepeats());
            String peer = client() ? e.getAccount() : e.getClientIp();
            if (peer == null) {
                state.setAnonymousFailures(state.getAnonymousFailures() + e.getRepeats());
            } else {
                remember(state.getFailurePeers(), peer, MAX_PEERS);
            }
        }
    }

    /** Folds in what the detectors compared the event with. */
    void countAfter(Submission e) {
        if (!account()) {
            return;
        }
        if (e.getPhase().equals("ACCEPTED")) {
            state.setMessages(state.getMessages() + 1);
            long day = Math.floorDiv(e.getOccurredAt().getEpochSecond(), 86_400L);
            if (day > state.getNewestDay()) {
                state.setNewestDay(day);
                state.setActiveDays(state.getActiveDays() + 1);
            }
            // A block takes back what the thief taught, see Turn.
            if (e.getCountry() != null && state.getBlock() == null) {
                remember(state.getCountries(), e.getCountry(), MAX_COUNTRIES);
            }
        } else if (e.getPhase().equals("ATTEMPT") && e.getLatitude() != null && e.getLongitude() != null) {
            Submission last = state.getLastLocated();
            if (last == null || !last.getOccurredAt().isAfter(e.getOccurredAt())) {
                state.setLastLocated(e);
            }
        }
    }

    /** Forgets what may not count as evidence any more; what is normal stays. */
    void spend() {
        state.setMessageMinutes(null);
        state.setMessageHours(null);
        state.setRecipientMinutes(null);
        state.setRecipientHours(null);
        state.setFailureMinutes(null);
        state.getFailurePeers().clear();
        state.setAnonymousFailures(0);
        state.setLastLocated(null);
        state.getFindings().clear();
        for (RateScale rate : state.getRates()) {
            rate.setCount(0);
            rate.setPrevious(0);
        }
    }

    /** An opinion on this subject. */
    Finding finding(Detector detector, Submission e, double score, String title, double value, double limit) {
        return finding(detector, e, score, title, value, limit, state.getSubjectKey())
                .build();
    }

    Finding.Builder finding(
            Detector detector, Submission e, double score, String title, double value, double limit, String key) {
        Evidence evidence = Evidence.newBuilder()
                .setText(title)
                .setOccurredAt(e.getOccurredAt())
                .setHostId(e.getHostId())
                .setQueueId(e.getQueueId())
                .setClientIp(e.getClientIp())
                .setCountry(e.getCountry())
                .setCity(e.getCity())
                .setAsn(e.getAsn())
                .setNetwork(e.getAsOrganisation() == null ? e.getNetwork() : e.getAsOrganisation())
                .setSourceId(e.getSourceId())
                .setGeneration(e.getGeneration())
                .setPosition(e.getPosition())
                .setValue(value)
                .setLimit(limit)
                .build();
        return Finding.newBuilder()
                .setFindingId(id(
                        "finding",
                        detector.id(),
                        key,
                        e.getHostId(),
                        e.getSourceId(),
                        e.getGeneration(),
                        e.getPosition(),
                        e.getPhase()))
                .setSubject(SubjectKeys.bare(key))
                .setSubjectType(SubjectKeys.type(key))
                .setDetector(detector.id())
                .setScore(score)
                .setTitle(title)
                .setOccurredAt(e.getOccurredAt())
                .setHostId(e.getHostId())
                .setEvidence(List.of(evidence));
    }

    static UUID id(Object... parts) {
        StringBuilder text = new StringBuilder();
        for (Object part : parts) {
            text.append(part).append('\u0000');
        }
        return UUID.nameUUIDFromBytes(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void remember(List<String> names, String name, int bound) {
        names.remove(name);
        names.add(name);
        if (names.size() > bound) {
            names.remove(0);
        }
    }

    private static long minute(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), 60L);
    }

    private static long hour(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), 3600L);
    }
}
