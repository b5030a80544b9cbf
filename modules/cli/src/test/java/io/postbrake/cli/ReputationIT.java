package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.ListedOn;
import io.postbrake.event.Submission;
import io.postbrake.wire.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A mounted list, from the file to what an operator reads, on a real broker. */
@Timeout(180)
class ReputationIT {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("MMM dd HH:mm:ss", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final String LISTED = "192.0.2.9";
    private static final String ENTRIES = "postbrake_reputation_entries{list=\"drop\"}";

    @TempDir
    private Path dir;

    private int queue;

    @Test
    void whatAListSaysIsWrittenOnTheSubmissionToldAndTakenUpAnewWithoutARestart() throws Exception {
        Path list = Files.writeString(
                dir.resolve("drop.txt"), "; Last-Modified: Tue, 24 Nov 2026 10:00:00 GMT\n192.0.2.0/24 ; SBL1\n");
        try (var cluster = new LiveCluster(dir.resolve("cluster"), 1)) {
            cluster.startWith(List.of(), List.of(list.toString()));
            sends(cluster, "ann@lists.example", LISTED);
            sends(cluster, "bob@lists.example", "198.51.100.9");

            LiveCluster.Said said = cluster.runs("explain", "ann@lists.example", "--json");

            assertThat(said.out()).contains("Mail from 192.0.2.9, which is on the list drop (abuse) since 2026-11-24");
            assertThat(cluster.runs("explain", "bob@lists.example", "--json").out())
                    .doesNotContain("on the list");
            assertThat(lists(cluster, "ann@lists.example")).containsExactly("drop");
            assertThat(lists(cluster, "bob@lists.example")).isEmpty();
            assertThat(cluster.blocks()).isEmpty();
            assertThat(cluster.alerts()).isEmpty();

            Files.writeString(list, "198.51.100.0/24\nno entry\n198.51.101.0/24\n");
            LiveCluster.awaits("the new list is taken up", () -> cluster.metric(ENTRIES) == 2);
            sends(cluster, "cat@lists.example", "198.51.100.9");

            assertThat(lists(cluster, "cat@lists.example")).containsExactly("drop");
            assertThat(cluster.metric("postbrake_reputation_bad_lines")).isEqualTo(1);

            Files.writeString(list, "");
            LiveCluster.awaits("it is told", () -> cluster.metric("postbrake_reputation_problems") == 1);
            sends(cluster, "dan@lists.example", "198.51.100.9");
            assertThat(lists(cluster, "dan@lists.example"))
                    .as("by the earlier one")
                    .containsExactly("drop");
        }
    }

    private static List<String> lists(LiveCluster cluster, String login) {
        return cluster.decoded(Topics.MAIL_SUBMISSIONS, login).stream()
                .map(Submission::getListed)
                .filter(listed -> listed != null)
                .flatMap(List::stream)
                .map(ListedOn::getList)
                .distinct()
                .toList();
    }

    private void sends(LiveCluster cluster, String login, String ip) throws Exception {
        String stamp = STAMP.format(Instant.now());
        String id = String.format(Locale.ROOT, "ABC%05X", ++queue);
        cluster.ships(
                "mx1",
                stamp + " mx1 postfix/smtpd[7]: " + id + ": client=unknown[" + ip
                        + "], sasl_method=PLAIN, sasl_username=" + login);
        cluster.ships(
                "mx1",
                stamp + " mx1 postfix/qmgr[9]: " + id + ": from=<" + login + ">, size=9, nrcpt=1 (queue active)");
        cluster.awaitsJudged();
    }
}
