package io.postbrake.report;

import java.util.List;
import java.util.Locale;

/**
 * Plots as SVG within a page, without a text in them: they are as wide as there is room, and words beside them must keep
 * their size. Colours are the page's.
 */
final class Plots {

    private static final int HEIGHT = 120;

    private Plots() {}

    /** Messages a day; what would have been within blocks stands on top. */
    static void days(Html page, List<Report.Day> days) {
        long most = days.stream().mapToLong(Plots::all).max().orElse(0);
        if (most == 0) {
            return;
        }
        page.raw(
                "<figure><figcaption>Messages a day, at most " + String.format(Locale.ROOT, "%,d", most)
                        + " <span class=\"key\"><i class=\"bar\"></i> sent <i class=\"hot\"></i> within blocks</span></figcaption>\n");
        page.raw("<svg class=\"days\" role=\"img\" aria-label=\"Messages a day from "
                + days.get(0).day() + " to "
                + days.get(days.size() - 1).day() + "\" viewBox=\"0 0 " + days.size() * 10 + " " + HEIGHT
                + "\" preserveAspectRatio=\"none\">\n");
        for (int i = 0; i < days.size(); i++) {
            Report.Day d = days.get(i);
            double hot = share(d.stopped(), most);
            double bar = share(all(d) - d.stopped(), most);
            page.raw("<g><title>").text(d.day() + ": " + all(d) + " messages, " + d.stopped() + " within blocks");
            page.raw("</title>");
            rectangle(page, "bar", i * 10 + 1, HEIGHT - bar, 8, bar);
            rectangle(page, "hot", i * 10 + 1, HEIGHT - bar - hot, 8, hot);
            page.raw("</g>\n");
        }
        page.raw("</svg><div class=\"ends\"><span>" + days.get(0).day() + "</span><span>"
                + days.get(days.size() - 1).day() + "</span></div></figure>\n");
    }

    /** Mail within blocks was sent where nothing was enforced, and refused where it was. */
    private static long all(Report.Day d) {
        return Math.max(d.messages(), d.stopped());
    }

    private static double share(long value, long most) {
        return HEIGHT * (double) value / most;
    }

    private static void rectangle(Html page, String kind, int x, double y, int width, double height) {
        if (height > 0) {
            page.raw(String.format(
                    Locale.ROOT,
                    "<rect class=\"%s\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>",
                    kind,
                    x,
                    y,
                    width,
                    height));
        }
    }

    /** At which hours of the day, as 24 cells that are the darker the more was sent. */
    static void hours(Html page, List<Long> hours) {
        long most = hours.stream().mapToLong(h -> h).max().orElse(0);
        page.raw("<svg class=\"hours\" role=\"img\" aria-label=\"Messages by hour of the day\" viewBox=\"0 0 24 4\""
                + " preserveAspectRatio=\"none\">");
        for (int i = 0; i < hours.size(); i++) {
            if (hours.get(i) > 0) {
                page.raw(String.format(
                        Locale.ROOT,
                        "<rect class=\"bar\" x=\"%d\" y=\"0\" width=\"1\" height=\"4\" opacity=\"%.2f\"><title>%02d:00 %d</title></rect>",
                        i,
                        0.25 + 0.75 * hours.get(i) / most,
                        i,
                        hours.get(i)));
            }
        }
        page.raw("</svg>");
    }

    /** A bar beside a number. */
    static void bar(Html page, String kind, long value, long most) {
        page.raw(String.format(
                Locale.ROOT,
                "<svg class=\"share\" aria-hidden=\"true\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\"><rect class=\"%s\" width=\"%.1f\" height=\"4\"/></svg>",
                kind,
                most == 0 ? 0 : 100.0 * value / most));
    }
}
