package io.postbrake.streams;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.control.Control;
import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.correlation.Correlator;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.detection.hosts.HostWatch;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.geo.GeoLookup;
import io.postbrake.state.HostsState;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.SubjectState;
import io.postbrake.state.Watermark;
import io.postbrake.subject.Logins;
import io.postbrake.wire.Bounds;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.DslStoreFormat;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;
import org.apache.kafka.streams.state.DslKeyValueParams;
import org.apache.kafka.streams.state.DslStoreSuppliers;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The detector: events are correlated per host, what comes of them is judged per subject, and each judgement goes to its
 * topic. {@code partitions} is the partition count that the findings and overrides topics share with the repartition by
 * subject, so that all of a subject meets in one task. Profiles are kept where {@code dsl.store.suppliers.class} of the
 * configuration says, in memory without it.
 */
public final class DetectorTopology implements Supplier<Topology> {

    /** Names of the state stores. */
    public static final List<String> STORES = List.of(
            CorrelateProcessor.MESSAGES,
            CorrelateProcessor.WATERMARKS,
            SubjectProcessor.STATES,
            HostProcessor.STORE,
            HostReports.STORE,
            EndedIncidents.STORE);

    /** The store of what is remembered of each subject, by its key. */
    public static final String SUBJECT_STATES = SubjectProcessor.STATES;

    /** The store of the watch over hosts, under {@link HostWatch#KEY}. */
    public static final String HOSTS = HostProcessor.STORE;

    /** What a subject's key begins with, before its colon. */
    public static final List<String> SUBJECT_TYPES =
            List.of("sasl_user", "client_ip", "client_net", "local_user", "relay_sender", "auth_server", "front_end");

    private static final String BY_SUBJECT = "by-subject";
    private static final String WAITING_MAIL = "waiting-mail-by-subject";
    private static final String ALL_HOSTS = "all-hosts";
    private static final String REPARTITION = "-repartition";

    private final Properties config;
    private final int partitions;
    private final SchemaRegistry registry;
    private final GeoLookup geo;
    private final DetectionConfig detection;
    private final DetectorMeters meters;
    private final RawLines rawLines;
    private final RuntimeConfigHolder panel;

    /** Without the topic of raw lines. */
    public DetectorTopology(
            Properties config,
            int partitions,
            SchemaRegistry registry,
            GeoLookup geo,
            DetectionConfig detection,
            DetectorMeters meters) {
        this(config, partitions, registry, geo, detection, meters, null);
    }

    /** {@code rawLinesOrNull} says how lines are read that others shipped. */
    public DetectorTopology(
            Properties config,
            int partitions,
            SchemaRegistry registry,
            GeoLookup geo,
            DetectionConfig detection,
            DetectorMeters meters,
            RawLines rawLinesOrNull) {
        this.config = config;
        this.partitions = partitions;
        this.registry = registry;
        this.geo = geo;
        this.detection = detection;
        this.panel = new RuntimeConfigHolder(detection);
        this.meters = meters;
        this.rawLines = rawLinesOrNull;
    }

    /** Names of what the topology reads: topics, and the repartitions without what Streams puts around their names. */
    public static Set<String> sources() {
        return Set.of(
                Topics.MAIL_EVENTS.name(),
                Topics.FINDINGS.name(),
                Topics.OVERRIDES.name(),
                Topics.ENFORCEMENT.name(),
                Topics.PROFILES.name(),
                Topics.RAW_LINES,
                ALL_HOSTS,
                BY_SUBJECT,
                WAITING_MAIL);
    }

    /** Which of the {@link #sources} the topic {@code name} on the brokers is; empty when none. */
    public static Optional<String> source(String name) {
        return sources().stream()
                .filter(source -> name.equals(source) || name.endsWith("-" + source + REPARTITION))
                .max(Comparator.comparingInt(String::length)); // One name may be the end of another.
    }

    /** Whether this is the topic whose partitions are those of the subjects. */
    public static boolean isBySubject(String topic) {
        return source(topic).filter(BY_SUBJECT::equals).isPresent();
    }

    /** Records of the control topic that are or were in force, those read at the start too. */
    public long takenControls() {
        return panel.taken();
    }

    /** Records of the control topic that were refused because they are wrong. */
    public long refusedControls() {
        return panel.refused();
    }

