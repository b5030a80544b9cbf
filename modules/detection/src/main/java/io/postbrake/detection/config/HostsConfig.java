package io.postbrake.detection.config;

import io.postbrake.detection.parameter.Parameters;
import java.time.Duration;

/**
 * When a mail host is not well.
 *
 * @param confirmWithin hosts.confirm.within: how long a host may take to confirm a block
 * @param silentAfter hosts.silent.after: a host that says nothing for so long is not well
 * @param forgetAfter hosts.forget.after: a host that says nothing for so long is no host any more
 */
public record HostsConfig(Duration confirmWithin, Duration silentAfter, Duration forgetAfter) {

    HostsConfig(Parameters p) {
        this(
                p.lasting("hosts.confirm.within", "10s"),
                p.lasting("hosts.silent.after", "60s"),
                p.duration("hosts.forget.after", "1d"));
        if (forgetAfter.compareTo(silentAfter) <= 0) {
            p.bad("hosts.forget.after", forgetAfter, "longer than hosts.silent.after (" + silentAfter + ")");
        }
    }
}
