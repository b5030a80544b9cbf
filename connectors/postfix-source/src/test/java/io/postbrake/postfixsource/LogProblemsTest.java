package io.postbrake.postfixsource;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shipper that reads nothing of use says so on its topic. */
class LogProblemsTest {

    @TempDir
    private Path dir;

    private Path log;
    private final Map<String, String> settings = new HashMap<>();
    private PostfixSourceTask task;

    @BeforeEach
    void prepare() {
        log = dir.resolve("mail.log");
        settings.put("log.paths", log.toString());
        settings.put("host.id", "mx1");
        settings.put("state.dir", dir.resolve("state").toString());
        settings.put("report.topic", "abuse.enforcement.v1");
    }

    @AfterEach
    void stop() {
        task.stop();
    }

    private void starts() {
        task = new PostfixSourceTask();
        task.start(settings);
    }

    private void append(String text) throws IOException {
        Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** The first report that is as wanted, while {@code meanwhile} goes on. */
    private List<String> reports(Predicate<List<String>> wanted, Step meanwhile) throws Exception {
        List<String> problems = null;
        long patience = System.nanoTime() + 60_000_000_000L;
        for (int i = 0; System.nanoTime() < patience; i++) {
            meanwhile.go(i);
            List<SourceRecord> some = task.poll();
            for (SourceRecord record : some == null ? List.<SourceRecord>of() : some) {
                if (record.topic().equals("abuse.enforcement.v1")) {
                    Struct report = (Struct) record.value();
                    assertThat(record.key()).isEqualTo("mx1/shipper");
                    assertThat(report.getString("kind")).isEqualTo("shipper");
                    problems = new ArrayList<>(report.<String>getArray("logProblems"));
                    if (wanted.test(problems)) {
                        return problems;
                    }
                }
            }
        }
        throw new AssertionError("the last report was " + problems);
    }

    private interface Step {
        void go(int i) throws Exception;
    }

    @Test
    void aLogThatIsMissingIsToldAtOnceAndNoMoreWhenItIsThere() throws Exception {
        starts();
        List<String> missing = reports(problems -> true, i -> {});
        append("");

        List<String> there = reports(List::isEmpty, i -> {});

        assertThat(missing).singleElement().asString().startsWith(log + " does not exist: give the log");
        assertThat(there).isEmpty();
    }

    @Test
    void aPatternThatMeansNoFileIsTold() throws Exception {
        settings.put("log.paths", dir + "/*/mail*.log");
        starts();

        List<String> problems = reports(found -> true, i -> {});

        assertThat(problems).containsExactly("no file is meant by " + dir + "/*/mail*.log");
    }

    @Test
    void linesThatNobodyUnderstandsAreToldWithoutTheirTextAndASampleStaysHere() throws Exception {
        append("@@@ postfix/smtpd[71]: secret text\n".repeat(30));
        starts();

        List<String> problems = reports(found -> !found.isEmpty(), i -> {});

        Path sample = Path.of(problems.get(0).substring(problems.get(0).indexOf(" is in ") + 7));
        assertThat(problems).singleElement().asString().contains("100 %").doesNotContain("secret");
        assertThat(Files.readString(sample)).isEqualTo("@@@ postfix/smtpd[71]: secret text\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(sample)))
                .isEqualTo("rw-------");
    }

    @Test
    void aWarningThatComesWithEachMessageIsNoLogThatIsNotUnderstood() throws Exception {
        append("Nov 24 10:00:00 mx1 postfix/smtpd[71]: warning: restriction `check_made_up' ignored: no such thing\n"
                .repeat(30));
        starts();

        List<String> problems = reports(found -> true, i -> {});

        assertThat(problems).isEmpty();
    }

    @Test
    void stampsInUtcAreToldWithinSecondsWhereTheyAreReadInAnotherZone() throws Exception {
        settings.put("log.zone", "Asia/Kolkata");
        starts();
        var stamps = DateTimeFormatter.ofPattern("MMM dd HH:mm:ss", Locale.ROOT);

        List<String> problems = reports(found -> !found.isEmpty(), i -> {
            String now = ZonedDateTime.now(ZoneId.of("UTC")).format(stamps);
            append(now + " mx1 postfix/smtpd[71]: connect from unknown[203.0.113.9]\n");
        });

        assertThat(problems).singleElement().asString().contains("5 h 30 min behind", "log.zone UTC would fit");
    }
}