    @Override
    public Topology get() {
        var builder = new StreamsBuilder(new TopologyConfig(new StreamsConfig(config)));
        control(builder);
        if (rawLines != null) {
            publish(rawLines.events(builder), Topics.MAIL_EVENTS);
        }
        KStream<String, Submission> submissions = correlate(builder);
        publish(
                submissions.selectKey((host, s) -> submissionKey(s), Named.as("key-by-account")),
                Topics.MAIL_SUBMISSIONS);
        KStream<String, EnforcementReport> reports = consume(builder, Topics.ENFORCEMENT)
                .filter((key, report) -> report != null, Named.as("reports-of-hosts"));
        KStream<String, OperatorOverride> said = consume(builder, Topics.OVERRIDES);
        KStream<String, OperatorOverride> words =
                said.filter((key, word) -> key != null && SubjectKeys.isSubject(key), Named.as("about-subjects"));
        KStream<String, SubjectOutput> outputs = judge(
                builder,
                bySubject(submissions)
                        .merge(opinions(builder), Named.as("with-opinions"))
                        .merge(words(words), Named.as("with-words"))
                        .merge(forgetting(said), Named.as("with-forgetting"))
                        .merge(waiting(reports), Named.as("with-waiting-mail"))
                        .merge(profiles(builder), Named.as("with-profiles")));
        remember(builder, reports, outputs);
        findings(outputs)
                .to(
                        Topics.FINDINGS.name(),
                        Produced.with(Serdes.String(), WireSerde.of(registry, Topics.FINDINGS.type()))
                                .withStreamPartitioner(DetectorTopology::partitions)
                                .withName("write-" + Topics.FINDINGS.name()));
        publish(alerts(outputs), Topics.ALERTS);
        publish(watchHosts(builder, reports, outputs, words), Topics.ALERTS, "write-alerts-of-hosts");
        publish(blocks(outputs), Topics.BLOCKS);
        publish(renamed(outputs), Topics.PROFILES);
        return builder.build(config);
    }

    /** Every instance reads all of the control topic, and before anything else. */
    private void control(StreamsBuilder builder) {
        WireSerde<Control> controls = WireSerde.of(registry, Topics.CONTROL.type());
        builder.addGlobalStore(
                store(ControlProcessor.CONTROLS, Serdes.ByteArray()).withLoggingDisabled(),
                Topics.CONTROL.name(),
                Consumed.with(Serdes.String(), Serdes.ByteArray()).withName("read-" + Topics.CONTROL.name()),
                () -> new ControlProcessor(panel, controls.deserializer()));
    }

    private KStream<String, Submission> correlate(StreamsBuilder builder) {
        builder.addStateStore(live(Stores.inMemoryKeyValueStore(CorrelateProcessor.MESSAGES), OpenMessage.class));
        builder.addStateStore(live(Stores.inMemoryKeyValueStore(CorrelateProcessor.WATERMARKS), Watermark.class));
        builder.addStateStore(CommitHook.builder(CorrelateProcessor.COMMITS));
        var correlator = new Correlator(geo);
        return consume(builder, Topics.MAIL_EVENTS)
                .processValues(
                        () -> new CorrelateProcessor(correlator, meters),
                        Named.as("correlate"),
                        CorrelateProcessor.MESSAGES,
                        CorrelateProcessor.WATERMARKS,
                        CorrelateProcessor.COMMITS);
    }

    private KStream<String, Input> bySubject(KStream<String, Submission> submissions) {
        return submissions
                .flatMap(
                        (host, s) -> SubjectKeys.of(s).stream()
                                .map(key -> KeyValue.pair(key, s))
                                .toList(),
                        Named.as("key-by-subject"))
                .repartition(Repartitioned.with(Bounds.keys(), new WrittenOnce<>(state(Submission.class)))
                        .withName(BY_SUBJECT)
                        .withNumberOfPartitions(partitions))
                .mapValues(s -> (Input) new Input.Activity(s), Named.as("as-activity"));
    }

    /** Findings that one subject's detector made about another subject. */
    private KStream<String, Input> opinions(StreamsBuilder builder) {
        return consume(builder, Topics.FINDINGS)
                .filter((key, f) -> f != null && f.getOriginSubject() != null, Named.as("about-others"))
                .mapValues(Input::of, Named.as("as-opinion"));
    }

    /** Words on subjects; those on waiting mail are for hosts only. */
    private static KStream<String, Input> words(KStream<String, OperatorOverride> words) {
        return words.mapValues(o -> (Input) new Input.Overridden(o), Named.as("as-word"));
    }

