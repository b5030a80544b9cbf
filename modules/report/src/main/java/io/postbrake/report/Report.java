package io.postbrake.report;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happened, what the detection would have done, and what fixed limits would have. Text in it may be strangers'.
 *
 * @param zone in which days and hours are counted
 * @param stops what would have been blocked, oldest first
 * @param observed incidents that nothing would have been blocked for, by the detector that weighed most
 * @param accounts that sent mail, those with the most recipients first; what is normal leaves out what would have been refused
 * @param words accounts whose owners should be asked or told something before anything is blocked
 * @param domains of accounts, by the mail they sent
 */
public record Report(
        Instant from,
        Instant to,
        String zone,
        Sum sum,
        List<Day> days,
        List<Stop> stops,
        List<Observed> observed,
        List<Account> accounts,
        List<Word> words,
        List<Domain> domains) {

    /**
     * All together.
     *
     * @param stoppedMessages messages that accounts and addresses sent, or tried to send, while they would have been blocked
     * @param limits what fixed limits would have done
     */
    public record Sum(
            long accounts,
            long messages,
            long recipients,
            long failedLogins,
            long stoppedAccounts,
            long stoppedAddresses,
            long stoppedMessages,
            Limits limits) {}

    /**
     * Fixed limits of messages an hour and a day, counted by every host for itself.
     *
     * @param refused messages over them
     * @param accounts that would have met them
     * @param accountsOtherwiseUnsuspected of those the ones that the detection would have left alone
     */
    public record Limits(int anHour, int aDay, long refused, long accounts, long accountsOtherwiseUnsuspected) {}

    /** One day of all accounts. */
    public record Day(LocalDate day, long messages, long recipients, long stopped) {}

    /**
     * One block as it would have been in force.
     *
     * @param action the strictest that it became
     * @param until when it would have ended
     * @param detector that weighed most
     * @param why in the detection's words
     * @param messages that came while it would have been in force
     * @param recipients of those
     */
    public record Stop(
            Instant at,
            Instant until,
            String subjectType,
            String subject,
            String action,
            String detector,
            String why,
            double score,
            long messages,
            long recipients) {}

    /** Incidents without a block. */
    public record Observed(String detector, long incidents, List<String> examples) {}

    /**
     * What is normal, without mail that would have been refused: quantiles over hours and days with mail, by nearest rank.
     *
     * @param messages all of them
     * @param recipients of those
     * @param days with normal mail
     * @param hours of the day, 24 counts of messages
     * @param places countries, or the operators' networks where those are not known, the most used first
     * @param networks neighbourhoods of addresses, at most 64
     * @param senders envelope senders that were used on more days than one
     * @param stops how often it would have been blocked
     * @param overLimits messages over the fixed limits
     */
    public record Account(
            String account,
            long messages,
            long recipients,
            int days,
            Quantiles messagesAnHour,
            Quantiles messagesADay,
            Quantiles recipientsAnHour,
            Quantiles recipientsADay,
            List<Long> hours,
            List<String> places,
            int networks,
            int senders,
            int stops,
            long overLimits) {}

    /** Half of the values are at most {@code median}, nineteen of twenty at most {@code p95}. */
    public record Quantiles(long median, long p95, long most) {}

    /**
     * An account that needs a word.
     *
     * @param kind newsletter, service or shared
     * @param seen what says so
     */
    public record Word(String account, Kind kind, String seen, boolean wouldBeStopped) {

        /** What an account is used for that is not one person's own mail. */
        public enum Kind {
            NEWSLETTER("sends to many at once: tell the owner to announce it, or let a list server send it"),
            SERVICE("a program sends: give it a login of its own, and an 'allow' if it would be stopped"),
            SHARED("several people send with one login: give each an own one");

            private final String advice;

            Kind(String advice) {
                this.advice = advice;
            }

            /** What to do about it. */
            public String advice() {
                return advice;
            }
        }
    }

    /** Accounts of one domain; {@code domainOrNull} is null for logins without one. */
    public record Domain(
            @Nullable String domainOrNull,
            long accounts,
            long messages,
            long recipients,
            long stoppedAccounts,
            long stoppedMessages,
            long overLimits,
            long accountsOverLimits) {}
}
