package io.postbrake.report;

import io.postbrake.report.Report.Word;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which accounts are used for something else than one person's own mail. It looks at whole days, as a person would who reads
 * a report; it decides nothing.
 */
final class Advice {

    /** A day with as many recipients, and ten times the usual, is a circular. */
    private static final int MANY = 100;

    private static final int TIMES = 10;
    /** Who sends around the clock for some days sleeps never. */
    private static final int AROUND_THE_CLOCK = 20;

    private static final int SOME_DAYS = 3;
    private static final int MANY_SENDERS = 5;

    private Advice() {}

    static List<Word> of(String account, Activity a) {
        List<Word> words = new ArrayList<>();
        boolean stopped = a.stops() > 0;
        newsletter(account, a, stopped, words);
        boolean service = a.hoursUsed() >= AROUND_THE_CLOCK && a.days().size() >= SOME_DAYS && a.networks() <= 2;
        if (service) {
            words.add(new Word(
                    account,
                    Word.Kind.SERVICE,
                    "mail in " + a.hoursUsed() + " of the day's 24 hours, from " + a.networks()
                            + (a.networks() == 1 ? " network" : " networks"),
                    stopped));
        }
        if (a.crowdedHours() >= SOME_DAYS) {
            words.add(new Word(
                    account,
                    Word.Kind.SHARED,
                    a.crowdedHours() + " hours with mail from " + Activity.CROWD + " networks or more",
                    stopped));
        } else if (a.senders() >= MANY_SENDERS && !service) {
            words.add(new Word(account, Word.Kind.SHARED, a.senders() + " senders with one login", stopped));
        }
        return words;
    }

    private static void newsletter(String account, Activity a, boolean stopped, List<Word> words) {
        long usual = Activity.quantiles(
                        a.days().stream().mapToLong(Activity.DayOf::recipients).toArray())
                .median();
        List<Activity.DayOf> large = a.days().stream()
                .filter(d -> d.recipients() >= MANY
                        && (d.recipients() >= TIMES * usual || d.recipients() >= TIMES * d.messages()))
                .toList();
        large.stream()
                .max(Comparator.comparingLong(Activity.DayOf::recipients))
                .ifPresent(most -> words.add(new Word(
                        account,
                        Word.Kind.NEWSLETTER,
                        TextReport.count(most.recipients(), "recipient") + " by "
                                + TextReport.count(most.messages(), "message") + " on "
                                + LocalDate.ofEpochDay(most.epochDay()) + ", usual are " + usual + " a day"
                                + (large.size() > 1 ? "; " + large.size() + " such days" : ""),
                        stopped)));
    }
}
