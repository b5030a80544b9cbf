package io.postbrake.cli;

import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.wire.OperatorReference;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Whom an operator's word is about, why, and who says it. */
final class WordOptions {

    @Mixin
    private ClusterOptions cluster;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Parameters(
            paramLabel = "SUBJECT",
            arity = "0..1",
            description =
                    "Login, client address, network (192.0.2.0/24), who sends without a login (local_user:UID@HOST,"
                            + " 'relay_sender:SENDER from CLIENT on HOST') or, to allow, domain of logins (@example.org).")
    private String subject;

    @Option(names = "--reason", required = true, description = "Why; kept and shown.")
    private String reason;

    @Option(names = "--actor", description = "What stands behind user@host of this terminal as the one who says it.")
    private String actor;

    @Option(names = "--json", description = "Print the record as JSON.")
    private boolean json;

    @Option(
            names = "--wait",
            defaultValue = "10s",
            paramLabel = "DURATION",
            description = "How long to wait for the hosts to follow it, 0s not at all; default ${DEFAULT-VALUE}."
                    + " Exits 4 when one has not said so by then.")
    private Duration patience;

    /** What hosts do of it, too: as {@link #say} without. */
    int sayOfKnown(String verb, String action, Duration duration, KnownOptions known)
            throws IOException, InterruptedException, ExecutionException {
        needSubject();
        OverrideWriter.Target target = OverrideWriter.Target.of(subject);
        // An address or network may be blocked before it ever came; a login that nobody uses is a mistyped one.
        boolean mayBeNew = !target.isAccount() && verb.equals("block");
        boolean domain = target.type().equals(OverrideWriter.Target.DOMAIN);
        return mayBeNew || domain || known.allows(cluster, target)
                ? say(verb, action, duration)
                : ExitCodes.UNKNOWN_SUBJECT;
    }

    /** As {@link OverrideWriter#say}; tells what is recorded, and which hosts follow it. */
    int say(String verb, String action, Duration duration)
            throws IOException, InterruptedException, ExecutionException {
        needSubject();
        needReason();
        if (duration != null && (duration.isNegative() || duration.isZero())) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--for is " + duration + ": give a time ahead, such as 4h");
        }
        String who = Actor.here(actor);
        OperatorOverride word = new OverrideWriter(cluster).say(verb, action, subject, reason, duration, who);
        var out = spec.commandLine().getOut();
        if (!json) {
            var times = new Times(Instant.now(), ZoneId.systemDefault());
            out.println(Text.plain(verb + " " + word.getSubject() + times.until(word.getEndsAt()) + ", by " + who
                    + (verb.equals("block") ? ", [pb:" + reference(word) + "]" : "")));
            out.flush();
        }
        HostsFollow.Answer answer = hosts(word);
        if (json) {
            Map<String, Object> fields = Json.of(word);
            fields.put("confirmedBy", answer.confirmed());
            fields.put("notConfirmedBy", answer.open());
            fields.put("notBlockedBy", answer.problems());
            Json.print(out, fields);
        } else if (!patience.isZero()) {
            lines(answer).forEach(out::println);
            out.flush();
        }
        return answer.open().isEmpty() ? ExitCodes.DONE : ExitCodes.UNCONFIRMED;
    }

    private static String reference(OperatorOverride word) {
        return OperatorReference.of(word.getSubjectType() + ":" + word.getSubject(), word.getAt());
    }

    private HostsFollow.Answer hosts(OperatorOverride word) throws IOException {
        // What is said of domains goes to the detectors alone.
        if (patience.isZero() || word.getSubjectType().equals(OverrideWriter.Target.DOMAIN)) {
            return new HostsFollow.Answer(List.of(), Map.of(), List.of());
        }
        try (var hosts = new HostsFollow(cluster.kafka(), cluster.registry(), word)) {
            return hosts.await(patience);
        }
    }

    static List<String> lines(HostsFollow.Answer answer) {
        if (answer.confirmed().isEmpty() && answer.open().isEmpty()) {
            return List.of("no host has reported lately: it holds as soon as one does");
        }
        List<String> lines = new ArrayList<>();
        if (!answer.confirmed().isEmpty()) {
            lines.add("confirmed by " + Text.plain(String.join(", ", answer.confirmed())));
        }
        answer.problems().forEach((host, why) -> lines.add(Text.plain(host + ": " + why)));
        if (!answer.open().isEmpty()) {
            lines.add("NOT YET confirmed by " + Text.plain(String.join(", ", answer.open()))
                    + "; 'postbrake status' shows how they are");
        }
        return lines;
    }

    /** Lists what is lifted together, asks unless {@code yes}, and unblocks each; 1 when there is nothing to lift. */
    int lift(LiftTogether which, boolean yes) throws IOException, InterruptedException, ExecutionException {
        if (subject != null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "give SUBJECT or --since, not both");
        }
        needReason();
        var out = spec.commandLine().getOut();
        var kafka = cluster.kafka();
        var registry = cluster.registry();
        List<Block> blocks = which.of(
                TopicReader.newest(kafka, registry, Topics.BLOCKS),
                TopicReader.newest(kafka, registry, Topics.ALERTS),
                TopicReader.newest(kafka, registry, Topics.OVERRIDES),
                Instant.now());
        if (!json) {
            blocks.forEach(block -> out.println(LiftTogether.line(block)));
            out.println(blocks.isEmpty() ? "No block in force is meant" : blocks.size() + " blocks");
            out.flush();
        }
        if (blocks.isEmpty()) {
            return 1;
        }
        if (!yes && !agreed(blocks.size())) {
            return 1;
        }
        String who = Actor.here(actor);
        List<OperatorOverride> words = new OverrideWriter(cluster).unblock(blocks, reason, who);
        if (json) {
            Json.print(out, Json.of(words));
        } else {
            out.println(Text.plain("unblock of " + words.size() + " subjects, by " + who));
        }
        out.flush();
        return 0;
    }

    private boolean agreed(int blocks) {
        var terminal = System.console();
        if (terminal == null) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "nobody can be asked here: give --yes to lift these " + blocks + " blocks");
        }
        String answer = terminal.readLine("Lift these %d blocks? [y/N] ", blocks);
        return answer != null && answer.strip().equalsIgnoreCase("y");
    }

    private void needSubject() {
        if (subject == null) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "Missing required parameter: 'SUBJECT', a login, an address or a network");
        }
    }

    private void needReason() {
        if (reason.isBlank()) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--reason is empty: say why");
        }
    }
}
