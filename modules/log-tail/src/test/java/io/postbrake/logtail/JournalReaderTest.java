package io.postbrake.logtail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real journalctl on real journal files. */
class JournalReaderTest {

    @TempDir
    private Path dir;

    private final TailCounters counters = new TailCounters();
    private JournalDriver journal;
    private JournalReader reader;
    private String cursor;

    @BeforeEach
    void begin() {
        journal = new JournalDriver(dir);
    }

    @AfterEach
    void end() {
        if (reader != null) {
            reader.close();
        }
    }

    private void starts(JournalReader.Start start) {
        end();
        reader = new JournalReader(journal.selection(), start, 1 << 16, counters);
    }

    private void restarts() {
        starts(new JournalReader.Start.After(cursor));
    }

    private List<String> reads(int count) throws InterruptedException {
        List<String> texts = new ArrayList<>();
        long patience = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (texts.size() < count && System.nanoTime() < patience) {
            reader.await(Duration.ofSeconds(1));
            for (JournalEntry entry : reader.poll(count - texts.size())) {
                String line = new String(entry.line(), StandardCharsets.UTF_8);
                texts.add(line.substring(line.indexOf("]: ") + 3));
                cursor = entry.cursor();
            }
        }
        return texts;
    }

    @Test
    void goingOnAfterAnyEntryLosesAndRepeatsNothing() throws Exception {
        journal.append("a", "one", "two", "three");
        starts(new JournalReader.Start.Oldest());
        List<String> seen = new ArrayList<>(reads(2));
        journal.append("a", "four");
        restarts();

        seen.addAll(reads(2));

        assertThat(seen).containsExactly("one", "two", "three", "four");
        assertThat(counters.gaps).hasValue(0);
    }

    @Test
    void entriesThatComeWhileItReadsArriveAlsoFromAFileThatComesLater() throws Exception {
        journal.append("a", "one");
        starts(new JournalReader.Start.Oldest());
        List<String> seen = new ArrayList<>(reads(1));
        journal.append("a", "two");
        seen.addAll(reads(1));
        journal.append("b", "three");

        seen.addAll(reads(1));

        assertThat(seen).containsExactly("one", "two", "three");
    }

    @Test
    void whatWasVacuumedIsToldOfAndTheRestIsReadWhole() throws Exception {
        journal.append("a", "one", "two");
        journal.append("b", "three", "four");
        starts(new JournalReader.Start.Oldest());
        reads(1);
        end();
        journal.vacuum("a");
        restarts();

        List<String> seen = reads(2);

        assertThat(seen).containsExactly("three", "four");
        assertThat(counters.gaps).hasValue(1);
    }

    @Test
    void aChildThatIsKilledIsStartedAgainAndNothingIsLostOrRepeated() throws Exception {
        journal.append("a", "one");
        starts(new JournalReader.Start.Oldest());
        List<String> seen = new ArrayList<>(reads(1));
        ProcessHandle child = ProcessHandle.current()
                .children()
                .filter(p -> p.info().command().orElse("").endsWith("journalctl"))
                .findFirst()
                .orElseThrow();
        child.destroyForcibly();
        journal.append("a", "two");

        seen.addAll(reads(1));

        assertThat(seen).containsExactly("one", "two");
        assertThat(counters.gaps).hasValue(0);
    }

    @Test
    void itBeginsSoManyEntriesBeforeTheEnd() throws Exception {
        journal.append("a", "one", "two", "three");
        starts(new JournalReader.Start.Last(2));

        List<String> seen = reads(2);

        assertThat(seen).containsExactly("two", "three");
    }

    @Test
    void theNewestEntryIsWhereTheEndIs() throws Exception {
        journal.append("a", "one", "two");
        cursor = JournalReader.newest(journal.selection());
        journal.append("a", "three");
        restarts();

        List<String> seen = reads(1);

        assertThat(seen).containsExactly("three");
    }

    @Test
    void anEmptyJournalHasNoNewestEntry() throws Exception {
        String newest = JournalReader.newest(journal.selection());

        assertThat(newest).isNull();
    }

    @Test
    void aJournalThatCannotBeReadIsNotTakenForAnEmptyOne() {
        var missing = new JournalSelection(dir.resolve("missing"), List.of("SYSLOG_FACILITY=2"));

        assertThatThrownBy(() -> JournalReader.newest(missing))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("journalctl ended with 1: ");
    }

    @Test
    void whoSaysNothingAndFailsIsQuoted() {
        var program = new ProcessBuilder("ls", "--no-such-option");

        assertThatThrownBy(() -> JournalReader.newest(journal.selection(), program, Duration.ofMinutes(1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("journalctl ended with 2: ");
    }

    @Test
    void whoNeverAnswersIsNotWaitedFor() {
        var program = new ProcessBuilder("sleep", "1000");

        assertThatThrownBy(() -> JournalReader.newest(journal.selection(), program, Duration.ofMillis(100)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("did not tell the newest entry");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SYSLOG_FACILITY", "--since=today", "lower=1", "A=", "A=b\nc", "=x", "+"})
    void whatIsNoMatchIsRefused(String match) {
        assertThatThrownBy(() -> journal.selection(match)).hasMessageContaining("SYSLOG_FACILITY=2");
    }
}
