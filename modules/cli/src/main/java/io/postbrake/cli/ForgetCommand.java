package io.postbrake.cli;

import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** An operator's word: all that the detector keeps of somebody goes. */
@Command(
        name = "forget",
        mixinStandardHelpOptions = true,
        description = "Have the detector forget a subject: its profile, its incidents and what operators said of it."
                + " Says what stays, and until when. Refused while the subject is blocked.")
final class ForgetCommand implements Callable<Integer> {

    /** What neither goes with the detector's memory nor by a tombstone, one sentence each; docs/privacy.md has the whole table. */
    private static final List<String> STAYS = List.of(
            "what happened, on mail.events.v1, mail.submissions.v1, abuse.findings.v1, abuse.enforcement.v1 and abuse.quotas.v1: until %s,"
                    + " or when these topics were told to delete",
            "its name in what is known of addresses and networks that it used or was guessed at from: until 30 days after"
                    + " these were last used",
            "earlier versions of what was removed: until the brokers have compacted them",
            "the logs of Postfix and of Postbrake, and what was sent by mail or to alert receivers, which are not Postbrake's"
                    + " to delete",
            "this word, with your name, as the record that it was done");

    @Mixin
    private ClusterOptions cluster;

    @Parameters(
            paramLabel = "SUBJECT",
            description = "Login, client address, network, local_user:UID@HOST or"
                    + " 'relay_sender:SENDER from CLIENT on HOST'.")
    private String subject;

    @Option(names = "--reason", required = true, description = "Why; kept and shown.")
    private String reason;

    @Option(names = "--actor", description = "What stands behind user@host of this terminal as the one who says it.")
    private String actor;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(
            names = "--wait",
            defaultValue = "10s",
            paramLabel = "DURATION",
            description = "How long to wait for the detector to do it, 0s not at all; default ${DEFAULT-VALUE}."
                    + " Exits 4 when it has not by then.")
    private Duration patience;

    @Mixin
    private KnownOptions known;

    @Option(names = "--json", description = "Print the record as JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        OverrideWriter.Target target = OverrideWriter.Target.of(subject);
        if (target.type().equals(OverrideWriter.Target.DOMAIN)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "SUBJECT is '" + Text.plain(subject) + "': nothing is kept of a domain; give each of its logins");
        }
        if (reason.isBlank()) {
            throw new ParameterException(spec.commandLine(), "--reason is empty: say why");
        }
        if (!known.allows(cluster, target)) {
            return ExitCodes.UNKNOWN_SUBJECT;
        }
        String refusal = refusal(target);
        if (refusal != null) {
            spec.commandLine().getErr().println("postbrake: " + refusal);
            return ExitCodes.FAILED;
        }
        if (!yes) {
            if (!agreed(target)) {
                return ExitCodes.FAILED;
            }
            // Somebody may have blocked it while the answer was thought over, and the word on it goes with this one.
            String meanwhile = refusal(target);
            if (meanwhile != null) {
                spec.commandLine().getErr().println("postbrake: " + meanwhile);
                return ExitCodes.FAILED;
            }
        }
        return forget(target);
    }

    private int forget(OverrideWriter.Target target) throws Exception {
        try (var seen = new ForgettingSeen(cluster.kafka(), cluster.registry(), target.key())) {
            OperatorOverride word = new OverrideWriter(cluster).forget(target, reason, Actor.here(actor));
            boolean done = seen.await(word.getAt(), patience);
            String late = done || patience.isZero() ? null : refusal(target);
            tell(word, done, late);
            if (late != null) {
                return ExitCodes.FAILED;
            }
            return done || patience.isZero() ? ExitCodes.DONE : ExitCodes.UNCONFIRMED;
        }
    }

    private void tell(OperatorOverride word, boolean done, String lateOrNull) {
        PrintWriter out = spec.commandLine().getOut();
        List<String> stays = STAYS.stream()
                .map(line -> line.formatted(new Times(word.getAt(), ZoneId.systemDefault())
                        .day(word.getAt().plus(Topics.MAIL_EVENTS.retention()))))
                .toList();
        if (json) {
            Map<String, Object> fields = Json.of(word);
            fields.put("done", done);
            fields.put("stays", stays);
            Json.print(out, fields);
            return;
        }
        out.println(Text.plain("forget " + word.getSubject() + ", by " + word.getActor()));
        if (lateOrNull != null) {
            out.println("NOTHING was forgotten: " + lateOrNull);
        } else if (done) {
            out.println("the detector has forgotten it; what is older and comes later begins nothing anew");
            out.println("what stays:");
            stays.forEach(line -> out.println("  " + line));
        } else if (!patience.isZero()) {
            out.println("NOT YET done: the detector does it as soon as it reads the word. Is it running?");
        }
        out.flush();
    }

    /** Why it is not to be forgotten now, with what to do first; null when it may be. */
    private String refusal(OverrideWriter.Target target) throws IOException {
        Instant now = Instant.now();
        Block block = TopicReader.newest(cluster.kafka(), cluster.registry(), Topics.BLOCKS, target.key());
        OperatorOverride word = TopicReader.newest(cluster.kafka(), cluster.registry(), Topics.OVERRIDES, target.key());
        String name = Text.plain(target.name());
        String unblock = "postbrake unblock " + name + " --reason ...";
        if (Story.blocks(word, now)) {
            return name + " is blocked by " + Text.plain(word.getActor()) + ": whoever is blocked is not forgotten, for"
                    + " that would let him in. Is it to send again, first: " + unblock;
        }
        if (block == null) {
            return null;
        }
        return Force.of(block, word, now).inForce()
                ? name + " is blocked (" + block.getAction() + " until " + block.getEndsAt()
                        + "): whoever is blocked is not"
                        + " forgotten, for that would let a thief in. Is the password changed, first: " + unblock
                : name + " was blocked, and the detector has not taken the end of it yet: again when it runs";
    }

    private boolean agreed(OverrideWriter.Target target) {
        var terminal = System.console();
        if (terminal == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "nobody can be asked here: give --yes to have " + Text.plain(target.name()) + " forgotten");
        }
        String answer = terminal.readLine(
                "Forget what is usual for %s, its incidents and all words on it? Nothing brings it back. [y/N] ",
                Text.plain(target.name()));
        return answer != null && answer.strip().equalsIgnoreCase("y");
    }
}
