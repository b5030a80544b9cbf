package io.postbrake.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A report on a page and as text; what strangers chose stays text. */
class WrittenReportTest {

    private static final String HOSTILE = "\"><script>alert(1)</script>\u202e\u001b[2J'";
    private static final Instant AT = Instant.parse("2026-11-02T08:00:00Z");

    @Test
    void theFactsAreOnThePage() {
        String page = new HtmlReport(report("ann@my-domain.net")).page();

        assertThat(page)
                .contains(
                        "ann@my-domain.net",
                        "51 messages in an hour (risk 0.90)",
                        "5 messages to 20 recipients",
                        "2026-11-02 09:00 to 2026-11-02 10:00",
                        "<title>2026-11-02: 8 messages, 5 within blocks</title>",
                        "Postbrake would have left 2 alone",
                        "prefers-color-scheme: dark");
    }

    @Test
    void thePageFetchesAndRunsNothing() {
        String page = new HtmlReport(report(HOSTILE)).page();

        assertThat(page).doesNotContain("<script", "\u202e", "\u001b", "http://", "https://", "url(", "src=", "href=");
        assertThat(page).contains("default-src 'none'", "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;??[2J&#39;");
    }

    @Test
    void theTextSaysTheSameAndCutsLongTables() {
        List<String> lines = new TextReport(report("ann@my-domain.net"), text -> "<" + text + ">", 1).lines();

        assertThat(lines)
                .contains(
                        "1 account and 0 addresses would have been blocked, with 5 messages within",
                        "2026-11-02 09:00  <ann@my-domain.net>  reject until 2026-11-02 10:00, 5 messages to 20 recipients",
                        "    <51 messages in an hour>",
                        "<ann@my-domain.net>  (would have been blocked)",
                        "    newsletter: 300 recipients",
                        "50 messages an hour and 200 a day, on each host: 40 messages of 3 accounts refused, 2 of which"
                                + " Postbrake would have left alone",
                        "and 1 more: --format html or json has all, or --top 2");
    }

    private static Report report(String name) {
        var stop = new Report.Stop(
                AT,
                AT.plusSeconds(3600),
                "sasl_user",
                name,
                "reject",
                "new-country",
                "51 messages in an hour",
                0.9,
                5,
                20);
        var quantiles = new Report.Quantiles(1, 2, 3);
        var account = new Report.Account(
                name,
                8,
                23,
                1,
                quantiles,
                quantiles,
                quantiles,
                quantiles,
                Collections.nCopies(24, 1L),
                List.of(name),
                1,
                1,
                1,
                40);
        return new Report(
                AT,
                AT.plusSeconds(7200),
                "Europe/Berlin",
                new Report.Sum(1, 8, 23, 4, 1, 0, 5, new Report.Limits(50, 200, 40, 3, 2)),
                List.of(new Report.Day(LocalDate.of(2026, 11, 2), 8, 23, 5)),
                List.of(stop, stop),
                List.of(new Report.Observed("new-country", 2, List.of(name))),
                List.of(account),
                List.of(new Report.Word(name, Report.Word.Kind.NEWSLETTER, "300 recipients", true)),
                List.of(new Report.Domain(name, 1, 8, 23, 1, 5, 40, 1)));
    }
}
