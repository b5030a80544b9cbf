package io.postbrake.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The report as one page that fetches nothing, runs nothing and fits a telephone. */
public final class HtmlReport {

    private static final int MOST = 500;

    private final Report report;
    private final DateTimeFormatter minute;
    private final Html page = new Html();

    /** Writes {@code report}. */
    public HtmlReport(Report report) {
        this.report = report;
        this.minute =
                DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneId.of(report.zone()));
    }

    /** The whole page. */
    public String page() {
        page.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                + "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Postbrake report</title>\n<style>");
        page.raw(style()).raw("</style></head>\n<body><main>\n");
        head();
        stops();
        observed();
        words();
        limits();
        domains();
        accounts();
        return page.raw("</main></body></html>\n").toString();
    }

    private static String style() {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream("report.css"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void head() {
        Report.Sum s = report.sum();
        page.element("h1", "What Postbrake would have done");
        page.element("p", minute(report.from()) + " to " + minute(report.to()) + ", times in " + report.zone());
        page.raw("<dl class=\"cards\">");
        card("accounts that sent", s.accounts());
        card("messages", s.messages());
        card("recipients", s.recipients());
        card("failed logins", s.failedLogins());
        card("accounts blocked", s.stoppedAccounts());
        card("addresses blocked", s.stoppedAddresses());
        card("messages within blocks", s.stoppedMessages());
        page.raw("</dl>\n");
        Plots.days(page, report.days());
    }

    private void card(String what, long number) {
        page.raw("<div><dt>").text(what).raw("</dt><dd>" + number(number) + "</dd></div>");
    }

    private void stops() {
        page.element("h2", "What would have been blocked, and why");
        if (report.stops().isEmpty()) {
            page.element("p", "Nothing.");
            return;
        }
        table("When", "Who", "What", "Why", "Mail within");
        for (Report.Stop stop : first(report.stops())) {
            page.raw("<tr>");
            cell("When", minute(stop.at()) + " to " + minute(stop.until()));
            longCell("Who", stop.subject());
            cell("What", stop.action());
            longCell("Why", stop.why() + String.format(Locale.ROOT, " (risk %.2f)", stop.score()));
            cell(
                    "Mail within",
                    TextReport.count(stop.messages(), "message") + " to "
                            + TextReport.count(stop.recipients(), "recipient"));
            page.raw("</tr>\n");
        }
        end(report.stops().size());
    }

    private void observed() {
        page.element("h2", "What was noticed and would not have been blocked");
        if (report.observed().isEmpty()) {
            page.element("p", "Nothing.");
            return;
        }
        long most = report.observed().get(0).incidents();
        table("Detector", "Incidents", "Such as");
        for (Report.Observed o : report.observed()) {
            page.raw("<tr>");
            cell("Detector", o.detector());
            numberCell("Incidents", o.incidents(), "bar", most);
            longCell("Such as", String.join(", ", o.examples()));
            page.raw("</tr>\n");
        }
        end(0);
    }

    private void words() {
        page.element("h2", "Accounts that need a word");
        if (report.words().isEmpty()) {
            page.element("p", "None.");
            return;
        }
        table("Account", "Looks like", "Seen", "What to do");
        for (Report.Word w : first(report.words())) {
            page.raw(w.wouldBeStopped() ? "<tr class=\"warn\">" : "<tr>");
            longCell("Account", w.account() + (w.wouldBeStopped() ? " (would have been blocked)" : ""));
            cell("Looks like", w.kind().name().toLowerCase(Locale.ROOT));
            longCell("Seen", w.seen());
            longCell("What to do", w.kind().advice());
            page.raw("</tr>\n");
        }
        end(report.words().size());
    }

    private void limits() {
        Report.Limits l = report.sum().limits();
        Report.Sum s = report.sum();
        page.element("h2", "What fixed limits would have done");
        page.element(
                "p",
                l.anHour() + " messages an hour and " + l.aDay() + " a day, counted by each host. Of the accounts that"
                        + " meet them, Postbrake would have left " + l.accountsOtherwiseUnsuspected() + " alone.");
        long most = Math.max(l.accounts(), s.stoppedAccounts());
        table("", "Accounts", "Messages");
        page.raw("<tr>");
        cell("", "Fixed limits");
        numberCell("Accounts", l.accounts(), "bar", most);
        cell("Messages", number(l.refused()) + " refused");
        page.raw("</tr>\n<tr>");
        cell("", "Postbrake");
        numberCell("Accounts", s.stoppedAccounts(), "hot", most);
        cell("Messages", number(s.stoppedMessages()) + " within blocks");
        page.raw("</tr>\n");
        end(0);
    }

    private void domains() {
        page.element("h2", "By domain");
        long most = report.domains().stream()
                .mapToLong(Report.Domain::messages)
                .max()
                .orElse(0);
        table("Domain", "Accounts", "Messages", "Recipients", "Blocked", "Mail within", "Over limits");
        for (Report.Domain d : first(report.domains())) {
            page.raw("<tr>");
            longCell("Domain", d.domainOrNull() == null ? "(no domain)" : d.domainOrNull());
            cell("Accounts", number(d.accounts()));
            numberCell("Messages", d.messages(), "bar", most);
            cell("Recipients", number(d.recipients()));
            cell("Blocked", number(d.stoppedAccounts()));
            cell("Mail within", number(d.stoppedMessages()));
            cell("Over limits", number(d.overLimits()));
            page.raw("</tr>\n");
        }
        end(report.domains().size());
    }

    private void accounts() {
        page.element("h2", "What is normal");
        page.element(
                "p",
                "Half of the hours or days with mail have at most the first number, nineteen of twenty at most the second;"
                        + " the third is the most. The strip shows the 24 hours of the day.");
        table(
                "Account",
                "Days",
                "Messages an hour",
                "Messages a day",
                "Recipients an hour",
                "Recipients a day",
                "Hours",
                "From");
        for (Report.Account a : first(report.accounts())) {
            page.raw(a.stops() > 0 ? "<tr class=\"warn\">" : "<tr>");
            longCell("Account", a.account());
            cell("Days", number(a.days()));
            cell("Messages an hour", quantiles(a.messagesAnHour()));
            cell("Messages a day", quantiles(a.messagesADay()));
            cell("Recipients an hour", quantiles(a.recipientsAnHour()));
            cell("Recipients a day", quantiles(a.recipientsADay()));
            page.raw("<td data-l=\"Hours\">");
            Plots.hours(page, a.hours());
            page.raw("</td>");
            longCell("From", String.join(", ", a.places()) + " (" + TextReport.count(a.networks(), "network") + ")");
            page.raw("</tr>\n");
        }
        end(report.accounts().size());
    }

    private void table(String... heads) {
        page.raw("<table><thead><tr>");
        for (String head : heads) {
            page.raw("<th scope=\"col\">").text(head).raw("</th>");
        }
        page.raw("</tr></thead><tbody>\n");
    }

    private void end(int rows) {
        page.raw("</tbody></table>\n");
        if (rows > MOST) {
            page.element("p", "and " + (rows - MOST) + " more: --format json has all");
        }
    }

    private void cell(String head, String text) {
        page.raw("<td data-l=\"" + head + "\">").text(text).raw("</td>");
    }

    /** Of anybody's text, which may be one long word. */
    private void longCell(String head, String text) {
        page.raw("<td class=\"long\" data-l=\"" + head + "\">").text(text).raw("</td>");
    }

    private void numberCell(String head, long value, String kind, long most) {
        page.raw("<td data-l=\"" + head + "\">" + number(value));
        Plots.bar(page, kind, value, most);
        page.raw("</td>");
    }

    private static <T> List<T> first(List<T> all) {
        return all.subList(0, Math.min(MOST, all.size()));
    }

    private static String quantiles(Report.Quantiles q) {
        return q.median() + " / " + q.p95() + " / " + q.most();
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private String minute(Instant at) {
        return minute.format(at);
    }
}
