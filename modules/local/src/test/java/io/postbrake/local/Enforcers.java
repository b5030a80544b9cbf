package io.postbrake.local;

import io.postbrake.agent.ConnectWorker;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.wire.PostbrakeConverter;
import io.postbrake.wire.Topics;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.storage.StringConverter;

/** Enforcers of one or many hosts in a Connect worker of this process, without a detector anywhere. */
final class Enforcers implements AutoCloseable {

    private final ConnectWorker worker;
    private final String bootstrap;
    private final String registryUrl;

    Enforcers(String bootstrap, String registryUrl, Path offsets) {
        this.bootstrap = bootstrap;
        this.registryUrl = registryUrl;
        Map<String, String> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("offset.storage.file.filename", offsets.toString());
        settings.put("offset.flush.interval.ms", "1000");
        settings.put("key.converter", StringConverter.class.getName());
        settings.put("value.converter", PostbrakeConverter.class.getName());
        settings.put("value.converter.schema.registry.url", registryUrl);
        settings.put("consumer.fetch.min.bytes", "1");
        worker = new ConnectWorker(settings);
    }

    void run(String hostId, PostfixHost postfix) {
        run(
                hostId,
                postfix.map(),
                Map.of(
                        "policy.log.paths", postfix.logFile().toString(),
                        "policy.postfix.config.directories",
                                postfix.configuration().toString()));
    }

    void run(String hostId, Path map, Map<String, String> more) {
        Map<String, String> c = new HashMap<>();
        c.put("name", "policy-sink-" + hostId);
        c.put("connector.class", "io.postbrake.policysink.PolicySinkConnector");
        c.put("tasks.max", "1");
        c.put("topics", Topics.BLOCKS.name() + "," + Topics.OVERRIDES.name());
        c.put("consumer.override.isolation.level", "read_committed");
        c.put("consumer.override.auto.offset.reset", "earliest");
        c.put("policy.bootstrap.servers", bootstrap);
        c.put("policy.host.id", hostId);
        c.put("policy.registry.url", registryUrl);
        c.put("policy.report.interval.ms", "1000");
        c.put("policy.map.path", map.toString());
        c.put("policy.postfix.config.directories", "");
        c.putAll(more);
        worker.run(c);
    }

    @Override
    public void close() {
        worker.close();
    }
}