    /** Whom operators have forgotten: such a word is in the partition of its subject, whatever its own key is. */
    private static KStream<String, Input> forgetting(KStream<String, OperatorOverride> said) {
        return said.filter(
                        (key, word) -> key != null && word != null && SubjectKeys.forgottenOrNull(key) != null,
                        Named.as("of-forgetting"))
                .map(
                        (key, word) -> KeyValue.pair(SubjectKeys.forgottenOrNull(key), new Input.Forget(word)),
                        Named.as("as-forgetting"));
    }

    /** What hosts hold of an account's mail. */
    private KStream<String, Input> waiting(KStream<String, EnforcementReport> reports) {
        return reports.filter((key, r) -> r.getKind().equals("queue"), Named.as("of-waiting-mail"))
                .selectKey((key, r) -> r.getSubjectType() + ":" + r.getSubject(), Named.as("key-mail-by-subject"))
                .repartition(Repartitioned.with(Bounds.keys(), state(EnforcementReport.class))
                        .withName(WAITING_MAIL)
                        .withNumberOfPartitions(partitions))
                .mapValues(r -> (Input) new Input.Waiting(r), Named.as("as-waiting-mail"));
    }

    /** Whether hosts do as was decided. One task sees all of it: there are few decisions, and each concerns every host. */
    private KStream<String, Alert> watchHosts(
            StreamsBuilder builder,
            KStream<String, EnforcementReport> reports,
            KStream<String, SubjectOutput> outputs,
            KStream<String, OperatorOverride> words) {
        builder.addStateStore(store(HostProcessor.STORE, state(HostsState.class)));
        var watch = new HostWatch(detection);
        return reports.filter((key, r) -> !r.getKind().equals("queue"), Named.as("of-hosts-and-blocks"))
                .merge(
                        outputs.flatMapValues(
                                (key, o) -> HostRecords.records(HostDecisions.of(key, o)), Named.as("decisions")),
                        Named.as("with-decisions"))
                .merge(
                        words.mapValues(
                                (key, word) -> HostRecords.record(HostDecisions.of(key, word)),
                                Named.as("words-as-decisions")),
                        Named.as("with-words-of-operators"))
                .selectKey((key, r) -> HostWatch.KEY, Named.as("key-all-hosts"))
                .repartition(Repartitioned.with(Bounds.keys(), state(EnforcementReport.class))
                        .withName(ALL_HOSTS)
                        .withNumberOfPartitions(1))
                .mapValues(HostRecords::input, Named.as("as-host-input"))
                .process(() -> new HostProcessor(watch, meters), Named.as("watch-hosts"), HostProcessor.STORE);
    }

    /** What nothing is decided by, but the console is asked for. */
    private void remember(
            StreamsBuilder builder,
            KStream<String, EnforcementReport> reports,
            KStream<String, SubjectOutput> outputs) {
        builder.addStateStore(store(HostReports.STORE, state(EnforcementReport.class)));
        builder.addStateStore(store(EndedIncidents.STORE, state(Alert.class)));
        reports.process(
                () -> new HostReports(detection.hosts().forgetAfter()), Named.as("remember-hosts"), HostReports.STORE);
        outputs.process(EndedIncidents::new, Named.as("remember-ended"), EndedIncidents.STORE);
    }

    /** What old logs taught, for subjects with less history of their own. */
    private KStream<String, Input> profiles(StreamsBuilder builder) {
        return consume(builder, Topics.PROFILES)
                .filter((key, p) -> p != null, Named.as("learnt"))
                .mapValues(
                        (key, p) -> p.getSubjectKey().equals(key) ? new Input.Seed(p) : new Input.Renamed(p),
                        Named.as("as-learnt"));
    }

    /** Subjects that earlier builds kept under another key, on their way to the task of the right one; gone once they arrived. */
    private static KStream<String, SubjectState> renamed(KStream<String, SubjectOutput> outputs) {
        return outputs.filter((key, o) -> o.rename() != null, Named.as("of-renamed"))
                .map(
                        (key, o) -> KeyValue.pair(
                                SubjectKeys.current(key),
                                o.rename() instanceof SubjectOutput.Rename.Leaves leaves ? leaves.state() : null),
                        Named.as("renamed"));
    }

    private KStream<String, SubjectOutput> judge(StreamsBuilder builder, KStream<String, Input> inputs) {
        builder.addStateStore(live(profileStore(), SubjectState.class));
        builder.addStateStore(CommitHook.builder(SubjectProcessor.COMMITS));
        return inputs.process(
                () -> new SubjectProcessor(panel, meters, partitions),
                Named.as("judge"),
                SubjectProcessor.STATES,
                SubjectProcessor.COMMITS);
    }

