package io.postbrake.cli;

import io.postbrake.replay.Lesson;
import io.postbrake.replay.Replay;
import io.postbrake.replay.ReplaySummary;
import io.postbrake.state.SubjectState;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Teaches a running cluster from old logs what is normal for each account. */
@Command(
        name = "learn",
        mixinStandardHelpOptions = true,
        description =
                "Read old logs, or what was shipped, and give the detectors the profile of each account. Nobody is"
                        + " alerted or blocked by what is in them, and what they hold is not counted again when it comes"
                        + " from a shipper.")
final class LearnCommand implements Callable<Integer> {

    @Mixin
    private HistoryOptions history;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        history.check();
        PrintWriter err = spec.commandLine().getErr();
        Replay.Builder replay =
                Replay.builder().geo(history.logs().geo()).config(history.logs().config());
        Lesson lesson = Lesson.of(replay, r -> history.over(r, err));
        ReplaySummary summary = lesson.summary();
        if (!summary.understood()) {
            throw new IllegalArgumentException(ReplayCommand.nothingUnderstood(summary));
        }
        if (lesson.profiles().isEmpty()) {
            throw new IllegalArgumentException("in the " + summary.lines() + " lines read (" + summary.unparsed()
                    + " unparsed) no account that logged in sent anything: there is nothing to learn");
        }
        write(lesson.profiles(), summary.last());
        err.printf(
                "%d lines (%d unparsed) from %s to %s: %d profiles are on %s%n",
                summary.lines(),
                summary.unparsed(),
                summary.first(),
                summary.last(),
                lesson.profiles().size(),
                Topics.PROFILES.name());
        shortenWatch(Duration.between(summary.first(), summary.last()), err);
        err.flush();
        return 0;
    }

    /** A day that was learnt is a day that need not be watched. */
    private void shortenWatch(Duration learnt, PrintWriter err)
            throws IOException, InterruptedException, ExecutionException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        var topic = new ControlTopic(history.cluster());
        Instant until = topic.watchedUntil(now);
        if (until != null) {
            Instant sooner = until.minus(learnt);
            topic.enforceFrom(sooner.isAfter(now) ? sooner : now, "learnt " + learnt.toDays() + " days of logs");
            err.println(
                    sooner.isAfter(now)
                            ? EnforceCommand.sentence(sooner)
                            : "that is history enough: blocks are put in force from now on");
        }
    }

    private void write(List<SubjectState> profiles, Instant until)
            throws IOException, InterruptedException, ExecutionException {
        var cluster = history.cluster();
        var config = cluster.kafka();
        config.put("enable.idempotence", true);
        config.put("linger.ms", "20");
        List<Future<?>> sent = new ArrayList<>();
        try (var producer = new KafkaProducer<>(
                config,
                new StringSerializer(),
                WireSerde.of(cluster.registry(), Topics.PROFILES.type()).serializer())) {
            for (SubjectState profile : profiles) {
                // As old as the logs' end, so that a detector that is behind takes it before what came after.
                sent.add(producer.send(new ProducerRecord<>(
                        Topics.PROFILES.name(), null, until.toEpochMilli(), profile.getSubjectKey(), profile)));
            }
            for (Future<?> record : sent) {
                record.get();
            }
        }
    }
}
