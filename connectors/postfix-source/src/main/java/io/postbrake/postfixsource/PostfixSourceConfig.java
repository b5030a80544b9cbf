package io.postbrake.postfixsource;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/** The shipper's settings. */
final class PostfixSourceConfig extends AbstractConfig {

    static final String LOG_PATHS = "log.paths";
    static final String HOST_ID = "host.id";
    static final String STATE_DIR = "state.dir";
    static final String TOPIC = "topic";
    static final String ZONE = "log.zone";
    static final String POLL_INTERVAL = "poll.interval.ms";
    static final String LINE_MAX = "line.max.bytes";
    static final String QUARANTINE_MAX = "quarantine.max.bytes";

    PostfixSourceConfig(Map<String, String> settings) {
        super(definition(), settings);
        zone();
    }

    static ConfigDef definition() {
        return new ConfigDef()
                .define(
                        LOG_PATHS,
                        Type.LIST,
                        ConfigDef.NO_DEFAULT_VALUE,
                        Importance.HIGH,
                        "Postfix logs of this host, as syslog names them.")
                .define(
                        HOST_ID,
                        Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new NonEmptyString(),
                        Importance.HIGH,
                        "Id of this mail host, unique in the fleet.")
                .define(
                        STATE_DIR,
                        Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new NonEmptyString(),
                        Importance.HIGH,
                        "Directory of checkpoints and of the quarantine file.")
                .define(
                        TOPIC,
                        Type.STRING,
                        "mail.events.v1",
                        new NonEmptyString(),
                        Importance.LOW,
                        "Topic of the events.")
                .define(ZONE, Type.STRING, "system", Importance.MEDIUM, "Zone of stamps that have none, or 'system'.")
                .define(
                        POLL_INTERVAL,
                        Type.LONG,
                        50L,
                        Range.between(1, 60_000),
                        Importance.LOW,
                        "Milliseconds between looks at an idle log.")
                .define(
                        LINE_MAX,
                        Type.INT,
                        65_536,
                        Range.between(1024, 1 << 24),
                        Importance.LOW,
                        "Longest line kept whole, in bytes.")
                .define(
                        QUARANTINE_MAX,
                        Type.LONG,
                        16L * 1024 * 1024,
                        Range.atLeast(0),
                        Importance.LOW,
                        "Most bytes of text kept that could not be understood.");
    }

    List<Path> logs() {
        return getList(LOG_PATHS).stream().map(Path::of).toList();
    }

    Path stateDir() {
        return Path.of(getString(STATE_DIR));
    }

    Duration pollInterval() {
        return Duration.ofMillis(getLong(POLL_INTERVAL));
    }

    ZoneId zone() {
        String zone = getString(ZONE);
        try {
            return zone.equals("system") ? ZoneId.systemDefault() : ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw new ConfigException(ZONE, zone, "give a zone such as Europe/Berlin or +02:00, or 'system'");
        }
    }
}