    private static KStream<String, Finding> findings(KStream<String, SubjectOutput> outputs) {
        return outputs.flatMap(
                (key, o) -> o.records().stream()
                        .map(f -> KeyValue.pair(f.getSubjectType() + ":" + f.getSubject(), f))
                        .toList(),
                Named.as("findings"));
    }

    /** Incidents as they are published; one that ended some days ago is a tombstone. */
    private static KStream<String, Alert> alerts(KStream<String, SubjectOutput> outputs) {
        return outputs.flatMap(
                (key, o) -> Stream.concat(
                                o.alerts().stream()
                                        .map(a ->
                                                KeyValue.pair(a.getIncidentId().toString(), a)),
                                o.forgotten().stream().map(id -> KeyValue.pair(id, (Alert) null)))
                        .toList(),
                Named.as("alerts"));
    }

    /** Blocks in force; a lifted one is a tombstone, and so is one that goes on under another key. */
    private static KStream<String, Block> blocks(KStream<String, SubjectOutput> outputs) {
        return outputs.flatMap(
                (key, o) -> {
                    List<KeyValue<String, Block>> changes = new ArrayList<>(2);
                    if (o.block() instanceof SubjectOutput.BlockChange.Put put) {
                        changes.add(KeyValue.pair(key, put.block()));
                    } else if (o.block() instanceof SubjectOutput.BlockChange.Lift) {
                        changes.add(KeyValue.pair(key, null));
                    }
                    if (o.rename() instanceof SubjectOutput.Rename.TakesOver taken) {
                        changes.add(KeyValue.pair(taken.oldKey(), null));
                    }
                    return changes;
                },
                Named.as("blocks"));
    }

    /** What every partition of subjects must know goes to all of them; the rest by its key. */
    static Optional<Set<Integer>> partitions(String topic, String key, Finding finding, int partitions) {
        return key.equals(Brake.KEY)
                ? Optional.of(IntStream.range(0, partitions).boxed().collect(Collectors.toSet()))
                : Optional.empty();
    }

    private static String submissionKey(Submission s) {
        String account = s.getAccount();
        if (account != null) {
            return Logins.fold(account);
        }
        return s.getClientIp() == null ? s.getHostId() : s.getClientIp();
    }

    private <V extends SpecificRecord> KStream<String, V> consume(StreamsBuilder builder, Topic<V> topic) {
        return builder.stream(topic.name(), consumed(topic));
    }

    private <V extends SpecificRecord> Consumed<String, V> consumed(Topic<V> topic) {
        return Consumed.with(Bounds.keys(), WireSerde.of(registry, topic.type()))
                .withName("read-" + topic.name());
    }

    private <V extends SpecificRecord> void publish(KStream<String, V> stream, Topic<V> topic) {
        publish(stream, topic, "write-" + topic.name());
    }

    private <V extends SpecificRecord> void publish(KStream<String, V> stream, Topic<V> topic, String name) {
        stream.to(
                topic.name(),
                Produced.with(Bounds.keys(), WireSerde.of(registry, topic.type()))
                        .withName(name));
    }

    private <V extends SpecificRecord> Serde<V> state(Class<V> type) {
        return WireSerde.autoRegistering(registry, type);
    }

    private static <V> StoreBuilder<KeyValueStore<String, V>> store(String name, Serde<V> serde) {
        return keyed(Stores.inMemoryKeyValueStore(name), serde).withCachingEnabled();
    }

    /** Under a {@link LiveStore}, which writes once a commit: a cache of bytes over it would only cost. */
    private <V extends SpecificRecord> StoreBuilder<KeyValueStore<String, V>> live(
            KeyValueBytesStoreSupplier supplier, Class<V> type) {
        return keyed(supplier, state(type));
    }

    private static <V> StoreBuilder<KeyValueStore<String, V>> keyed(
            KeyValueBytesStoreSupplier supplier, Serde<V> serde) {
        // What a changelog holds is not refused by its key, which would end the task.
        Serde<String> keys = Serdes.serdeFrom(Bounds.keys().serializer(), new StringDeserializer());
        return Stores.keyValueStoreBuilder(supplier, keys, serde).withCachingDisabled();
    }

    /** Profiles live for months and are many: where they are kept is a setting. All other state is small and soon gone. */
    private KeyValueBytesStoreSupplier profileStore() {
        DslStoreSuppliers suppliers = new TopologyConfig(new StreamsConfig(config))
                .resolveDslStoreSuppliers()
                .orElseGet(BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers::new);
        return suppliers.keyValueStore(new DslKeyValueParams(SubjectProcessor.STATES, DslStoreFormat.PLAIN));
    }
}
