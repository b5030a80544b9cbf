package io.postbrake.benchmarks;

import io.postbrake.postfixlog.LineEnd;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneOffset;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Lines a second of one thread, over a log in memory: our parser, and what reading lines costs otherwise. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OperationsPerInvocation(ParserBenchmark.LINES)
@Warmup(iterations = 6, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(
        value = 1,
        jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+UseSerialGC"})
public class ParserBenchmark {

    /** Lines of the log. */
    public static final int LINES = 100_000;

    private static final Instant READ_AT = Instant.parse("2026-07-01T00:00:00Z");

    private byte[] log;
    private RegexParser regex;

    /** Makes the log. */
    @Setup(Level.Trial)
    public void makeLog() {
        log = LogMix.of(LINES, 1);
        regex = new RegexParser();
    }

    /** Finds the lines and turns each into an event. */
    @Benchmark
    public void postbrake(Blackhole events) {
        var parser = new PostfixLogParser(ZoneOffset.UTC, Year.of(2026));
        int from = 0;
        for (int to = LineEnd.find(log, 0, log.length); to >= 0; to = LineEnd.find(log, from, log.length)) {
            events.consume(parser.parse(log, from, to - from, new LineOrigin("mx1", "log", 0, from, READ_AT)));
            from = to + 1;
        }
    }

    /** Finds the lines and makes a string of each: what every parser of strings begins with. */
    @Benchmark
    public void bufferedReader(Blackhole lines) throws IOException {
        try (BufferedReader reader = reader()) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.consume(line);
            }
        }
    }

    /** As most do it: a string a line, a pattern for the header, then one pattern a shape. */
    @Benchmark
    public void javaUtilRegex(Blackhole events) throws IOException {
        try (BufferedReader reader = reader()) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                events.consume(regex.parse(line));
            }
        }
    }

    private BufferedReader reader() {
        return new BufferedReader(
                new InputStreamReader(new ByteArrayInputStream(log), StandardCharsets.UTF_8), 1 << 16);
    }
}
