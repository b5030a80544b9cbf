package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens to mail of a blocked account that waits in a real Postfix's queue. */
@Timeout(120)
class QueueIT {

    private static final String ALICE = "alice@my-domain.net";
    private static final String BOB = "bob@my-domain.net";
    private static final String ON_ALICES_MAIL = "queue:sasl_user:" + ALICE;

    private PostfixHost postfix;

    @BeforeEach
    void mailOfTwoAccountsWaits() throws Exception {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        postfix = PostfixHost.create();
        postfix.account("alice", "secret");
        postfix.account("bob", "secret");
        postfix.setting("defer_transports", "discard");
        try (PolicyMap map = PolicyMap.open(postfix.map(), 1 << 20)) {
            map.rebuild(to -> {});
        }
        postfix.start();
    }

    @AfterEach
    void stop() throws IOException {
        if (postfix != null) {
            postfix.close();
        }
    }

    @Test
    void whatWaitsIsHeldAndOnlyThatIsReleased() throws Exception {
        Set<String> alices = sends(ALICE, 5);
        Set<String> bobs = sends(BOB, 2);
        Set<String> heldByHand = sends(ALICE, 1);
        queue().hold(heldByHand);
        await("deferred", () -> in("deferred").containsAll(alices));
        try (SinkDriver sink = sink()) {
            sink.assigned();
            caughtUp(sink);

            sink.polls(sink.block("sasl_user:" + ALICE, "reject"));
            await("held", () -> in("hold").containsAll(alices));
            assertThat(in("hold")).doesNotContainAnyElementsOf(bobs);
        }
        try (SinkDriver sink = sink()) { // Another process: what was held is known from the file.
            sink.assigned();
            caughtUp(sink);

            sink.polls(sink.block("sasl_user:" + ALICE, "reject"), sink.word(ON_ALICES_MAIL, "release"));
            await("released", () -> in("hold").equals(heldByHand));
            // Postfix takes them up again while the block still stands; by the time another's are held, these would be.
            await("tried again", () -> in("deferred").containsAll(alices));
            sink.polls(sink.block("sasl_user:" + BOB, "reject"));
            await("the other's held", () -> in("hold").containsAll(bobs));
            Set<String> alone = in("hold");
            alone.removeAll(bobs);
            assertThat(alone)
                    .as("not held again, and not what somebody else held")
                    .isEqualTo(heldByHand);
            assertThat(in("deferred")).containsAll(alices);
        }
    }

    @Test
    void theRightsOfThePackagedUnitSufficeToHoldAndToReload() throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/setpriv")), "no setpriv here");
        String unit = Files.readString(Path.of("../../modules/agent/src/dist/systemd/postbrake-agent.service"));
        String rights = unit.lines()
                .filter(line -> line.startsWith("CapabilityBoundingSet="))
                .map(line -> line.replaceFirst(".*=", "")
                        .toLowerCase(Locale.ROOT)
                        .replace("cap_", ",+")
                        .replace(" ", ""))
                .collect(Collectors.joining());
        List<String> confined = List.of("setpriv", "--no-new-privs", "--bounding-set", "-all" + rights);
        String directory = postfix.configuration().toString();
        Set<String> alices = sends(ALICE, 1);
        await("deferred", () -> in("deferred").containsAll(alices));

        PostfixCommands.run(with(confined, "postsuper", "-c", directory, "-h", "-"), String.join("\n", alices) + "\n");
        PostfixCommands.run(with(confined, "postfix", "-c", directory, "reload"), "");
        String read = PostfixCommands.run(
                with(
                        confined,
                        "postcat",
                        "-c",
                        directory,
                        "-e",
                        "-q",
                        alices.iterator().next()),
                "");

