package io.postbrake.benchmarks.pipeline;

import java.util.Locale;
import java.util.Map;

/** Horizontal bars as SVG, legible on light and dark pages. */
final class Bars {
    private static final int ROW = 26;
    private static final int NAMES = 330;
    private static final int WIDTH = 860;

    private Bars() {}

    /** One bar for each name, in this order. */
    static String svg(String title, Map<String, Double> bars) {
        double most = bars.values().stream().mapToDouble(d -> d).max().orElse(1);
        int height = ROW * (bars.size() + 1) + 10;
        var svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#777\">%n"
                        + "<title>%s</title>%n<text x=\"%d\" y=\"16\">%s</text>%n",
                WIDTH,
                height,
                escaped(title),
                NAMES,
                escaped(title)));
        int y = ROW;
        for (Map.Entry<String, Double> bar : bars.entrySet()) {
            double length = bar.getValue() / most * (WIDTH - NAMES - 60);
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text><rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#4a7fb5\"/>"
                            + "<text x=\"%.1f\" y=\"%d\">%.1f</text>%n",
                    NAMES - 8,
                    y + 16,
                    escaped(bar.getKey()),
                    NAMES,
                    y + 3,
                    length,
                    ROW - 8,
                    NAMES + length + 6,
                    y + 16,
                    bar.getValue()));
            y += ROW;
        }
        return svg.append("</svg>\n").toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
