package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.subject.BlockAction;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnforcementTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final String BOB = "sasl_user:bob@my-domain.net";
    private static final String REFUSED = "REJECT 5.7.1 Sending is suspended; contact your postmaster [pb:k7f2]";

    @TempDir
    Path dir;

    private final SettableClock clock = new SettableClock();
    private PolicyMap map;
    private Enforcement enforcement;

    @BeforeEach
    void open() throws IOException {
        map = PolicyMap.open(dir.resolve("blocks.lmdb"), 1 << 20);
        map.rebuild(to -> {});
        enforcement = enforcement();
    }

    @AfterEach
    void close() throws IOException {
        map.close();
    }

    @Test
    void blockIsAnEntryWithItsReferenceUntilItsTombstone() throws IOException {
        enforcement.caughtUp();

        blocked("sasl_user:Bob@My-Domain.net", block(NOON));
        assertThat(Tables.all(map)).containsExactly(Map.entry("bob@my-domain.net", refusedUntil(NOON.plus(HOUR))));

        blocked(BOB, null);
        assertThat(Tables.all(map)).isEmpty();
    }

    @Test
    void actionsAreWhatPostfixUnderstands() throws IOException {
        enforcement.caughtUp();

        blocked("sasl_user:held", block("hold", null, "a"));
        blocked("sasl_user:deferred", block("DEFER", "Later", "b"));
        blocked("sasl_user:odd", block("OK\nOK", "No", "c"));
        blocked("sasl_user:gone", block("disconnect", null, "d"));

        assertThat(map.get("held")).startsWith("HOLD This message waits").endsWith(" [pb:a]");
        assertThat(map.get("deferred")).isEqualTo("450 4.7.1 Later [pb:b]");
        assertThat(map.get("odd")).isEqualTo("REJECT 5.7.1 No [pb:c]");
        assertThat(map.get("gone")).startsWith("421 4.7.1 ").endsWith(" [pb:d]");
    }

    @Test
    void allowWinsOverABlockUntilItEnds() throws IOException {
        enforcement.caughtUp();
        blocked(BOB, block(NOON));

        said(BOB, word("allow", NOON, NOON.plusSeconds(60)));
        blocked(BOB, block(NOON.plusSeconds(30)));
        assertThat(Tables.all(map)).isEmpty();

        clock.now = NOON.plusSeconds(60);
        enforcement.tick();
        assertThat(map.get("bob@my-domain.net")).isEqualTo(REFUSED);
    }

    @Test
    void afterAnUnblockOnlyNewerEvidenceBlocksAgain() throws IOException {
        enforcement.caughtUp();
        blocked(BOB, block(NOON));
        said(BOB, word("unblock", NOON.plusSeconds(10), null));
        assertThat(Tables.all(map)).isEmpty();

        // Decided later, but from what the operator had seen already.
        blocked(BOB, block(NOON.plusSeconds(20), NOON.plusSeconds(10)));
        assertThat(Tables.all(map)).isEmpty();

        blocked(BOB, block(NOON.plusSeconds(20), NOON.plusSeconds(11)));
        assertThat(map.get("bob@my-domain.net")).isEqualTo(REFUSED);
    }

    @Test
    void anUnblockWithAnEndKeepsTheOlderBlockAwayAfterIt() throws IOException {
        enforcement.caughtUp();
        blocked(BOB, block(NOON));
        said(BOB, word("unblock", NOON.plusSeconds(10), NOON.plusSeconds(20)));

        clock.now = NOON.plusSeconds(30);
        enforcement.tick();
        assertThat(Tables.all(map)).isEmpty();

        blocked(BOB, block(NOON.plusSeconds(40)));
        assertThat(map.get("bob@my-domain.net")).isEqualTo(REFUSED);
    }

    @Test
    void operatorsBlockNeedsNoDetectorAndEndsWhenWithdrawn() throws IOException {
        enforcement.caughtUp();

        said(BOB, word("block", NOON, null));
        assertThat(map.get("bob@my-domain.net")).startsWith("REJECT 5.7.1 ").endsWith(" [pb:operator]");

        said(BOB, null);
        assertThat(Tables.all(map)).isEmpty();
    }

    @Test
    void anUnknownVerbChangesNothing() throws IOException {
        enforcement.caughtUp();
        blocked(BOB, block(NOON));

        said(BOB, word("pardon", NOON, null));

        assertThat(map.get("bob@my-domain.net")).isEqualTo(REFUSED);
        assertThat(enforcement.refused()).isEqualTo(1);
    }

    @Test
    void endedBlockGoesByTheHostsOwnClock() throws IOException {
        enforcement.caughtUp();
        blocked(BOB, block(NOON));

        clock.now = NOON.plus(HOUR).minusMillis(1);
        enforcement.tick();
        assertThat(Tables.all(map)).hasSize(1);

        clock.now = NOON.plus(HOUR);
        enforcement.tick();
        assertThat(Tables.all(map)).isEmpty();
    }

    @Test
    void mapStaysAsItIsUntilTheTopicsWereRead() throws IOException {
        map.apply(Map.of("ghost", entry("REJECT stale"), "bob@my-domain.net", entry("REJECT older")));

        blocked(BOB, null);
        blocked("sasl_user:eve", block(NOON));
        enforcement.tick();
        assertThat(Tables.all(map)).containsOnlyKeys("ghost", "bob@my-domain.net");

        blocked(BOB, block(NOON));
        enforcement.caughtUp();
        assertThat(Tables.all(map)).containsOnlyKeys("bob@my-domain.net", "eve");
        assertThat(map.get("bob@my-domain.net")).isEqualTo(REFUSED);
    }

    @Test
    void entriesEndByThemselvesWhenNobodyTellsWhatTheTopicsSay() throws IOException {
        map.apply(Map.of("short", refusedUntil(NOON.plusSeconds(5)), "long", refusedUntil(NOON.plus(HOUR))));
        enforcement.replay();

        clock.now = NOON.plusSeconds(10);
        enforcement.tick();
        assertThat(Tables.all(map)).as("the topics may yet say more").containsOnlyKeys("short", "long");

        clock.now = NOON.plus(Enforcement.PATIENCE).plusSeconds(1);
        enforcement.tick();
        assertThat(Tables.all(map)).containsOnlyKeys("long");
    }

    @Test
    void aClockThatWasWrongAndIsSetBackBringsTheBlockBack() throws IOException {
        enforcement.caughtUp();
        blocked(BOB, block(NOON));
        clock.now = NOON.plus(Duration.ofDays(30));
        enforcement.tick();
        assertThat(Tables.all(map)).isEmpty();

        clock.now = NOON.plusSeconds(60);
        enforcement.tick();

        assertThat(map.get("bob@my-domain.net")).isEqualTo(REFUSED);
    }

    @Test
    void aLostMapIsNotReplacedByAnEmptierOne() throws IOException {
        Path path = dir.resolve("blocks.lmdb");
        Files.delete(path);

        blocked(BOB, block(NOON));
        enforcement.tick();
        assertThat(path).as("an empty map would let everybody in").doesNotExist();

        enforcement.caughtUp();
        assertThat(map.get("bob@my-domain.net")).isEqualTo(REFUSED);
    }

    @Test
    void aMapThatIsDeletedUnderUsIsThereAgainAtTheNextTick() throws IOException {
        List<String> said = new ArrayList<>();
        enforcement.onReplaced(() -> said.add("reload"));
        enforcement.caughtUp();
        blocked(BOB, block(NOON));
        Files.delete(dir.resolve("blocks.lmdb"));

        enforcement.tick();

        assertThat(PolicyMap.read(dir.resolve("blocks.lmdb"), "bob@my-domain.net"))
                .contains(REFUSED);
        assertThat(said).containsExactly("reload");
        blocked("sasl_user:eve", block(NOON));
        assertThat(map.get("eve")).isEqualTo(REFUSED);
    }

    @Test
    void aFileThatSomebodyCutShortIsBuiltAnew() throws IOException {
        enforcement.caughtUp();
        for (int i = 0; i < 500; i++) {
            blocked("sasl_user:user" + i, block(NOON));
        }
        try (var file = FileChannel.open(dir.resolve("blocks.lmdb"), StandardOpenOption.WRITE)) {
            file.truncate(8192);
        }

        enforcement.tick();

        assertThat(Tables.all(map)).hasSize(500);
    }

    @Test
    void catchingUpThatCouldNotBeWrittenIsDueAgain() throws IOException {
        map.close();
        map = PolicyMap.open(dir.resolve("small.lmdb"), 64 << 10);
        map.rebuild(to -> {});
        enforcement = enforcement();
        for (int i = 0; i < 2000; i++) {
            blocked("sasl_user:user" + i, block(NOON));
        }
        assertThatThrownBy(enforcement::caughtUp)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("full");
        assertThat(enforcement.isCaughtUp()).isFalse();

        for (int i = 1; i < 2000; i++) {
            blocked("sasl_user:user" + i, null);
        }
        enforcement.caughtUp();

        assertThat(Tables.all(map)).containsExactly(Map.entry("user0", refusedUntil(NOON.plus(HOUR))));
    }

    @Test
    void moreThanFitOneLookAreRestoredEndedAndBroughtBack() throws IOException {
        map.close();
        map = PolicyMap.open(dir.resolve("many.lmdb"), 64 << 20);
        map.rebuild(to -> {
            for (int i = 0; i < 2500; i++) {
                to.accept("ghost" + i, entry("REJECT 5.7.1 gone meanwhile"));
                to.accept("user" + i, entry("HOLD as it was"));
            }
        });
        enforcement = enforcement();
        for (int i = 0; i < 2500; i++) {
            enforcement.block("sasl_user:user" + i, block(NOON.minusSeconds(i)));
        }
        enforcement.caughtUp();
        assertThat(Tables.all(map))
                .hasSize(2500)
                .containsEntry("user2499", refusedUntil(NOON.minusSeconds(2499).plus(HOUR)));

        clock.now = NOON.plus(HOUR);
        enforcement.tick();
        assertThat(Tables.all(map)).isEmpty();

        clock.now = NOON;
        enforcement.tick();
        assertThat(Tables.all(map)).hasSize(2500);
    }

    @Test
    void hostileSubjectsAreNoKeys() throws IOException {
        enforcement.caughtUp();
        List<String> hostile = List.of(
                "",
                "bob\0",
                "bob\nroot OK",
                "bob\r",
                "bob\u007f",
                "bob\u0085",
                "b\ud800b",
                "x".repeat(321),
                "\u20ac".repeat(300));

        for (String subject : hostile) {
            blocked("sasl_user:" + subject, block(NOON));
        }
        blocked("client_ip:192.0.2.1", block(NOON));
        blocked(null, block(NOON));

        assertThat(Tables.all(map)).isEmpty();
        assertThat(enforcement.refused()).isEqualTo(hostile.size());
    }

    @Test
    void hostileTextsStayTextsOfOneLine() throws IOException {
        enforcement.caughtUp();

        blocked(BOB, block("reject", "Stop\0\r\nroot OK [pb:other] \u202e\u00e9" + "x".repeat(500), "k7\n]f2[\0"));

        assertThat(Tables.all(map)).containsOnlyKeys("bob@my-domain.net");
        String entry = map.get("bob@my-domain.net");
        assertThat(entry)
                .matches("REJECT 5\\.7\\.1 Stop   root OK  pb:other [ -~]*x \\[pb:k7  f2\\]")
                .hasSizeLessThan(300);
        assertThat(entry.getBytes(StandardCharsets.UTF_8)).hasSize(entry.length());
    }

    @Test
    void whoMustStayReachableIsNeverBlocked() throws IOException {
        enforcement.caughtUp();

        blocked("sasl_user:postmaster", block(NOON));
        blocked("sasl_user:Postmaster@my-domain.net", block(NOON));
        blocked("sasl_user:abuse@my-domain.net", block(NOON));
        said("sasl_user:postmaster@my-domain.net", word("block", NOON, null));
        blocked("sasl_user:postmaster2@my-domain.net", block(NOON));

        blocked("sasl_user:any@partner.example", block(NOON));
        blocked("sasl_user:CEO@my-domain.net", block(NOON));

        assertThat(Tables.all(map)).containsOnlyKeys("postmaster2@my-domain.net");
    }

    @Test
    void secondWriterIsRefusedAndDoesNotLoosenTheFirstOnesLock() throws Exception {
        Path path = dir.resolve("blocks.lmdb");
        assertThatThrownBy(() -> PolicyMap.open(path, 1 << 20))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("in this process");

        assertThat(openElsewhere(path)).isEqualTo(SecondWriter.REFUSED);
        map.close();
        assertThat(openElsewhere(path)).isEqualTo(SecondWriter.OPENED);
    }

    private static int openElsewhere(Path path) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SecondWriter.class.getName(),
                        path.toString())
                .inheritIO()
                .start()
                .waitFor();
    }

    private void blocked(String key, Wanted block) throws IOException {
        enforcement.block(key, block);
        enforcement.write();
    }

    private void said(String key, Wanted word) throws IOException {
        enforcement.word(key, word);
        enforcement.write();
    }

    private Enforcement enforcement() throws IOException {
        return enforcement(map, clock);
    }

    static Enforcement enforcement(PolicyMap map, Clock clock) throws IOException {
        return enforcement(map, clock, EnumSet.of(LoginFolding.UTF8));
    }

    static Enforcement enforcement(PolicyMap map, Clock clock, Set<LoginFolding> foldings) throws IOException {
        var never = NeverBlock.of(List.of("postmaster", "abuse", "@partner.example", "ceo@my-domain.net"));
        return new Enforcement(map, Tables.said(map), new Accounts(never, foldings), replies(), clock);
    }

    static Replies replies() {
        var texts = new EnumMap<BlockAction, String>(BlockAction.class);
        for (BlockAction action : BlockAction.values()) {
            texts.put(action, Replies.usualText(action));
        }
        return new Replies(texts);
    }

    private static Entry refusedUntil(Instant end) {
        return new Entry(REFUSED, end.toEpochMilli());
    }

    private static Entry entry(String reply) {
        return new Entry(reply, Entry.NEVER);
    }

    private static Wanted block(Instant at) {
        return block(at, at);
    }

    private static Wanted block(Instant decidedAt, Instant evidenceAt) {
        return new Wanted("block", "reject", null, "k7f2", decidedAt, evidenceAt, decidedAt.plus(HOUR), null);
    }

    static Wanted block(String action, String text, String reference) {
        return new Wanted("block", action, text, reference, NOON, NOON, NOON.plus(HOUR), null);
    }

    private static Wanted word(String verb, Instant at, Instant endsAt) {
        return new Wanted(verb, null, null, null, at, null, endsAt, null);
    }

    private static final class SettableClock extends Clock {
        private Instant now = NOON;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
