package io.postbrake.app;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.postbrake.geo.AddressLists;
import io.postbrake.geo.MaxMindGeo;
import io.postbrake.streams.DetectorTopology;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;

/** The numbers of the service itself: JVM, Kafka clients, lag, state, what it waits for. */
final class ServiceMeters implements AutoCloseable {

    private static final Set<String> SECOND_NAMES = Stream.concat(
                    Topics.all().stream().map(Topic::name), Stream.of(Topics.RAW_LINES, Topics.DEAD_LETTER))
            .map(name -> name.replace('.', '_'))
            .collect(Collectors.toUnmodifiableSet());

    private final MeterRegistry registry;
    private final Counter replaced;
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private KafkaStreamsMetrics streamsMetrics;

    ServiceMeters(MeterRegistry registry) {
        this.registry = registry;
        registry.config().meterFilter(MeterFilter.deny(ServiceMeters::isSecondName));
        new JvmMemoryMetrics().bindTo(registry);
        gc.bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        replaced = Counter.builder("postbrake.threads.replaced")
                .description("Stream threads that failed and were replaced")
                .register(registry);
    }

    /** Kafka's consumers count a topic with dots in its name twice, a second time with underscores as before 4.1 (KIP-1109). */
    private static boolean isSecondName(Meter.Id id) {
        String topic = id.getName().startsWith("kafka.consumer.") ? id.getTag("topic") : null;
        return topic != null && SECOND_NAMES.contains(topic);
    }

    void schemas(ConfluentSchemaRegistry schemas) {
        FunctionCounter.builder("postbrake.registry.retries", schemas, ConfluentSchemaRegistry::retries)
                .description("Requests repeated because the schema registry was unavailable")
                .register(registry);
    }

    void deadLetters(DeadLetterProducer letters) {
        FunctionCounter.builder("postbrake.dead.letters.lost", letters, DeadLetterProducer::lost)
                .description("Records put aside whose dead letter could not be written")
                .register(registry);
    }

    void geography(MaxMindGeo geoOrNull) {
        gauge(
                "postbrake.geo.problems",
                "Geography files that could not be reloaded",
                () -> geoOrNull == null ? 0 : geoOrNull.problems().size());
        if (geoOrNull != null) {
            FunctionCounter.builder("postbrake.geo.failures", geoOrNull, MaxMindGeo::failures)
                    .description("Lookups that a geography file did not answer because it is broken")
                    .register(registry);
            FunctionCounter.builder("postbrake.geo.lookups", geoOrNull, MaxMindGeo::lookups)
                    .description("Lookups of addresses on the Internet")
                    .register(registry);
            FunctionCounter.builder("postbrake.geo.unknown", geoOrNull, MaxMindGeo::unknown)
                    .description("Lookups of addresses on the Internet of which no geography file knew anything")
                    .register(registry);
        }
    }

    /** Of each list by its name: entries, lines that were none, and its age. */
    void reputation(AddressLists lists) {
        gauge(
                "postbrake.reputation.problems",
                "Lists of addresses that could not be taken up",
                () -> lists.problems().size());
        for (String list : lists.states().keySet()) {
            of(
                    list,
                    "postbrake.reputation.entries",
                    "Entries of a list; -1 where they are not counted",
                    () -> lists.states().get(list).entries());
            of(
                    list,
                    "postbrake.reputation.bad.lines",
                    "Lines of a list that were no entries",
                    () -> lists.states().get(list).badLines());
            of(
                    list,
                    "postbrake.reputation.age.seconds",
                    "Time since a list was made",
                    () -> Duration.between(lists.states().get(list).builtAt(), Instant.now())
                            .toSeconds());
        }
    }

    private void of(String list, String name, String description, Supplier<Number> number) {
        Gauge.builder(name, number).description(description).tag("list", list).register(registry);
    }

    void control(DetectorTopology topology) {
        FunctionCounter.builder("postbrake.control.taken", topology, DetectorTopology::takenControls)
                .description("Records of the control topic that were taken up, at the start or since")
                .register(registry);
        FunctionCounter.builder("postbrake.control.refused", topology, DetectorTopology::refusedControls)
                .description("Records of the control topic that were wrong and changed nothing")
                .register(registry);
    }

    void health(Health health, Restoration restoration) {
        gauge(
                "postbrake.ready",
                "1 while events are being judged",
                () -> health.ready().good() ? 1 : 0);
        gauge(
                "postbrake.live",
                "0 when only a new process helps",
                () -> health.live().good() ? 1 : 0);
        gauge("postbrake.restoring.records", "Records of state still to be read back", restoration::records);
    }

    void threadReplaced() {
        replaced.increment();
    }

    /** The topology begins. */
    void streams(KafkaStreams streams) {
        streamsMetrics = new KafkaStreamsMetrics(streams);
        streamsMetrics.bindTo(registry);
        gauge("postbrake.threads.alive", "Stream threads that are alive", () -> Health.threads(streams));
        for (String source : DetectorTopology.sources()) {
            Gauge.builder("postbrake.lag.records", () -> lag(streams, source))
                    .description("Records of this instance's partitions that are not processed yet")
                    .tag("topic", source)
                    .register(registry);
        }
        for (String store : DetectorTopology.STORES) {
            Gauge.builder("postbrake.state.entries", () -> entries(streams, store))
                    .description("Entries of a state store on this instance")
                    .tag("store", store)
                    .register(registry);
        }
    }

    /** End of the partitions less what is committed. With transactions the marker of the last commit may count as one. */
    private static long lag(KafkaStreams streams, String source) {
        return streams.metadataForLocalThreads().stream()
                .flatMap(thread -> thread.activeTasks().stream())
                .mapToLong(task -> lag(task, source))
                .sum();
    }

    private static long lag(TaskMetadata task, String source) {
        Map<TopicPartition, Long> ends = task.endOffsets();
        Map<TopicPartition, Long> committed = task.committedOffsets();
        return ends.entrySet().stream()
                .filter(end -> DetectorTopology.source(end.getKey().topic())
                        .filter(source::equals)
                        .isPresent())
                .mapToLong(end -> Math.max(0, end.getValue() - Math.max(0, committed.getOrDefault(end.getKey(), 0L))))
                .sum();
    }

    private static double entries(KafkaStreams streams, String store) {
        try {
            return streams.store(StoreQueryParameters.fromNameAndType(store, QueryableStoreTypes.keyValueStore()))
                    .approximateNumEntries();
        } catch (InvalidStateStoreException | IllegalStateException e) {
            return Double.NaN; // Not open: neither empty nor full.
        }
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    /** Ends what listens; the numbers are gone with the registry. */
    @Override
    public void close() {
        if (streamsMetrics != null) {
            streamsMetrics.close();
        }
        gc.close();
    }
}
