package io.postbrake.detection.config;

import io.postbrake.detection.parameter.Parameters;
import java.time.Duration;

/**
 * How long incidents go on, how long their alerts are kept, and what these say beside the evidence.
 *
 * @param quiet incident.quiet: after so long without evidence an incident is over
 * @param keep alert.keep: how long the alert of an incident that ended is kept
 * @param runbooks alert.runbooks: folder or URL of the runbooks that alerts point to, with a slash at its end
 * @param severity how severe they are at most
 */
public record AlertConfig(Duration quiet, Duration keep, String runbooks, SeverityConfig severity) {

    AlertConfig(Parameters p) {
        this(
                p.lasting("incident.quiet", "1h"),
                p.lasting("alert.keep", "7d"),
                p.folder("alert.runbooks", "docs/runbooks/"),
                new SeverityConfig(p));
    }
}
