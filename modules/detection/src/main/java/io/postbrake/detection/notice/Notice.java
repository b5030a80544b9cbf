package io.postbrake.detection.notice;

import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Evidence;
import io.postbrake.state.PulledBrake;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One subject's message to another. It is no opinion: nobody is blocked by it. */
public sealed interface Notice {

    /** Key of the subject that says it. */
    String from();

    /** Key of the subject that it is for. */
    String to();

    /** Event time of what it is about. */
    Instant at();

    /** When that was read, if it was then older than can be acted on; null otherwise. */
    @Nullable
    Instant readAt();

    /**
     * To the fleet and to a network: an account began to send from a network that is new for it.
     *
     * @param id the same whenever that event is judged
     * @param where the event with its place, and the sentence for people; null in a record that says nothing of it
     * @param corrects whether it only moves the time of what was said before, because an earlier attempt arrived later
     */
    record NewNetworkSeen(
            UUID id,
            String from,
            String to,
            Instant at,
            @Nullable Instant readAt,
            @Nullable Evidence where,
            boolean corrects)
            implements Notice {}

    /**
     * To a network: what an account did there as a stranger was reason to block it, or would have been.
     *
     * @param id the same for the same finding
     * @param hostId mail host of the deciding event; null when unknown
     * @param evidence what it was blocked for
     */
    record BlockedThere(
            UUID id,
            String from,
            String to,
            Instant at,
            @Nullable Instant readAt,
            @Nullable String hostId,
            List<Evidence> evidence)
            implements Notice {}

    /** To the fleet: an account sends its first mail of a day. */
    record ActiveToday(String from, Instant at, @Nullable Instant readAt) implements Notice {
        @Override
        public String to() {
            return SubjectKeys.FLEET;
        }
    }

    /**
     * To the fleet: a block begins, or the brake kept it from beginning.
     *
     * @param detector whose finding decided
     * @param hostId the mail host on whose evidence alone it rests; null for more than one
     */
    record BlockBegan(
            String from,
            Instant at,
            String detector,
            @Nullable String hostId) implements Notice {
        @Override
        public String to() {
            return SubjectKeys.FLEET;
        }

        @Override
        public @Nullable Instant readAt() {
            return null;
        }
    }

    /**
     * To the fleet: an account would have been stopped for what was read too late to act.
     *
     * @param id the same for the same incident
     * @param score the greatest probability of abuse that it had
     * @param description what would have been said of it at its worst
     * @param evidence what it would have been stopped for: the first of it and the newest
     */
    record PastIncident(
            UUID id,
            String from,
            Instant at,
            @Nullable Instant readAt,
            double score,
            String description,
            List<Evidence> evidence)
            implements Notice {
        @Override
        public String to() {
            return SubjectKeys.FLEET;
        }
    }

    /** From the fleet to every partition: the brakes that are pulled from now on; none when all are released. */
    record BrakeSet(Instant at, List<PulledBrake> pulled) implements Notice {
        /** The subject that each partition has a state of. */
        public static final String KEY = "fleet:brake";

        @Override
        public String from() {
            return SubjectKeys.FLEET;
        }

        @Override
        public String to() {
            return KEY;
        }

        @Override
        public @Nullable Instant readAt() {
            return null;
        }
    }

    /**
     * From the fleet to an account: many accounts send from where it began to.
     *
     * @param id the same for the same account, time and network
     * @param where the event with its place, and the sentence for people
     */
    record UsualForFleet(
            UUID id, String to, Instant at, @Nullable Instant readAt, Evidence where) implements Notice {
        @Override
        public String from() {
            return SubjectKeys.FLEET;
        }
    }

    /** To a range of addresses, and to an address nearby: somebody logged in from there, for the first time on a day. */
    record LoggedInThere(
            String from, String to, Instant at, @Nullable Instant readAt) implements Notice {}

    /** To a range of addresses: mail without a login was accepted from one of them, which says so once a day. */
    record MailedThere(
            String from, String to, Instant at, @Nullable Instant readAt) implements Notice {}

    /** From an address nearby to an account that logged in from there: many do. */
    record ManyLogInThere(
            String from, String to, Instant at, @Nullable Instant readAt) implements Notice {}

    /** From a range that guesses to the fleet: does it know for long enough where its accounts log in from? */
    record HistoryAsked(String from, Instant at, @Nullable Instant readAt) implements Notice {
        @Override
        public String to() {
            return SubjectKeys.FLEET;
        }
    }

    /** From the fleet to a range that asked: it does. */
    record FleetHasHistory(String to, Instant at, @Nullable Instant readAt) implements Notice {
        @Override
        public String from() {
            return SubjectKeys.FLEET;
        }
    }

    /** The id of a notice that is said once of a subject and a time. */
    static UUID id(String what, Notice notice) {
        return StableIds.of(what, notice.from(), notice.at().toEpochMilli());
    }
}
