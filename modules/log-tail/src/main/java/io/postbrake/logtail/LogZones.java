package io.postbrake.logtail;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/**
 * Which zone the stamps of a log are in that name none: one for all, and others for the logs that a pattern means, such as
 * those of containers, which keep UTC.
 */
public final class LogZones {

    private record Rule(LogPattern logs, ZoneId zone) {}

    private final List<Rule> rules = new ArrayList<>();
    private ZoneId others;

    /**
     * Takes {@code ZONE} and {@code /PATH=ZONE}, where the path may be a pattern and the first one that fits counts. Without a
     * zone of their own, logs have the system's.
     *
     * @throws IllegalArgumentException saying what would be right
     */
    public LogZones(List<String> entries) {
        for (String entry : entries) {
            int equals = entry.lastIndexOf('=');
            if (entry.startsWith("/") && equals > 0) {
                rules.add(new Rule(
                        new LogPattern(entry.substring(0, equals).strip()),
                        zone(entry.substring(equals + 1).strip())));
            } else if (others != null) {
                throw new IllegalArgumentException(
                        "'" + entry + "' is a second zone for all: give others as /path/of/a.log=ZONE");
            } else {
                others = zone(entry.strip());
            }
        }
        if (others == null) {
            others = ZoneId.systemDefault();
        }
    }

    private static ZoneId zone(String zone) {
        try {
            return zone.equals("system") ? ZoneId.systemDefault() : ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "'" + zone + "' is no zone: give one such as Europe/Berlin, UTC or +02:00, or"
                            + " 'system', and for some logs only /path/of/a.log=ZONE",
                    e);
        }
    }

    /** The zone of this log. */
    public ZoneId of(Path log) {
        return rules.stream()
                .filter(rule -> rule.logs().matches(log))
                .map(Rule::zone)
                .findFirst()
                .orElse(others);
    }

    /** The zone of logs without one of their own, and of what comes by syslog. */
    public ZoneId others() {
        return others;
    }
}
