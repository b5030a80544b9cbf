package io.postbrake.benchmarks;

import io.postbrake.event.Submission;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.WireSerde;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.kafka.common.serialization.Serializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to write a submission, the record that detectors write most often: by our own writer, and by Avro's. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 2,
        jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+UseSerialGC"})
public class WireBenchmark {

    private final Submission submission = Submission.newBuilder()
            .setPhase("ACCEPTED")
            .setHostId("mx1")
            .setQueueId("4XyZ12abcd")
            .setAccount("user@customer.example.net")
            .setSaslMethod("PLAIN")
            .setClientName("unknown")
            .setClientIp("198.51.100.26")
            .setCountry("DE")
            .setFrom("user@customer.example.net")
            .setStartedAt(Instant.parse("2026-11-24T12:00:00.123Z"))
            .setOccurredAt(Instant.parse("2026-11-24T12:00:01.456Z"))
            .setReadAt(Instant.parse("2026-11-24T12:00:01.789Z"))
            .setSourceId("b87e41c0")
            .setGeneration(0)
            .setPosition(123_456)
            .setEventTopic("mail.events.v1")
            .setEventPartition(0L)
            .setEventOffset(4711L)
            .build();
    private final Serializer<Submission> ours = WireSerde.autoRegistering(
                    new InMemorySchemaRegistry(), Submission.class)
            .serializer();
    private final SpecificData model = SpecificData.getForClass(Submission.class);
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    private BinaryEncoder encoder;

    /** As a Kafka record's value, header and all. */
    @Benchmark
    public byte[] postbrake() {
        return ours.serialize("by-subject", submission);
    }

    /** The same content by Avro's writer, with all that it can keep kept. */
    @Benchmark
    public byte[] avro() throws IOException {
        bytes.reset();
        encoder = EncoderFactory.get().binaryEncoder(bytes, encoder);
        new SpecificDatumWriter<Submission>(submission.getSchema(), model).write(submission, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }
}
