package io.postbrake.cli;

import io.postbrake.block.EnforcementReport;
import io.postbrake.subject.Logins;
import io.postbrake.wire.Topics;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Mail of a blocked account that waits, held, on the hosts. */
@Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        description = "List, release or delete an account's mail that was held because of its block.")
final class QueueCommand {

    private static final String ACCOUNT =
            "Login of the account, or who sends without one: 'relay_sender:SENDER from CLIENT on HOST'.";
    private static final int USUAL_LIMIT = 100;
    private static final Comparator<EnforcementReport> MOST_FIRST = Comparator.comparingLong(EnforcementReport::getHeld)
            .reversed()
            .thenComparing(EnforcementReport::getSubject)
            .thenComparing(EnforcementReport::getHostId);

    private static final String REASON = "Why; kept and shown.";

    @Spec
    private CommandSpec spec;

    @Command(name = "list", mixinStandardHelpOptions = true, description = "How many messages wait on which host.")
    int list(
            @Mixin ClusterOptions cluster,
            @Parameters(paramLabel = "ACCOUNT", arity = "0..1", description = ACCOUNT + " Default: all.")
                    String account,
            @Option(names = "--json", description = "As JSON.") boolean json,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            description =
                                    "At most so many accounts and hosts, those with most held mail first; default 100, with --json"
                                            + " all. 0: all.")
                    Integer limit,
            @Mixin KnownOptions known)
            throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        if (limit != null && limit < 0) {
            throw new ParameterException(spec.commandLine(), "--limit is " + limit + ": give 0, for all, or more");
        }
        OverrideWriter.Target target = account == null ? null : OverrideWriter.Target.of(account);
        String wanted = target == null ? null : target.name();
        List<EnforcementReport> waiting =
                TopicReader.newest(cluster.kafka(), cluster.registry(), Topics.ENFORCEMENT).values().stream()
                        .filter(r -> r.getKind().equals("queue"))
                        .filter(r -> wanted == null ? r.getHeld() > 0 : names(wanted, r.getSubject()))
                        .sorted(MOST_FIRST)
                        .toList();
        int most = limit == null ? (json ? 0 : USUAL_LIMIT) : limit;
        List<EnforcementReport> some =
                most == 0 ? waiting : waiting.stream().limit(most).toList();
        if (json) {
            Json.print(out, Json.of(some));
        } else {
            some.forEach(r -> print(out, r));
            if (some.size() < waiting.size()) {
                out.printf(
                        "and %d more, with %d messages: --limit 0 has all%n",
                        waiting.size() - some.size(),
                        waiting.stream()
                                .skip(some.size())
                                .mapToLong(EnforcementReport::getHeld)
                                .sum());
            }
            off(cluster, out);
        }
        out.flush();
        boolean nobody = waiting.isEmpty() && target != null && !known.allows(cluster, target);
        return nobody ? ExitCodes.UNKNOWN_SUBJECT : ExitCodes.DONE;
    }

    /** Hosts without SMTPUTF8 have a question mark for each byte beyond ASCII in their logs, and so in what they hold. */
    private static boolean names(String account, String held) {
        return account.equals(held) || Logins.withoutUtf8(account).equals(held);
    }

    private static void print(PrintWriter out, EnforcementReport r) {
        out.printf(
                "%-12s %-40s held %d, released %d, deleted %d, as of %s%n",
                Text.plain(r.getHostId()),
                Text.plain(r.getSubject()),
                r.getHeld(),
                r.getReleased(),
                r.getDeleted(),
                r.getAt());
        if (!r.getQueueIds().isEmpty()) {
            out.println("             " + Text.plain(String.join(" ", r.getQueueIds()))
                    + (r.getHeld() > r.getQueueIds().size() ? " ..." : ""));
        }
    }

    @Command(
            name = "release",
            mixinStandardHelpOptions = true,
            description = "Let the account's held mail go on its way, on every host.")
    int release(
            @Mixin ClusterOptions cluster,
            @Parameters(paramLabel = "ACCOUNT", description = ACCOUNT) String account,
            @Option(names = "--reason", required = true, description = REASON) String reason)
            throws Exception {
        return say(cluster, "release", account, reason);
    }

    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = "Delete the account's held mail, on every host. Nothing brings it back.")
    int delete(
            @Mixin ClusterOptions cluster,
            @Parameters(paramLabel = "ACCOUNT", description = ACCOUNT) String account,
            @Option(names = "--reason", required = true, description = REASON) String reason)
            throws Exception {
        return say(cluster, "delete", account, reason);
    }

    /** Where no mail is held, nothing is released either: an empty list alone would not tell why. */
    private static void off(ClusterOptions cluster, PrintWriter out) throws Exception {
        Instant now = Instant.now();
        var hosts = HostStatus.of(
                List.of(),
                TopicReader.newest(cluster.kafka(), cluster.registry(), Topics.ENFORCEMENT)
                        .values(),
                now);
        hosts.stream().map(HostStatus::holdsNothing).filter(why -> why != null).forEach(out::println);
    }

    private int say(ClusterOptions cluster, String verb, String account, String reason) throws Exception {
        Instant at = new OverrideWriter(cluster).onQueue(verb, account, reason);
        PrintWriter out = spec.commandLine().getOut();
        out.printf("every host will %s what it had held of %s by %s%n", verb, Text.plain(account), at);
        off(cluster, out);
        String unspelt = Logins.withoutUtf8(Logins.fold(account));
        if (verb.equals("delete") && !unspelt.equals(Logins.fold(account))) {
            out.printf(
                    "hosts without SMTPUTF8 hold it as %s, which others may be too: give that name to delete it"
                            + " there%n",
                    Text.plain(unspelt));
        }
        out.flush();
        return 0;
    }
}
