package io.postbrake.benchmarks.pipeline;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Median, least and greatest of a figure over the rounds. */
record Spread(double median, double least, double greatest) {

    /** Of at least one. */
    static <T> Spread of(List<T> all, ToDoubleFunction<T> figure) {
        double[] sorted = all.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    /** By a format for one number; a dash where there is none. */
    String text(String format) {
        if (Double.isNaN(median)) {
            return "–";
        }
        String middle = String.format(Locale.ROOT, format, median);
        return least == greatest
                ? middle
                : middle + " (" + String.format(Locale.ROOT, format, least) + " to "
                        + String.format(Locale.ROOT, format, greatest) + ")";
    }
}
