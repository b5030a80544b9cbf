package io.postbrake.report;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** The report as lines of text, for a terminal or the body of a mail. */
public final class TextReport {

    private static final int NAME = 34;

    private final Report report;
    private final UnaryOperator<String> harmless;
    private final int most;
    private final DateTimeFormatter minute;
    private final List<String> lines = new ArrayList<>();

    /**
     * Writes {@code report}.
     *
     * @param harmless makes strangers' text harmless for where the lines go
     * @param most how many rows of each table
     */
    public TextReport(Report report, UnaryOperator<String> harmless, int most) {
        this.report = report;
        this.harmless = harmless;
        this.most = most;
        this.minute =
                DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneId.of(report.zone()));
    }

    /** The lines, without their ends. */
    public List<String> lines() {
        head();
        stops();
        observed();
        words();
        limits();
        domains();
        accounts();
        return List.copyOf(lines);
    }

    private void head() {
        Report.Sum s = report.sum();
        lines.add("Postbrake: " + minute(report.from()) + " to " + minute(report.to()) + " (" + report.zone() + ")");
        lines.add("");
        lines.add(count(s.accounts(), "account") + " sent " + count(s.messages(), "message") + " to "
                + count(s.recipients(), "recipient") + "; " + count(s.failedLogins(), "login") + " failed");
        lines.add(count(s.stoppedAccounts(), "account") + " and " + count(s.stoppedAddresses(), "address")
                + " would have been blocked, with " + count(s.stoppedMessages(), "message") + " within");
    }

    private void stops() {
        title("What would have been blocked, and why");
        if (report.stops().isEmpty()) {
            lines.add("nothing");
        }
        for (Report.Stop stop : first(report.stops())) {
            lines.add(minute(stop.at()) + "  " + harmless.apply(stop.subject()) + "  " + stop.action() + " until "
                    + minute(stop.until()) + ", " + count(stop.messages(), "message") + " to "
                    + count(stop.recipients(), "recipient"));
            lines.add("    " + harmless.apply(stop.why()));
        }
        more(report.stops().size());
    }

    private void observed() {
        title("What was noticed and would not have been blocked");
        if (report.observed().isEmpty()) {
            lines.add("nothing");
        }
        for (Report.Observed o : report.observed()) {
            lines.add(String.format(Locale.ROOT, "%-28s %6d  such as ", o.detector(), o.incidents())
                    + harmless.apply(String.join(", ", o.examples())));
        }
    }

    private void words() {
        title("Accounts that need a word");
        if (report.words().isEmpty()) {
            lines.add("none");
        }
        for (Report.Word w : first(report.words())) {
            lines.add(harmless.apply(w.account()) + (w.wouldBeStopped() ? "  (would have been blocked)" : ""));
            lines.add("    " + w.kind().name().toLowerCase(Locale.ROOT) + ": " + w.seen());
            lines.add("    " + w.kind().advice());
        }
        more(report.words().size());
    }

    private void limits() {
        Report.Limits l = report.sum().limits();
        title("What fixed limits would have done");
        lines.add(l.anHour() + " messages an hour and " + l.aDay() + " a day, on each host: "
                + count(l.refused(), "message") + " of " + count(l.accounts(), "account") + " refused, "
                + l.accountsOtherwiseUnsuspected() + " of which Postbrake would have left alone");
    }

    private void domains() {
        title("By domain");
        lines.add(String.format(
                Locale.ROOT,
                "%-" + NAME + "s %8s %10s %10s %9s %11s %11s",
                "",
                "accounts",
                "messages",
                "recipients",
                "blocked",
                "mail within",
                "over limits"));
        for (Report.Domain d : first(report.domains())) {
            String name = d.domainOrNull() == null ? "(no domain)" : harmless.apply(d.domainOrNull());
            lines.add(String.format(
                    Locale.ROOT,
                    "%-" + NAME + "s %8d %10d %10d %9d %11d %11d",
                    cut(name),
                    d.accounts(),
                    d.messages(),
                    d.recipients(),
                    d.stoppedAccounts(),
                    d.stoppedMessages(),
                    d.overLimits()));
        }
        more(report.domains().size());
    }

    private void accounts() {
        title("What is normal (half of hours or days with mail / nineteen of twenty / the most)");
        lines.add(String.format(
                Locale.ROOT,
                "%-" + NAME + "s %5s %16s %16s %16s  %s",
                "",
                "days",
                "messages an hour",
                "messages a day",
                "recipients a day",
                "from"));
        for (Report.Account a : first(report.accounts())) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%-" + NAME + "s %5d %16s %16s %16s  %s",
                    cut(harmless.apply(a.account())),
                    a.days(),
                    quantiles(a.messagesAnHour()),
                    quantiles(a.messagesADay()),
                    quantiles(a.recipientsADay()),
                    harmless.apply(String.join(", ", a.places()))));
        }
        more(report.accounts().size());
    }

    private void title(String text) {
        lines.add("");
        lines.add(text);
        lines.add("-".repeat(text.length()));
    }

    private <T> List<T> first(List<T> all) {
        return all.subList(0, Math.min(most, all.size()));
    }

    private void more(int all) {
        if (all > most) {
            lines.add("and " + (all - most) + " more: --format html or json has all, or --top " + all);
        }
    }

    private String minute(Instant at) {
        return minute.format(at);
    }

    private static String quantiles(Report.Quantiles q) {
        return q.median() + " / " + q.p95() + " / " + q.most();
    }

    private static String cut(String name) {
        return name.length() <= NAME ? name : name.substring(0, NAME - 3) + "...";
    }

    static String count(long number, String what) {
        String plural = what.endsWith("s") ? what + "es" : what + "s";
        return String.format(Locale.ROOT, "%,d %s", number, number == 1 ? what : plural);
    }
}
