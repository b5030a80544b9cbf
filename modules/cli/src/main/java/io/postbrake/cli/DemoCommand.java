package io.postbrake.cli;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.local.LocalConfig;
import io.postbrake.local.LocalStack;
import io.postbrake.policysink.PolicyMap;
import io.postbrake.testkit.MmdbWriter;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the main job on embedded parts: a stolen account is noticed, blocked, and unblocked. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Show a stolen account being noticed and blocked, on embedded parts.")
final class DemoCommand implements Callable<Integer> {

    private static final String THIEF_ACCOUNT = "user@my-domain.net";
    private static final String KEY = "sasl_user:" + THIEF_ACCOUNT;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** The thief sends this often by the log's clock. */
    private static final Duration PACE = Duration.ofSeconds(6);

    private static final int MOST_MESSAGES = 70;

    @Option(names = "--stay", description = "Leave the parts running at the end, to try the other commands on them.")
    private boolean stay;

    @Spec
    private CommandSpec spec;

    private PrintWriter out;
    private boolean colour;

    @Override
    public Integer call() throws Exception {
        out = spec.commandLine().getOut();
        colour = System.console() != null && System.getenv("NO_COLOR") == null;
        Path dir = Files.createTempDirectory("postbrake-demo");
        var missing = PostfixHost.missing();
        try (DemoPostfix postfix = missing.isEmpty() ? DemoPostfix.create() : null) {
            missing.ifPresent(what -> say("No real Postfix takes part: %s", what));
            return run(dir, postfix) ? 0 : 1;
        } finally {
            delete(dir);
        }
    }

    private boolean run(Path dir, DemoPostfix postfix) throws Exception {
        Path log = Files.createFile(dir.resolve("maillog"));
        Path map = dir.resolve("blocked.lmdb");
        Path places = dir.resolve("places.mmdb");
        writePlaces(places);
        List<LocalConfig.Host> hosts = new ArrayList<>(List.of(new LocalConfig.Host("mx1", log, map)));
        if (postfix != null) {
            hosts.add(postfix.host());
        }
        var config = new LocalConfig(
                hosts, dir.resolve("data"), 0, 0, null, -1, List.of(places), DetectionConfig.defaults());
        long started = System.nanoTime();
        heading("Starting the parts");
        try (LocalStack stack = LocalStack.start(config, part -> say("  " + part))) {
            require("the detector runs", stack::ready);
            if (postfix != null) {
                require("the map of the real Postfix is there", postfix::mapIsThere);
                postfix.open();
                say("  mx2: a real Postfix; the thief and anna are logged in");
            }
            say("  up after %.1f s", (System.nanoTime() - started) / 1e9);
            return story(stack, log, map, postfix);
        }
    }

    private boolean story(LocalStack stack, Path log, Path map, DemoPostfix postfix) throws Exception {
        Map<String, Object> kafka = new HashMap<>(stack.access().kafka());
        SchemaRegistry registry = ConfluentSchemaRegistry.connect(
                stack.access().registryUrl(), stack.access().registry());
        Instant theft = Instant.now().minus(PACE.multipliedBy(MOST_MESSAGES + 2));
        var lines = new DemoLog();

        heading("Six ordinary days: eight colleagues send from home and office");
        List<String> days = lines.colleagues(theft.minus(Duration.ofDays(6)), theft.minus(Duration.ofMinutes(20)));
        append(log, days);
        var submissions = new TopicFollower<>(kafka, registry, Topics.MAIL_SUBMISSIONS);
        var blocks = new TopicFollower<>(kafka, registry, Topics.BLOCKS);
        var findings = new TopicFollower<>(kafka, registry, Topics.FINDINGS);
        var alerts = new TopicFollower<>(kafka, registry, Topics.ALERTS);
        try (submissions;
                blocks;
                findings;
                alerts) {
            require("the ordinary days are judged", () -> accepted(submissions.poll()) >= lines.sent());
            blocks.poll();
            say(
                    "  %d log lines, %d messages, %d blocks",
                    days.size(), lines.sent(), blocks.all().size());
            if (!blocks.all().isEmpty()) {
                return failed("a colleague was blocked: " + blocks.all());
            }

            heading("The incident: a login from abroad with a stolen password");
            append(log, lines.seed(theft));
            int messages = 1;
            while (block(blocks.poll()) == null && messages < MOST_MESSAGES) {
                append(log, lines.thief(theft.plus(PACE.multipliedBy(messages))));
                messages++;
                int wanted = lines.sent();
                require("message " + messages + " is judged", () -> accepted(submissions.poll()) >= wanted);
                blocks.poll();
            }
            require("the block is published", () -> block(blocks.poll()) != null);
            Block block = block(blocks.all());
            timeline(submissions.all(), findings.poll());
            require("the alert is published", () -> alert(alerts.poll()) != null);
            picture(Story.of(
                    THIEF_ACCOUNT, alerts.all(), block, null, findings.all(), submissions.all(), Duration.ofDays(7)));
            require("the enforcer wrote the map", () -> entry(map) != null);
            heading("What Postfix now answers");
            say("  map entry    %s => %s", THIEF_ACCOUNT, red(entry(map)));
            say("  after        %d messages of the thief", messages);
            say("  in force     until %s", block.getEndsAt());
            if (postfix != null && !refusal(postfix)) {
                return failed("the real Postfix did not refuse the thief");
            }

            heading("The owner has a new password: postbrake unblock");
            new OverrideWriter(ClusterOptions.of(stack.clientFile(), null, null))
                    .say("unblock", null, THIEF_ACCOUNT, "password changed", null);
            require("the map entry is gone", () -> entry(map) == null);
            if (postfix != null) {
                require(
                        "the real Postfix lets the owner send",
                        () -> postfix.ownerSends().startsWith("250"));
            }
            say("  %s may send again", THIEF_ACCOUNT);
        }
        say("");
        say(green("BLOCKED, told, and released: the demo is done."));
        if (stay) {
            String where = " --config " + stack.clientFile();
            say("");
            say("The parts run on until Ctrl-C. Try:");
            say("  postbrake list --all%s", where);
            say("  postbrake explain %s%s", THIEF_ACCOUNT, where);
            new CountDownLatch(1).await();
        }
        return true;
    }

