package io.postbrake.detection.correlation;

import io.postbrake.detection.subject.Phase;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.state.LoginOutage;
import io.postbrake.state.NearbyLogins;
import io.postbrake.state.Watermark;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What logins say, and what all of a host's logins together say of the host: that they fail, or where they seem to come from. */
final class HostLogins {
    /** An address of mail is at most so long; a made-up name may be much longer. */
    private static final int LONGEST_LOGIN = 320;

    /** No line stands for more: products of what lines say stay numbers. */
    private static final long MOST = 1_000_000;

    private final SubmissionFactory submissions;

    HostLogins(SubmissionFactory submissions) {
        this.submissions = submissions;
    }

    /** The watermark at this event, with what is known of the host's logins. */
    static Watermark at(MailEvent e, @Nullable Watermark before) {
        return new Watermark(
                e.getSourceId(),
                e.getGeneration(),
                e.getPosition(),
                e.getReadAt(),
                before == null ? null : before.getOutage(),
                before == null ? null : before.getNearby());
    }

    /** A message whose sender has logged in. */
    void succeeded(MailEvent e, Watermark w, Consumer<Submission> out) {
        NearbyLogins hidden = HiddenClients.count(w, e);
        if (hidden != null) {
            Submission told = SubmissionFactory.ofHost(Phase.CLIENTS_HIDDEN, e);
            told.setClientIp(SubmissionFactory.address(e.getClientIp()));
            told.setStartedAt(hidden.getSince());
            told.setRepeats(hidden.getThere());
            told.setReason(hidden.getThere() + " of " + (hidden.getThere() + hidden.getElsewhere()) + " logins");
            out.accept(told);
        }
        answered(e, w, e.getSaslUsername(), out);
    }

    private void answered(MailEvent e, Watermark w, @Nullable String client, Consumer<Submission> out) {
        LoginOutage over = Outages.answered(w, e, client == null ? "" : client);
        if (over != null) {
            out.accept(outage(Phase.AUTH_RESTORED, e, over));
        }
    }

    /** A login failed; {@code unreachable}: right before, the process could not reach its authentication server. */
    void failed(MailEvent e, boolean unreachable, Watermark w, CorrelationState s, Consumer<Submission> out) {
        boolean away = unreachable && e.getReason() == null;
        boolean judged = !away && LoginFailure.passwordWasWrong(e.getSaslMethod(), e.getReason());
        Submission failed = submissions.of(judged ? Phase.AUTH_FAILED : Phase.AUTH_ERROR, e, null);
        if (failed.getAccount() != null && failed.getAccount().length() > LONGEST_LOGIN) {
            failed.setAccount(null); // Nobody's: counted as a failure that names none.
        }
        out.accept(failed);
        if (judged) {
            answered(e, w, e.getClientIp(), out);
        } else if (away || LoginFailure.ofServer(e.getSaslMethod(), e.getReason())) {
            notAnswered(e, w, e.getClientIp() + " " + failed.getAccount(), Outages.Sign.FAULT, out);
        }
        s.putWatermark(w);
    }

    /** Somebody got in at a service of Dovecot. */
    void entered(MailEvent e, Watermark w, CorrelationState s, Consumer<Submission> out) {
        Submission login = submissions.atDovecot(Phase.LOGIN, e);
        if (login.getAccount() == null || login.getAccount().length() > LONGEST_LOGIN) {
            return;
        }
        out.accept(login);
        answeredAtDovecot(e, w, out);
        s.putWatermark(w);
    }

    /**
     * A connection to a service of Dovecot ended without a login. How many passwords were wrong is told by this line alone: the
     * authentication server has a line for each database, of logins that succeed as well.
     */
    void failedAtDovecot(MailEvent e, Watermark w, CorrelationState s, Consumer<Submission> out) {
        long attempts =
                (e.getAttempts() == null ? 0 : Math.min(MOST, e.getAttempts())) - Sessions.takeRefusedByNetwork(e, s);
        boolean judged = attempts > 0 && LoginFailure.passwordWasWrongAtDovecot(e.getSaslMethod(), e.getReason());
        Submission failed = submissions.atDovecot(judged ? Phase.AUTH_FAILED : Phase.AUTH_ERROR, e);
        failed.setRepeats(Math.max(1, attempts) * Math.min(MOST, failed.getRepeats()));
        if (failed.getAccount() != null && failed.getAccount().length() > LONGEST_LOGIN) {
            failed.setAccount(null);
        }
        out.accept(failed);
        if (judged) {
            answeredAtDovecot(e, w, out);
        } else if (LoginFailure.ofDovecotsServer(e.getSaslMethod(), e.getReason())) {
            notAnswered(e, w, e.getClientIp() + " " + failed.getAccount(), Outages.Sign.FAULT, out);
        }
        s.putWatermark(w);
    }

    /** Dovecot's own services still reach their server where a process of Postfix says that it cannot. */
    private void answeredAtDovecot(MailEvent e, Watermark w, Consumer<Submission> out) {
        LoginOutage o = w.getOutage();
        if (o == null || o.getUnreachable() == 0) {
            answered(e, w, e.getClientIp(), out);
        }
    }

    /** Postfix may name the login of an attempt before in the session: whose password this was is not known. */
    void unanswered(MailEvent e, Watermark w, CorrelationState s, Consumer<Submission> out) {
        Submission unanswered = submissions.of(Phase.AUTH_UNANSWERED, e, null);
        unanswered.setAccount(null);
        out.accept(unanswered);
        notAnswered(e, w, e.getClientIp(), Outages.Sign.SILENCE, out);
        s.putWatermark(w);
    }

    /** A process of the host cannot reach its authentication server. */
    void unavailable(MailEvent e, Watermark w, CorrelationState s, Consumer<Submission> out) {
        if (LoginFailure.unreachable(e.getReason())) {
            notAnswered(e, w, null, Outages.Sign.UNREACHABLE, out);
            s.putWatermark(w);
        }
    }

    private void notAnswered(
            MailEvent e, Watermark w, @Nullable String clientOrNull, Outages.Sign sign, Consumer<Submission> out) {
        LoginOutage told = Outages.failed(w, e, clientOrNull, sign, Math.max(1, e.getRepeats()));
        if (told != null) {
            out.accept(outage(Phase.AUTH_OUTAGE, e, told));
        }
    }

    private Submission outage(Phase phase, MailEvent e, LoginOutage o) {
        Submission told = SubmissionFactory.ofHost(phase, e);
        told.setStartedAt(o.getSince());
        told.setRepeats(o.getFailures());
        told.setService(Sessions.service(e));
        return told;
    }
}
