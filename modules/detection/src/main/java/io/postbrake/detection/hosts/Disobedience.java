package io.postbrake.detection.hosts;

import io.postbrake.alert.Alert;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.HostsState;
import io.postbrake.state.WatchedHost;
import java.time.Duration;
import java.time.Instant;

/** Hosts that have a block and accept mail in spite of it: their Postfix does not ask the table. */
final class Disobedience {
    /** A mistake in a host's settings is not mended by nobody's sending: one proof holds for so long. */
    private static final Duration PROOF = Duration.ofDays(1);

    private static final String ACCEPTS = "It accepts mail of ";
    private static final String THROUGH = " through ";
    private static final String IN_SPITE = " in spite of the block since ";

    private Disobedience() {}

    /**
     * Notes the proof, and says whether it is one. What the host has not confirmed is another matter: then the block has not
     * arrived, and that is published. A log that was read late, or a detector that was away, decides on mail long after it was
     * accepted: what was begun before a host said that it has the block proves nothing.
     */
    static boolean note(HostsState s, WatchedHost host, HostInput.Disobeyed disobeyed, Duration confirmWithin) {
        String key = disobeyed.subjectKey();
        boolean late = PendingBlocks.lackedBy(host, s).stream()
                .anyMatch(p -> p.getSubject().equals(key));
        if (late
                || s.getLastTickAt() == null
                || host.getKeptOut().contains(key)
                || !ConfirmedBlocks.since(s, key, disobeyed.begun(), confirmWithin)) {
            return false;
        }
        host.setDisobeyedAt(s.getLastTickAt());
        host.setDisobeyed(ACCEPTS
                + SubjectKeys.bare(key)
                + (disobeyed.serviceOrNull() == null ? "" : THROUGH + disobeyed.serviceOrNull())
                + IN_SPITE
                + disobeyed.since());
        return true;
    }

    /** Whether the host is known not to obey at {@code now}. */
    static boolean proven(WatchedHost host, Instant now) {
        return host.getDisobeyedAt() != null
                && now.isBefore(host.getDisobeyedAt().plus(PROOF));
    }

    /** What the newest proof says, and what to do about it. */
    static String text(WatchedHost host) {
        return host.getDisobeyed()
                + ", which it has: its Postfix does not ask the table. postbrake postfix check says"
                + " where check_sasl_access is missing or ignored";
    }

    /** Whether the incident of a host tells that it accepts mail of this subject in spite of its block. */
    static boolean isToldBy(Alert ofHost, String subject) {
        return ofHost.getDescription().startsWith(ACCEPTS + subject + THROUGH)
                || ofHost.getDescription().startsWith(ACCEPTS + subject + IN_SPITE);
    }
}