        assertThat(in("hold")).containsAll(alices);
        assertThat(read).contains("sasl_username=" + ALICE);
        assertThat(PostfixCommands.output(
                                with(
                                        List.of("setpriv", "--bounding-set", "-all"),
                                        "postsuper",
                                        "-c",
                                        directory,
                                        "-H",
                                        "-"),
                                String.join("\n", alices) + "\n")
                        .status())
                .as("without any of them it cannot")
                .isNotZero();
    }

    private static List<String> with(List<String> first, String... rest) {
        return Stream.concat(first.stream(), Stream.of(rest)).toList();
    }

    @Test
    void whatWaitsIsHeldAlsoWhenThousandsAreBlockedAtOnce() throws Exception {
        Set<String> alices = sends(ALICE, 2);
        await("deferred", () -> in("deferred").containsAll(alices));
        try (SinkDriver sink = sink()) {
            sink.assigned();
            caughtUp(sink);
            SinkRecord[] many = new SinkRecord[3001];
            for (int i = 0; i < 3000; i++) {
                many[i] = sink.block("sasl_user:user" + i + "@my-domain.net", "reject");
            }
            many[3000] = sink.block("sasl_user:" + ALICE, "reject");

            sink.polls(many);

            await("held", () -> in("hold").containsAll(alices));
        }
    }

    @Test
    void onlyTheAccountsOwnHeldMailIsDeletedAlsoWhenAnIdIsUsedAgain() throws Exception {
        Set<String> alices = sends(ALICE, 3);
        String bobs = sends(BOB, 1).iterator().next();
        queue().hold(List.of(bobs));
        Files.writeString(
                postfix.map().resolveSibling("blocks-held.tsv"),
                "held\t" + bobs + "\t" + ALICE + "\t" + Instant.now().toEpochMilli() + "\nhalf a line");
        try (SinkDriver sink = sink()) {
            sink.assigned();
            caughtUp(sink);
            sink.polls(sink.block("sasl_user:" + ALICE, "hold"));
            await("held", () -> in("hold").containsAll(alices));

            sink.polls(sink.word(ON_ALICES_MAIL, "delete"));

            await("deleted", () -> in("hold").equals(Set.of(bobs)));
        }
    }

    @Test
    void whatTheTablesOwnHoldPutAsideIsReleasedToo() throws Exception {
        try (SinkDriver sink = sink()) {
            sink.assigned();
            caughtUp(sink);
            sink.polls(sink.block("sasl_user:" + ALICE, "hold"));
            await(
                    "the map says hold",
                    () -> PolicyMap.read(postfix.map(), ALICE).isPresent());
            Set<String> alices = sends(ALICE, 3);
            await("held by Postfix", () -> in("hold").equals(alices));

            await("released", () -> {
                sink.polls(sink.word(ON_ALICES_MAIL, "release")); // Until the log was read as far as that.
                return in("deferred").containsAll(alices);
            });
        }
    }

    /** Such a host has {@code ??lodie} in its log, for {@code Élodie} and for {@code èlodie}. */
    @Test
    void aHostWithoutUtf8ReleasesByTheAccountsNameAndDeletesByItsOwnSpelling() throws Exception {
        String elodie = "\u00e9lodie@my-domain.net";
        postfix.stop();
        postfix.setting("smtputf8_enable", "no");
        postfix.account("\u00e9lodie", "secret");
        postfix.start();
        Set<String> mail = sends(elodie, 3);
        await("deferred", () -> in("deferred").containsAll(mail));
        try (SinkDriver sink = sink()) {
            sink.assigned();
            caughtUp(sink);
            sink.polls(sink.block("sasl_user:" + elodie, "reject"));
            await("held", () -> in("hold").containsAll(mail));
            sink.polls(sink.word("queue:sasl_user:" + elodie, "delete"));

            sink.polls(sink.word("queue:sasl_user:" + elodie, "release"));

            await("released, and not deleted before", () -> in("deferred").containsAll(mail));
        }
    }

    @Test
    void aHostWithoutUtf8DeletesWhatItsOwnSpellingNames() throws Exception {
        String elodie = "\u00e9lodie@my-domain.net";
        postfix.stop();
        postfix.setting("smtputf8_enable", "no");
        postfix.account("\u00e9lodie", "secret");
        postfix.start();
        Set<String> mail = sends(elodie, 2);
        await("deferred", () -> in("deferred").containsAll(mail));
        try (SinkDriver sink = sink()) {
            sink.assigned();
            caughtUp(sink);
            sink.polls(sink.block("sasl_user:" + elodie, "reject"));
            await("held", () -> in("hold").containsAll(mail));

            sink.polls(sink.word("queue:sasl_user:??lodie@my-domain.net", "delete"));

            await("deleted", () -> in("hold").isEmpty() && in("deferred").isEmpty());
        }
    }

    @Test
    void mailThatIsAcceptedWhileTheBlockIsWrittenIsHeldToo() throws Exception {
        try (SinkDriver sink = sink()) {
            sink.assigned();
            caughtUp(sink);
            Set<String> accepted = new TreeSet<>();
            try (SmtpSession thief = postfix.login(ALICE, "secret")) {
                for (int i = 0; i < 200; i++) {
                    if (i == 20) {
                        sink.polls(sink.block("sasl_user:" + ALICE, "reject"));
                    }
                    String reply = thief.send(ALICE, "x@example.com");
                    if (!reply.startsWith("250")) {
                        break;
                    }
                    accepted.add(id(reply));
                }
            }
            assertThat(accepted).hasSizeBetween(20, 199);

            await("all held", () -> in("hold").equals(accepted));
        }
    }

    @Test
    void aHostWithoutTheQueueSaysSo() throws IOException {
        Path noQueue = Files.createDirectory(postfix.configuration().resolve("pod"));
        Files.writeString(noQueue.resolve("main.cf"), "queue_directory = /nowhere/postfix\n");

        assertThat(new MailQueue(noQueue.toString()).off())
                .hasValueSatisfying(reason -> assertThat(reason).contains("/nowhere/postfix"));
        assertThat(queue().off()).isEmpty();
    }

    private MailQueue queue() {
        return new MailQueue(postfix.configuration().toString());
    }

    private SinkDriver sink() {
        return new SinkDriver(
                postfix.map(),
                (client, partitions) -> Map.of(SinkDriver.BLOCKS, 0L, SinkDriver.WORDS, 0L),
                Map.of(
                        "policy.log.paths",
                                postfix.logFile().resolveSibling("mail*.log").toString(),
                        "policy.postfix.config.directories",
                                postfix.configuration().toString()));
    }

    /** Polls until a block is written, and lifts it again. */
    private void caughtUp(SinkDriver sink) throws Exception {
        sink.polls(sink.block("sasl_user:marker", "hold"));
        await("caught up", () -> {
            sink.polls();
            return PolicyMap.read(postfix.map(), "marker").isPresent();
        });
        sink.polls(sink.record(SinkDriver.BLOCKS, "sasl_user:marker", null));
    }

    private Set<String> sends(String account, int messages) throws IOException {
        Set<String> ids = new TreeSet<>();
        try (SmtpSession session = postfix.login(account, "secret")) {
            for (int i = 0; i < messages; i++) {
                ids.add(id(session.send(account, "x" + i + "@example.com")));
            }
        }
        return ids;
    }

    private static String id(String reply) {
        assertThat(reply).startsWith("250 2.0.0 Ok: queued as ");
        return reply.substring(reply.lastIndexOf(' ') + 1);
    }

    private Set<String> in(String queue) throws IOException {
        while (true) {
            try (Stream<Path> files =
                    Files.walk(postfix.configuration().resolve("queue").resolve(queue))) {
                return files.filter(Files::isRegularFile)
                        .map(file -> file.getFileName().toString())
                        .collect(Collectors.toCollection(TreeSet::new));
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof NoSuchFileException)) {
                    throw e;
                }
                // Postfix moved a message meanwhile.
            }
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.holds()) {
            assertThat(System.nanoTime())
                    .as(what + "; hold " + in("hold") + ", deferred " + in("deferred") + "\n" + postfix.log())
                    .isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