    private void timeline(Collection<Submission> submissions, Collection<Finding> findings) {
        say("  what the detectors said of %s:", THIEF_ACCOUNT);
        findings.stream()
                .filter(f -> f.getSubject().equals(THIEF_ACCOUNT))
                .forEach(f -> say(
                        "    %s  %-22s %.2f  %s",
                        time(f.getOccurredAt()), f.getDetector(), f.getScore(), Text.plain(f.getTitle())));
        List<Submission> theirs = submissions.stream()
                .filter(s -> THIEF_ACCOUNT.equals(s.getAccount()) && Phase.of(s) == Phase.ACCEPTED)
                .toList();
        say("  %d messages of the account were accepted in all", theirs.size());
    }

    private void picture(Story story) {
        heading("What postbrake explain shows");
        new StoryPicture(story, new Times(Instant.now(), ZoneId.systemDefault()), colour)
                .lines()
                .forEach(line -> say("  %s", line));
    }

    /** The thief goes on in the session that was open before the block, on the host that saw nothing of the theft. */
    private boolean refusal(DemoPostfix postfix) throws IOException, InterruptedException {
        heading("The thief's open session on mx2, a real Postfix");
        for (int message = 1; message <= MOST_MESSAGES; message++) {
            String reply = postfix.thiefSends();
            boolean refused = !reply.startsWith("250");
            if (message == 1 || refused) {
                say("  message %-3d   %s", message, refused ? red(Text.plain(reply)) : Text.plain(reply));
                postfix.logged(refused ? "reject:" : "hold:")
                        .ifPresent(line -> say("  its log       %s", Text.plain(line)));
            }
            if (refused) {
                String colleague = postfix.colleagueSends();
                say("  anna          %s", green(Text.plain(colleague)));
                return colleague.startsWith("250");
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
        return false;
    }

    private static long accepted(Collection<Submission> submissions) {
        return submissions.stream().filter(s -> Phase.of(s) == Phase.ACCEPTED).count();
    }

    private static Block block(Collection<Block> blocks) {
        return blocks.stream()
                .filter(b -> b.getSubject().equals(THIEF_ACCOUNT))
                .reduce((first, last) -> last)
                .orElse(null);
    }

    private static Alert alert(Collection<Alert> alerts) {
        return alerts.stream()
                .filter(a -> a.getSubject().equals(THIEF_ACCOUNT) && a.getBlockId() != null)
                .reduce((first, last) -> last)
                .orElse(null);
    }

    private static String entry(Path map) {
        return PolicyMap.read(map, THIEF_ACCOUNT).orElse(null);
    }

    private static void writePlaces(Path file) throws IOException {
        MmdbWriter.write(
                file,
                "GeoLite2-City",
                Map.of(
                        "84.128.0.0/10", place("DE", "Hamburg", 53.55, 9.99),
                        "192.0.2.0/24", place("DE", "Berlin", 52.52, 13.40),
                        "201.91.0.0/16", place("BR", "Sao Paulo", -23.55, -46.63)));
    }

    private static Map<String, Object> place(String country, String city, double latitude, double longitude) {
        return Map.of(
                "country", Map.of("iso_code", country),
                "city", Map.of("names", Map.of("en", city)),
                "location", Map.of("latitude", latitude, "longitude", longitude, "accuracy_radius", 50));
    }

    private static void append(Path log, List<String> lines) throws IOException {
        Files.write(log, lines, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void require(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited " + PATIENCE.toSeconds() + " s in vain: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private boolean failed(String why) {
        say(red("The demo failed: " + Text.plain(why)));
        return false;
    }

    private static String time(Instant instant) {
        return DemoLog.CLOCK.format(instant);
    }

    private void heading(String text) {
        say("");
        say(colour ? "\033[1m" + text + "\033[0m" : text);
    }

    private String red(String text) {
        return colour ? "\033[31m" + text + "\033[0m" : text;
    }

    private String green(String text) {
        return colour ? "\033[32m" + text + "\033[0m" : text;
    }

    private void say(String format, Object... args) {
        out.println(args.length == 0 ? format : String.format(format, args));
        out.flush();
    }

    private static void delete(Path dir) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
