package io.postbrake.detection.profile;

import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.FailurePeer;
import io.postbrake.state.SubjectState;
import java.time.Duration;

/**
 * Logins and addresses that only ever failed to log in. Anybody can make up as many as there are names and addresses, so what
 * is kept of them is short, and what there is too much of may be forgotten before its time: see {@link #failures}.
 */
public final class Strangers {
    /** As long as failures at an account count towards a login after them; see {@link FailedLogins#near}. */
    public static final Duration KEPT = FailedLogins.REMEMBERED;

    private Strangers() {}

    /** Whether nobody ever logged in under this login, as far as is known. */
    public static boolean isStranger(SubjectState s) {
        return s.getFailureMinutes() != null
                && s.getMessages() == 0
                && s.getActiveDays() == 0
                && s.getOrigins().isEmpty()
                && s.getResidents().isEmpty()
                && s.getLastPlace() == null
                && s.getRates().isEmpty()
                && s.getRefusals().isEmpty()
                && s.getMinutes().isEmpty()
                && s.getHours().isEmpty()
                && s.getMailbox() == null
                && s.getBlocks() == 0
                && s.getSpentUntil() == null;
    }

    /**
     * What is known of a subject that may be forgotten for want of room, as its number of failed logins; -1 for one that
     * must be kept: who ever logged in, ranges where somebody did, whoever is thought to guess, and all that an operator or a
     * decision has to do with.
     */
    public static long failures(SubjectState s) {
        boolean account = SubjectKeys.is(SubjectKeys.SASL_USER, s.getSubjectKey());
        boolean client = SubjectKeys.is(SubjectKeys.CLIENT_IP, s.getSubjectKey());
        boolean range = SubjectKeys.is(SubjectKeys.CLIENT_NET, s.getSubjectKey()) && RangeHistory.strangers(s);
        boolean calm = s.getBlock() == null
                && s.getIncident() == null
                && s.getWord() == null
                && s.getResolved().isEmpty()
                && s.getFindings().isEmpty();
        boolean mailOnly = client && RangeHistory.mailOnly(s);
        if (!calm || !(range || mailOnly || ((account || client) && isStranger(s)))) {
            return -1;
        }
        long failures = 0;
        for (FailurePeer peer : s.getPeers()) {
            failures += peer.getCount();
        }
        return failures;
    }
}
