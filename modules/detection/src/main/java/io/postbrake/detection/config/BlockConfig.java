package io.postbrake.detection.config;

import io.postbrake.detection.parameter.Parameters;
import java.time.Duration;

/**
 * How long blocks last.
 *
 * @param hold block.ttl.hold
 * @param defer block.ttl.defer
 * @param reject block.ttl.reject
 * @param longest block.ttl.longest: what the doubling of repeated blocks ends at
 * @param repeatWithin block.repeat.within: a block that begins so soon after the last one is a repeated one
 */
public record BlockConfig(Duration hold, Duration defer, Duration reject, Duration longest, Duration repeatWithin) {

    BlockConfig(Parameters p) {
        this(
                p.lasting("block.ttl.hold", "1h"),
                p.lasting("block.ttl.defer", "4h"),
                p.lasting("block.ttl.reject", "24h"),
                p.lasting("block.ttl.longest", "7d"),
                p.lasting("block.repeat.within", "7d"));
        if (longest.compareTo(reject) < 0) {
            p.bad("block.ttl.longest", longest, "at least block.ttl.reject (" + reject + ")");
        }
    }
}
