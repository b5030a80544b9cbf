package io.postbrake.alertmanagersink;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which states of incidents are worth a mail: a new one, one that is worse than what was told, and an end. */
final class News {

    private static final List<String> ACTIONS = List.of("observe", "hold", "defer", "reject");

    /**
     * What was said last.
     *
     * @param offset of the record that was settled
     * @param worst how bad it was then; below 0 when it was never told
     */
    private record Last(long offset, int worst) {}

    private final boolean ends;
    private final Map<String, Last> last = new HashMap<>();

    News(boolean ends) {
        this.ends = ends;
    }

    void forgetOthersThan(Set<String> incidents) {
        last.keySet().retainAll(incidents);
    }

    /** Whether nothing has been decided on this record yet. */
    boolean undecided(Board.Report report) {
        Last l = last.get(report.incident().id());
        return report.waiting() && (l == null || l.offset() != report.offset());
    }

    /** {@code owner}: who hears only that the account was stopped, and that it can send again. */
    boolean worthTelling(Board.Report report, boolean owner) {
        Incident i = report.incident();
        Last l = last.get(i.id());
        boolean told = l == null ? report.announced() : l.worst() >= 0;
        if (i.resolved()) {
            // A theft that was over before anybody could be told is told all the same.
            return told ? ends : !owner;
        }
        if (owner && !stopped(i)) {
            return false;
        }
        return l == null || rank(i) > l.worst();
    }

    void settled(Board.Report report, boolean told) {
        Last l = last.get(report.incident().id());
        int before = l == null ? -1 : l.worst();
        last.put(
                report.incident().id(),
                new Last(report.offset(), told ? Math.max(before, rank(report.incident())) : before));
    }

    /** Whether mail of the subject does not pass. */
    static boolean stopped(Incident i) {
        return !i.resolved() && ACTIONS.indexOf(i.text("action")) > 0;
    }

    private static int rank(Incident i) {
        return Incident.SEVERITIES.indexOf(i.severity()) * ACTIONS.size()
                + Math.max(0, ACTIONS.indexOf(i.text("action")));
    }
}
