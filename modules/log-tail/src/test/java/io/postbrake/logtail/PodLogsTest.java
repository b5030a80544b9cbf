package io.postbrake.logtail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.logtail.PodLogs.PodLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodLogsTest {

    private static final String UID = "5f3d8a2e-9f0c-4a51-8d7e-0123456789ab";

    @TempDir
    private Path pods;

    private void log(String path) throws IOException {
        Path file = pods.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
    }

    private List<PodLog> logs(String... matches) throws IOException {
        return PodLogs.of(pods, List.of(matches)).logs();
    }

    @ParameterizedTest
    @CsvSource({
        "mail/postfix-0/postfix, true",
        "mail/postfix-*/postfix, true",
        "*/*/*, true",
        "mail/*-0/post*x, true",
        "mail/postfix/postfix, false",
        "mail/postfix-0/sidecar, false",
        "mai/postfix-0/postfix, false",
        "mail/postfix.0/postfix, false"
    })
    void patternsMeanWholeNames(String match, boolean meant) throws IOException {
        log("mail_postfix-0_" + UID + "/postfix/0.log");

        assertThat(logs(match)).hasSize(meant ? 1 : 0);
    }

    @Test
    void theDirectoryNamesThePodAndTheFileTheRunOfTheContainer() throws IOException {
        log("mail_postfix-0_" + UID + "/postfix/10.log");
        log("mail_postfix-0_" + UID + "/postfix/9.log");
        log("mail_postfix-0_" + UID + "/postfix/9.log.20260101-120000");
        log("mail_postfix-0_" + UID + "/postfix/8.log.20260101-110000.gz");
        log("mail_postfix-0_" + UID + "/postfix/notes.txt");
        log("lost+found/postfix/0.log");
        log("_._x/postfix/0.log");

        List<PodLog> found = logs("mail/*/*");

        assertThat(found).extracting(PodLog::restart).containsExactly(8L, 9L, 10L);
        assertThat(found).extracting(log -> log.pod().uid()).containsOnly(UID);
        assertThat(found).extracting(log -> log.pod().label()).containsOnly("mail/postfix-0");
        assertThat(found.get(0).isBefore(found.get(1))).isTrue();
        assertThat(found.get(1).isBefore(found.get(0))).isFalse();
        assertThat(found.get(1).file()).isEqualTo(pods.resolve("mail_postfix-0_" + UID + "/postfix/9.log"));
    }

    @Test
    void aLinkOfDockersMeansTheFileThatDockerRotates() throws IOException {
        Path json = Files.writeString(pods.resolve("0a1b-json.log"), "").toRealPath();
        Path container = Files.createDirectories(pods.resolve("mail_postfix-0_" + UID + "/postfix"));
        Files.createSymbolicLink(container.resolve("0.log"), json);
        Files.createSymbolicLink(container.resolve("1.log"), pods.resolve("away-json.log"));

        List<PodLog> found = logs("mail/*/*");

        assertThat(found).extracting(PodLog::file).containsExactly(json, container.resolve("1.log"));
    }

    @Test
    void ofTooManyNoneIsLeftOutInSilence() throws IOException {
        for (int i = 0; i <= 1000; i++) {
            log("mail_postfix-0_uid" + i + "/postfix/0.log");
        }

        assertThatThrownBy(() -> logs("mail/*/*"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("more than 1000 logs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mail", "mail/postfix", "mail/postfix/a/b", "mail//postfix", "mail/post[fx]/c", ""})
    void otherMatchesAreRefusedWithWhatIsRight(String match) {
        assertThatThrownBy(() -> logs(match)).hasMessageContaining("mail/postfix-*/postfix");
    }
}
