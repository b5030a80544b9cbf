import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.control.Control;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.local.LocalConfig;
import io.postbrake.local.LocalStack;
import io.postbrake.state.HostsState;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.SubjectState;
import io.postbrake.state.Watermark;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.WireSerde;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Runs an earlier build on a small history, with a real Postfix, and keeps every byte that it left behind: topics, state
 * stores, the registry's schemas, maps, journals, checkpoints. See README.md beside it. Run with the EARLIER build's class path.
 */
public final class MakeState {

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx").withZone(ZoneOffset.UTC);
    private static final String STRASSE = "straße@my-domain.net";
    private static final int HISTORY_DAYS = 6;

    private static int ids = 0xA10000;

    public static void main(String[] args) throws Exception {
        Path out = Path.of(args[0]).toAbsolutePath(); // A checkout of the project, whose test resources are renewed.
        Path build = Path.of(args[1]).toAbsolutePath(); // A built checkout of the earlier version.
        Path work = Files.createTempDirectory(Path.of("/var/tmp"), "postbrake-state-");
        try (PostfixHost postfix = PostfixHost.create("mx1")) {
            postfix.setting("defer_transports", "discard");
            postfix.account("victim", "secret");
            Path log = postfix.logFile();
            Files.writeString(log, history(Instant.now().minus(Duration.ofHours(2))));
            Files.setPosixFilePermissions(log, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
            Path old = Files.writeString(work.resolve("old.log"), taught(Instant.now().minus(Duration.ofDays(30))));
            var config = new LocalConfig(
                    List.of(new LocalConfig.Host("mx1", log, postfix.map(), postfix.configuration())),
                    work.resolve("data"),
                    0,
                    0,
                    null,
                    -1,
                    List.of(),
                    DetectionConfig.of(Map.of()));
            try (LocalStack stack = LocalStack.start(config, part -> System.out.println(part))) {
                await("ready", stack::ready);
                await("map", () -> Files.exists(postfix.map()));
                var cli = new Cli(build, stack);
                cli.run("learn", "--log", "mx1=" + old);
                postfix.start();
                try (SmtpSession owner = postfix.login("victim@my-domain.net", "secret")) {
                    for (int i = 0; i < 3; i++) {
                        System.out.println(owner.send("victim@my-domain.net", "friend" + i + "@example.com"));
                    }
                }
                var states = new Dump(stack);
                await("history judged", () -> states.newest("-subject-states-changelog").containsKey("sasl_user:" + STRASSE));
                append(log, theft("Victim@My-Domain.NET", "201.91.101.26", 60) + theft(STRASSE, "201.91.101.27", 60)
                        + theft("erik@my-domain.net", "201.91.101.28", 60));
                await("blocked", () -> states.newest("abuse.blocks.v1").keySet().containsAll(
                        Set.of("sasl_user:victim@my-domain.net", "sasl_user:" + STRASSE, "sasl_user:erik@my-domain.net")));
                append(log, guesses("198.51.100.77", 25) + open());
                cli.run("block", "οδός@my-domain.net", "--action", "hold", "--reason", "seen by hand", "--for", "P30D");
                cli.run("block", "Élodie@my-domain.net", "--reason", "left the company");
                cli.run("block", "ﬁn@my-domain.net", "--reason", "asked for", "--for", "P30D");
                cli.run("block", "192.0.2.9", "--reason", "a scanner", "--for", "P30D");
                cli.run("block", "192.0.2.128/26", "--reason", "scanners", "--for", "P30D");
                cli.run("allow", "Boss@my-domain.net", "--reason", "never");
                cli.run("allow", "@partner.example", "--reason", "a partner");
                cli.run("allow", "203.0.113.0/24", "--reason", "the office");
                cli.run("block", "carl@my-domain.net", "--reason", "a mistake");
                cli.run("unblock", "carl@my-domain.net", "--reason", "it was a mistake");
                Path file = Files.writeString(work.resolve("detection.yaml"), "risk.hold: 0.55\n"
                        + "allow.accounts: [{subject: 'GROẞ@my-domain.net', reason: 'a service'}]\n");
                cli.run("unblock", "erik@my-domain.net", "--reason", "password changed");
                cli.run("config", "apply", file.toString(), "--reason", "a little stricter");
                await("held", () -> Files.exists(postfix.map().resolveSibling("blocks-held.tsv"))
                        && Files.readString(postfix.map().resolveSibling("blocks-held.tsv")).lines().filter(l -> l.startsWith("held")).count() == 3);
                await("words in the map", () -> Files.readString(postfix.map().resolveSibling("blocks-ranges.cidr")).contains("192.0.2.128/26"));
                TimeUnit.SECONDS.sleep(15); // The host's report, the commit of what comes last, the checkpoint.
                postfix.stop();
                TimeUnit.SECONDS.sleep(3);
                Path streams = out.resolve("modules/streams/src/test/resources/earlier");
                Path sink = out.resolve("connectors/policy-sink/src/test/resources/earlier");
                Path source = out.resolve("connectors/postfix-source/src/test/resources/earlier");
                for (Path each : List.of(streams, sink)) {
                    pack(work.resolve("data/registry.json"), each);
                    pack(Files.writeString(work.resolve("when"), Instant.now() + "\n"), each);
                }
                states.write(streams);
                for (String topic : List.of("abuse.blocks.v1", "abuse.overrides.v1")) {
                    Files.copy(streams.resolve(topic + ".tsv.gz"), sink.resolve(topic + ".tsv.gz"), StandardCopyOption.REPLACE_EXISTING);
                }
                packAll(postfix.map().getParent(), sink);
                packAll(work.resolve("data/shipper-mx1"), source);
                pack(log, source);
            }
        }
    }

    /** Five accounts at work from their own networks, for some days. */
    private static String history(Instant end) {
        var lines = new TreeMap<Instant, String>();
        String[][] people = {
            {"Anna@My-Domain.NET", "192.0.2.11"},
            {"victim@my-domain.net", "192.0.2.12"},
            {STRASSE, "192.0.2.13"},
            {"STRASSE@my-domain.net", "192.0.2.14"},
            {"οδός@my-domain.net", "192.0.2.15"},
            {"boss@my-domain.net", "192.0.2.16"}
        };
        for (int day = HISTORY_DAYS; day > 0; day--) {
            for (int p = 0; p < people.length; p++) {
                for (int i = 0; i < 4; i++) {
                    Instant at = end.minus(Duration.ofDays(day)).plusSeconds(i * 5400L + p * 61L);
                    lines.put(at, message(at, people[p][0], people[p][1], 1 + i % 2));
                }
            }
        }
        return String.join("", lines.values());
    }

    /** What is learnt from before. */
    private static String taught(Instant end) {
        var lines = new TreeMap<Instant, String>();
        for (int day = 20; day > 0; day--) {
            for (int i = 0; i < 3; i++) {
                Instant at = end.minus(Duration.ofDays(day)).plusSeconds(i * 7200L);
                lines.put(at, message(at, "ΟΔΌΣ@my-domain.net", "192.0.2.15", 1) + message(at, "dora@my-domain.net", "192.0.2.17", 2));
            }
        }
        return String.join("", lines.values());
    }

    private static String theft(String login, String from, int messages) {
        var lines = new StringBuilder();
        Instant start = Instant.now().minusSeconds(6L * messages);
        for (int i = 0; i < messages; i++) {
            lines.append(message(start.plusSeconds(6L * i), login, from, 1));
        }
        return lines.toString();
    }

    private static String guesses(String from, int count) {
        var lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(line(Instant.now().minusSeconds(count - i), "submission/smtpd[77]: warning: unknown[" + from
                    + "]: SASL LOGIN authentication failed: authentication failure, sasl_username=Anna@my-domain.net"));
        }
        return lines.toString();
    }

