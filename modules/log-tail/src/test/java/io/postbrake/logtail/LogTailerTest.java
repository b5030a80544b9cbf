package io.postbrake.logtail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogTailerTest {

    @TempDir
    private Path dir;

    private LogDriver log;

    @BeforeEach
    void begin() {
        log = new LogDriver(dir);
    }

    @AfterEach
    void end() throws IOException {
        log.close();
    }

    @Test
    void goingOnAfterAnyLineLosesAndRepeatsNothing() throws IOException {
        List<String> written =
                IntStream.range(0, 50).mapToObj(i -> "line number " + i).toList();
        log.append(String.join("\n", written) + "\n");
        log.starts();
        List<LogLine> all = log.readsAll();
        for (int i = 0; i < all.size(); i++) {
            log.starts(List.of(new ReadState(all.get(i).next(), all.get(i).tail(), -1)));

            List<String> rest = log.texts();

            assertThat(rest).isEqualTo(written.subList(i + 1, written.size()));
        }
        assertThat(LogDriver.texts(all)).isEqualTo(written);
    }

    @Test
    void aRotatedFileIsDrainedBeforeTheNext() throws IOException {
        log.append("one\ntwo\n");
        log.starts();
        List<String> seen = new ArrayList<>(log.texts());
        log.rename("mail.log", "mail.log.1");
        log.append("mail.log.1", "three\n");
        log.append("four\n");

        seen.addAll(log.texts());

        assertThat(seen).containsExactly("one", "two", "three", "four");
    }

    @Test
    void rotationsWhileNobodyReadAreCaughtUpWhateverTheStampsOfTheFilesSay() throws IOException {
        log.append("one\ntwo\n");
        log.starts();
        log.tailer().poll(1, 1000);
        log.rename("mail.log", "mail.log.2");
        log.append("three\n");
        log.rename("mail.log", "mail.log.1");
        log.append("four\n");
        Files.setLastModifiedTime(dir.resolve("mail.log.1"), FileTime.fromMillis(1000));
        log.restarts();

        List<String> seen = log.texts();

        assertThat(seen).containsExactly("two", "three", "four");
    }

    @Test
    void aFileThatWasCompressedMeanwhileGoesOnWhereItWasLeft() throws IOException {
        log.append("one\ntwo\n");
        log.starts();
        LogLine first = log.tailer().poll(1, 1000).get(0);
        log.close();
        log.append("three\n");
        log.rename("mail.log", "mail.log.1");
        log.compress("mail.log.1");
        log.append("four\n");
        log.starts(List.of(new ReadState(first.next(), first.tail(), 1)));

        List<LogLine> seen = log.readsAll();

        assertThat(LogDriver.texts(seen)).containsExactly("two", "three", "four");
        assertThat(seen.get(0).at()).isEqualTo(first.next());
        assertThat(seen.get(1).at().sourceId()).isEqualTo(first.at().sourceId());
    }

    @Test
    void compressionOfAFileThatIsBeingReadRepeatsNothing() throws IOException {
        log.append("one\ntwo\nthree\n");
        log.starts();
        log.tailer().poll(1, 1000);
        log.rename("mail.log", "mail.log.1");
        log.append("four\n");
        List<String> seen = new ArrayList<>(LogDriver.texts(log.tailer().poll(1, 1000)));
        log.compress("mail.log.1");
        log.tailer().rescan();

        seen.addAll(log.texts());

        assertThat(seen).containsExactly("two", "three", "four");
    }

    @Test
    void datedFilesOfSeveralFormsAreReadInOrder() throws IOException {
        log.append("mail.log-20261109", "one\n");
        log.append("mail.log-20261123", "three\n");
        log.append("mail.log-20261116", "two\n");
        log.compress("mail.log-20261109");
        log.compress("mail.log-20261116");
        log.append("mail-20261124.log", "four\n");
        log.append("five\n");
        log.append("mail.log.bak", "not a rotated file\n");
        log.starts();

        List<String> seen = log.texts();

        assertThat(seen).containsExactly("one", "two", "three", "four", "five");
    }

    @Test
    void aBackLogOfManyFilesIsReadFromTheOldest() throws IOException {
        List<String> written = new ArrayList<>();
        for (int i = 12; i > 0; i--) {
            written.add("file " + i);
            log.append("mail.log." + i, "file " + i + "\n");
            if (i % 2 == 0) {
                log.compress("mail.log." + i);
            }
        }
        log.starts();

        List<String> seen = log.texts();

        assertThat(seen).isEqualTo(written);
    }

    @Test
    void whatACopyAndTruncationLeftUnreadIsReadInTheCopy() throws IOException {
        log.append("one\ntwo\nthree\n");
        log.starts();
        LogLine first = log.tailer().poll(1, 1000).get(0);
        log.copyAndTruncate("mail.log.1");
        log.append("four\n");

        List<LogLine> seen = log.readsAll();

        assertThat(LogDriver.texts(seen)).containsExactly("two", "three", "four");
        assertThat(seen.get(0).at()).isEqualTo(first.next());
        assertThat(seen.get(2).at().sourceId()).isNotEqualTo(first.at().sourceId());
        assertThat(log.counters.truncations).hasValue(1);
    }

    @Test
    void aTextThatIsJustAsLongAsTheOneThatWasTruncatedIsReadAndTheCopyIsNot() throws IOException {
        log.append("one\n");
        log.starts();
        log.readsAll();
        log.copyAndTruncate("mail.log.1");
        log.append("two\n");
        log.tailer().rescan();

        List<String> seen = log.texts();

        assertThat(seen).containsExactly("two");
    }

    @Test
    void aCopyAndTruncationWhileNobodyReadRepeatsNothing() throws IOException {
        log.append("one\ntwo\nthree\n");
        log.starts();
        log.tailer().poll(2, 1000);
        log.copyAndTruncate("mail.log.1");
        log.append("four\n");
        log.restarts();

        List<String> seen = log.texts();

        assertThat(seen).containsExactly("three", "four");
    }

    @Test
    void aCopyThatIsBeingMadeIsNoTextOfItsOwn() throws IOException {
        log.append("one\ntwo\nthree\n");
        log.starts();
        log.tailer().poll(2, 1000);
        log.append("mail.log.1", "one\ntw");
        log.tailer().rescan();
        List<String> seen = new ArrayList<>(log.texts());
        log.append("mail.log.1", "o\nthree\n");
        log.truncate();
        log.append("four\n");

        seen.addAll(log.texts());

        assertThat(seen).containsExactly("three", "four");
    }

    @Test
    void aTruncationOutgrownBetweenTwoPollsIsSeen() throws IOException {
        log.append("a1\na2\n");
        log.starts();
        log.texts();
        Files.writeString(log.log, "bbbb1\nbbbb2\nbbbb3\n", StandardOpenOption.TRUNCATE_EXISTING);

        List<String> seen = log.texts();

        assertThat(seen).containsExactly("bbbb1", "bbbb2", "bbbb3");
        assertThat(log.counters.truncations).hasValue(1);
    }

    @Test
    void textsThatBeginAlikeAreToldApartByTheirGeneration() throws IOException {
        log.append("begin\none\n");
        log.starts();
        List<LogLine> seen = new ArrayList<>(log.readsAll());
        log.rename("mail.log", "mail.log.1");
        log.append("begin\ntwo\n");
        seen.addAll(log.readsAll());
        log.truncate();
        log.append("begin\n3\n");
        seen.addAll(log.readsAll());
        log.restarts();

        seen.addAll(log.readsAll());

        assertThat(LogDriver.texts(seen)).containsExactly("begin", "one", "begin", "two", "begin", "3");
        assertThat(seen.stream().map(l -> l.at().generation())).containsExactly(0L, 0L, 1L, 1L, 2L, 2L);
    }

    @Test
    void aHalfLineIsWaitedForAlsoTheFirst() throws IOException {
        log.append("ha");
        log.starts();
        List<String> seen = new ArrayList<>(log.texts());
        log.restarts();
        log.append("lf\nnext");
        seen.addAll(log.texts());
        log.append(" one\n");

        seen.addAll(log.texts());

        assertThat(seen).containsExactly("half", "next one");
    }

    @Test
    void aHalfFirstLineIsFinishedInTheRotatedFile() throws IOException {
        log.append("ha");
        log.starts();
        log.texts();
        log.rename("mail.log", "mail.log.1");
        log.append("mail.log.1", "lf\n");
        log.append("next\n");

        List<String> seen = log.texts();

        assertThat(seen).containsExactly("half", "next");
    }

    @Test
    void theLastLineOfARotatedFileNeedsNoLineEnd() throws IOException {
        log.append("one\nhalf");
        log.starts();
        List<String> seen = new ArrayList<>(log.texts());
        log.rename("mail.log", "mail.log.1");
        log.append("two\n");

        seen.addAll(log.texts());

        assertThat(seen).containsExactly("one", "half", "two");
    }

    @Test
    void anOverLongLineIsCutAndTheNextOneIsWhole() throws IOException {
        log.append("first\n" + "x".repeat(1_000_000) + "\nnext\n");
        log.starts();

        List<LogLine> lines = log.readsAll();

        assertThat(lines).hasSize(3);
        assertThat(lines.get(1).bytes()).hasSize(LogDriver.MAX_LINE);
        assertThat(lines.get(1).length()).isEqualTo(1_000_000);
        assertThat(lines.get(1).cut()).isTrue();
        assertThat(LogDriver.texts(lines).get(2)).isEqualTo("next");
    }

    @Test
    void binaryTextIsReadLikeAnyOther() throws IOException {
        byte[] noise = new byte[300_000];
        new Random(1).nextBytes(noise);
        Files.write(log.log, noise);
        log.append("\nlast\n");
        log.starts();

        List<LogLine> lines = log.readsAll();

        assertThat(LogDriver.texts(lines).get(lines.size() - 1)).isEqualTo("last");
        assertThat(lines.stream().mapToLong(l -> l.length() + 1).sum()).isEqualTo(Files.size(log.log));
    }

    @Test
    void aDamagedKeptFileKeepsNobodyFromTheOthers() throws IOException {
        log.append("mail.log.3", "one\n".repeat(1000) + "lost\n".repeat(100_000));
        log.compress("mail.log.3");
        Path zipped = dir.resolve("mail.log.3.gz");
        byte[] bytes = Files.readAllBytes(zipped);
        Files.write(zipped, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        Files.writeString(dir.resolve("mail.log.2.xz"), "whatever");
        Files.createDirectory(dir.resolve("mail.log.1"));
        log.append("two\n");
        log.starts();

        List<String> seen = log.texts();

        assertThat(seen).contains("one").endsWith("two");
        assertThat(log.counters.unreadable).hasValue(2);
    }

    @Test
    void aBatchIsBoundedByBytesToo() throws IOException {
        log.append(("x".repeat(999) + "\n").repeat(100));
        log.starts();

        List<LogLine> lines = log.tailer().poll(1000, 10_000);

        assertThat(lines).hasSize(10);
    }

    @Test
    void aDeletedLogIsReadToItsEndBeforeTheNewOne() throws IOException {
        log.append("one\ntwo\n");
        log.starts();
        List<String> seen = new ArrayList<>(LogDriver.texts(log.tailer().poll(1, 1000)));
        Files.delete(log.log);
        log.append("three\n");

        seen.addAll(log.texts());

        assertThat(seen).containsExactly("one", "two", "three");
    }

    @Test
    void aTextThatIsGoneIsToldOf() throws IOException {
        log.append("one\n");
        log.starts();
        log.texts();
        Files.delete(log.log);
        log.append("three\n");
        ReadState state = log.tailer().known().get(0);

        log.starts(List.of(new ReadState(state.position(), state.tail, state.inode)));

        assertThat(log.texts()).containsExactly("three");
        assertThat(log.counters.gaps).hasValue(1);
    }

    @Test
    void bytesBehindCountWhatIsThereAndUnread() throws IOException {
        log.append("mail.log.1", "one\n");
        log.compress("mail.log.1");
        log.append("two\n");
        log.starts();
        log.tailer().poll(1, 1);

        long behind = log.tailer().behind();

        assertThat(behind).isEqualTo(4);
        log.texts();
        assertThat(log.tailer().behind()).isZero();
    }

    @Test
    void aLogThatWasFoundEmptyIsReadAsSoonAsItHasText() throws IOException {
        log.append("one\n");
        log.starts();
        List<String> seen = new ArrayList<>(log.texts());
        log.rename("mail.log", "mail.log.1");
        log.append("");
        log.tailer().rescan();
        seen.addAll(log.texts());
        log.append("two\n");

        seen.addAll(log.texts());

        assertThat(seen).containsExactly("one", "two");
    }

    @Test
    void whatAWriterAddsToTheFileBeforeIsReadWithoutLookingForFiles() throws IOException {
        log.append("one\n");
        log.starts();
        List<String> seen = new ArrayList<>(log.texts());
        log.rename("mail.log", "mail.log.1");
        log.append("");
        log.tailer().rescan();
        seen.addAll(log.texts());
        log.append("mail.log.1", "two, by a writer that was not told yet\n");

        seen.addAll(log.texts());

        assertThat(seen).containsExactly("one", "two, by a writer that was not told yet");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 5, 6, 7, 11, 12, 17, 18, 19, 23, 24, 1000})
    void itBeginsWithTheFirstLineThatIsWhollyAmongTheLastBytes(long bytes) throws IOException {
        log.append("line1\nline2\n");
        log.rename("mail.log", "mail.log.2");
        log.compress("mail.log.2");
        log.append("line3\n");
        log.rename("mail.log", "mail.log.1");
        log.append("line4\n");
        log.starts();
        log.tailer().skipToLast(bytes);

        List<String> seen = log.texts();

        long whole = Math.min(4, bytes / 6);
        assertThat(seen)
                .isEqualTo(IntStream.rangeClosed((int) (5 - whole), 4)
                        .mapToObj(i -> "line" + i)
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mkfifo", "mkdir"})
    void aLogThatWasSomethingElseForAWhileIsFollowedAgain(String command) throws Exception {
        log.append("one\n");
        log.starts();
        List<String> seen = new ArrayList<>(log.texts());
        log.rename("mail.log", "mail.log.1");
        new ProcessBuilder(command, log.log.toString()).start().waitFor();
        log.tailer().rescan();
        seen.addAll(log.texts());
        Files.delete(log.log);
        log.append("two\n");

        seen.addAll(log.texts());

        assertThat(seen).containsExactly("one", "two");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mkfifo", "mkdir"})
    void whatIsNoFileAtTheStartIsFollowedOnceItIsOne(String command) throws Exception {
        new ProcessBuilder(command, log.log.toString()).start().waitFor();
        log.starts();
        List<String> seen = new ArrayList<>(log.texts());
        Files.delete(log.log);
        log.append("one\n");

        seen.addAll(log.texts());

        assertThat(seen).containsExactly("one");
    }
}
