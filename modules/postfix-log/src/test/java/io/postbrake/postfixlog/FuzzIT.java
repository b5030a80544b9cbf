package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.Jazzer;
import io.postbrake.testkit.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Ten minutes of coverage-guided fuzzing in a process of its own. It begins with the committed corpus and leaves what it found
 * in {@code target/fuzz-corpus.txt}, in the form of the committed one.
 */
@Tag("soak")
@Timeout(1200)
class FuzzIT {
    private static final int SECONDS = 600;
    private static final Path TARGET = Path.of("target");

    @Test
    void tenMinutesFindNothing() throws IOException, InterruptedException {
        Path found = Files.createDirectories(Files.createTempDirectory(TARGET.toAbsolutePath(), "fuzz-"));
        Path seeds = found.resolve("seeds");
        Path corpus = Files.createDirectories(found.resolve("corpus"));
        Path dictionary = found.resolve("dictionary.txt");
        Path log = TARGET.resolve("fuzz.log");
        FuzzCorpus.unpack(FuzzCorpus.committed(), seeds);
        Files.write(dictionary, imitations());

        Process fuzzer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx700m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Jazzer.class.getName(),
                        "--target_class=" + ParserFuzzer.class.getName(),
                        "--instrumentation_includes=io.postbrake.**",
                        "--custom_hook_includes=io.postbrake.**",
                        "-max_total_time=" + SECONDS,
                        "-max_len=700",
                        "-print_final_stats=1",
                        "-dict=" + dictionary,
                        "-artifact_prefix=" + found + "/",
                        corpus.toString(),
                        seeds.toString())
                .directory(found.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        int status = fuzzer.waitFor();

        String said = Files.readString(log);
        FuzzCorpus.pack(corpus, TARGET.resolve("fuzz-corpus.txt"));
        assertThat(status).as(said).isZero();
        Matcher executed =
                Pattern.compile("stat::number_of_executed_units: *(\\d+)").matcher(said);
        assertThat(executed.find()).as(said).isTrue();
        long executions = Long.parseLong(executed.group(1));
        assertThat(executions).isGreaterThan(100_000);
        Report.write(
                "fuzzing.md",
                "Fuzzing the parser",
                List.of(
                        "Coverage-guided (Jazzer), from the committed corpus and the imitations of `HostilePropertiesTest`: no"
                                + " line makes the parser throw.",
                        "",
                        String.format(Locale.ROOT, "%,d executions in %d s without a finding.", executions, SECONDS)));
    }

    private static List<String> imitations() {
        List<String> entries = new ArrayList<>();
        for (String imitation : HostilePropertiesTest.IMITATIONS) {
            entries.add('"' + imitation.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
        }
        return entries;
    }
}