    /** A message that has begun, and no more. */
    private static String open() {
        return line(Instant.now(), "submission/smtpd[2201]: A99999B35D: client=unknown[192.0.2.11], sasl_method=PLAIN,"
                + " sasl_username=Anna@My-Domain.NET");
    }

    private static String message(Instant at, String login, String ip, int recipients) {
        String id = Integer.toHexString(ids++).toUpperCase(Locale.ROOT) + "B35D";
        var lines = new StringBuilder();
        lines.append(line(at, "submission/smtpd[2201]: " + id + ": client=unknown[" + ip + "], sasl_method=PLAIN, sasl_username=" + login));
        lines.append(line(at, "qmgr[944]: " + id + ": from=<" + login + ">, size=18836, nrcpt=" + recipients + " (queue active)"));
        for (int i = 0; i < recipients; i++) {
            lines.append(line(at.plusMillis(700), "smtp[2300]: " + id + ": to=<someone" + i + "@example.com>, relay=mx.example.com[198.51.100.7]:25,"
                    + " delay=0.7, delays=0.1/0/0.2/0.4, dsn=2.0.0, status=sent (250 2.0.0 Ok)"));
        }
        return lines.append(line(at.plusMillis(701), "qmgr[944]: " + id + ": removed")).toString();
    }

    private static String line(Instant at, String text) {
        return STAMP.format(at) + " mx1 postfix/" + text + "\n";
    }

