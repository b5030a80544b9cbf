package io.postbrake.policysink;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;

/** The enforcer's settings. */
final class PolicySinkConfig extends AbstractConfig {

    static final String MAP_PATH = "policy.map.path";
    static final String MAP_SIZE = "policy.map.size";
    static final String BLOCKS_TOPIC = "policy.blocks.topic";
    static final String OVERRIDES_TOPIC = "policy.overrides.topic";
    static final String BOOTSTRAP = "policy.bootstrap.servers";
    private static final String CLIENT = "policy.consumer.";

    private static final long MEBIBYTE = 1024L * 1024;

    PolicySinkConfig(Map<String, String> settings) {
        super(definition(), settings);
    }

    static ConfigDef definition() {
        return new ConfigDef()
                .define(
                        MAP_PATH,
                        Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new NonEmptyString(),
                        Importance.HIGH,
                        "File of the LMDB map that Postfix consults, with its ending .lmdb.")
                .define(
                        MAP_SIZE,
                        Type.LONG,
                        1024 * MEBIBYTE,
                        Range.atLeast(MEBIBYTE),
                        Importance.LOW,
                        "Most bytes that the map may grow to.")
                .define(
                        BLOCKS_TOPIC,
                        Type.STRING,
                        "abuse.blocks.v1",
                        new NonEmptyString(),
                        Importance.LOW,
                        "Compacted topic of blocks.")
                .define(
                        OVERRIDES_TOPIC,
                        Type.STRING,
                        "abuse.overrides.v1",
                        new NonEmptyString(),
                        Importance.LOW,
                        "Compacted topic of operators' words.")
                .define(
                        BOOTSTRAP,
                        Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new NonEmptyString(),
                        Importance.HIGH,
                        "Brokers, to learn where the topics end; client settings with the prefix policy.consumer.");
    }

    Path mapPath() {
        return Path.of(getString(MAP_PATH));
    }

    Map<String, Object> client() {
        Map<String, Object> result = new HashMap<>(originalsWithPrefix(CLIENT));
        result.put("bootstrap.servers", getString(BOOTSTRAP));
        return result;
    }
}