    private static void append(Path log, String lines) throws IOException {
        Files.writeString(log, lines, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    }

    private static void packAll(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                pack(file, to);
            }
        }
    }

    private static void pack(Path file, Path to) throws IOException {
        Files.createDirectories(to);
        try (var packed = new GZIPOutputStream(Files.newOutputStream(to.resolve(file.getFileName() + ".gz")))) {
            Files.copy(file, packed);
        }
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not within 90 s: " + what);
            }
            Thread.sleep(200);
        }
        System.out.println("- " + what);
    }

    private record Cli(Path build, LocalStack stack) {
        void run(String... args) throws Exception {
            List<String> command = new ArrayList<>(List.of(build.resolve("postbrake").toString()));
            command.addAll(List.of(args));
            command.addAll(List.of("--bootstrap=" + stack.bootstrapServers(), "--registry=" + stack.registryUrl()));
            int status = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (status != 0) {
                throw new IllegalStateException(command + " ended with " + status);
            }
        }
    }

    /** What is on the topics, changelogs included. */
    private record Dump(LocalStack stack) {

        /** Of what comes in crowds, the newest say as much. */
        private static final int MOST = 150;

        private static final Map<String, Class<? extends SpecificRecord>> TYPES = new LinkedHashMap<>();

        static {
            TYPES.put("mail.events.v1", MailEvent.class);
            TYPES.put("mail.submissions.v1", Submission.class);
            TYPES.put("abuse.findings.v1", Finding.class);
            TYPES.put("abuse.alerts.v1", Alert.class);
            TYPES.put("abuse.blocks.v1", Block.class);
            TYPES.put("abuse.overrides.v1", OperatorOverride.class);
            TYPES.put("abuse.enforcement.v1", EnforcementReport.class);
            TYPES.put("abuse.control.v1", Control.class);
            TYPES.put("abuse.profiles.v1", SubjectState.class);
            TYPES.put("-subject-states-changelog", SubjectState.class);
            TYPES.put("-open-messages-changelog", OpenMessage.class);
            TYPES.put("-source-watermarks-changelog", Watermark.class);
            TYPES.put("-hosts-state-changelog", HostsState.class);
            TYPES.put("-enforcement-reports-changelog", EnforcementReport.class);
            TYPES.put("-ended-incidents-changelog", Alert.class);
        }

        Map<String, ConsumerRecord<byte[], byte[]>> newest(String topicEnd) {
            Map<String, ConsumerRecord<byte[], byte[]>> newest = new LinkedHashMap<>();
            for (ConsumerRecord<byte[], byte[]> record : all(topicEnd)) {
                newest.remove(text(record.key()));
                if (record.value() != null) {
                    newest.put(text(record.key()), record);
                }
            }
            return newest;
        }

        private List<ConsumerRecord<byte[], byte[]>> all(String topicEnd) {
            List<ConsumerRecord<byte[], byte[]>> result = new ArrayList<>();
            try (var consumer = new KafkaConsumer<>(
                    Map.<String, Object>of("bootstrap.servers", stack.bootstrapServers(), "isolation.level", "read_committed",
                            "group.id", UUID.randomUUID().toString()),
                    new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                List<TopicPartition> partitions = consumer.listTopics().entrySet().stream()
                        .filter(t -> t.getKey().endsWith(topicEnd))
                        .flatMap(t -> t.getValue().stream())
                        .map(p -> new TopicPartition(p.topic(), p.partition()))
                        .toList();
                consumer.assign(partitions);
                consumer.seekToBeginning(partitions);
                Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
                while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
                    consumer.poll(Duration.ofMillis(100)).forEach(result::add);
                }
            }
            return result;
        }

        /** Bytes, and beside them what the build that wrote them reads. */
        void write(Path out) throws IOException {
            SchemaRegistry registry = ConfluentSchemaRegistry.connect(stack.registryUrl(), Map.of());
            try (var consumer = new KafkaConsumer<>(Map.<String, Object>of("bootstrap.servers", stack.bootstrapServers()),
                            new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                System.out.println(new TreeSet<>(consumer.listTopics().keySet()));
            }
            for (var type : TYPES.entrySet()) {
                List<ConsumerRecord<byte[], byte[]>> records = type.getKey().startsWith("mail.") || type.getKey().contains("findings")
                        ? all(type.getKey())
                        : new ArrayList<>(newest(type.getKey()).values());
                var serde = WireSerde.of(registry, type.getValue()).deserializer();
                String name = type.getKey().replaceFirst("^-", "").replaceFirst("-changelog$", "");
                try (var lines = new BufferedWriter(new OutputStreamWriter(
                        new GZIPOutputStream(Files.newOutputStream(out.resolve(name + ".tsv.gz"))), StandardCharsets.UTF_8))) {
                    for (ConsumerRecord<byte[], byte[]> r : records) {
                        if (r.value() != null && records.indexOf(r) >= records.size() - MOST) {
                            lines.write(base64(r.key()) + "\t" + base64(r.value()) + "\t" + serde.deserialize("x", r.value()) + "\n");
                        }
                    }
                }
                System.out.println(name + ": " + records.size());
            }
        }

        private static String base64(byte[] bytes) {
            return Base64.getEncoder().encodeToString(bytes);
        }

        private static String text(byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
