package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.wire.Topics;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Old logs teach a detector that starts; what was shipped can be replayed and learnt from like logs. */
@Timeout(300)
class LearnIT {

    @TempDir
    private Path dir;

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    private final List<OldHabits.Line> weeks = OldHabits.weeksBefore(now);
    private final List<OldHabits.Line> dayOne = OldHabits.dayOne(now);
    private LiveCluster cluster;
    private Path geo;

    @BeforeEach
    void cluster() throws Exception {
        geo = OldHabits.geo(dir);
        cluster = new LiveCluster(dir, 2);
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void theFirstDayIsJudgedLikeTheThirtyFirst() throws Exception {
        List<JsonNode> cold = replayed(dayOne);
        List<JsonNode> watched =
                replayed(Stream.concat(weeks.stream(), dayOne.stream()).toList());
        assertThat(blocked(cold, OldHabits.CIRCULAR)).isBefore(now);

        LiveCluster.Said learnt =
                cluster.runs(words("learn", OldHabits.logs(dir, "weeks", weeks), "--geo", geo.toString()));
        assertThat(learnt.status()).as(learnt.err()).isZero();
        assertThat(learnt.err()).contains("6 profiles are on abuse.profiles.v1");
        cluster.start(geo);
        cluster.awaitsConsumed(Topics.PROFILES.name());
        dayOne.forEach(line -> cluster.ships(line.host(), line.text()));
        cluster.awaitsConsumed(Topics.MAIL_EVENTS.name());

        String thief = "sasl_user:" + OldHabits.STOLEN;
        LiveCluster.awaits("the thief is blocked", () -> cluster.blocks().containsKey(thief));
        assertThat(cluster.blocks()).containsOnlyKeys(thief);
        assertThat(cluster.alerts().values()).extracting(a -> a.getSubject()).containsOnly(OldHabits.STOLEN);
        Instant decided = cluster.blocks().get(thief).getDecidedAt();
        Instant asWatched = blocked(watched, OldHabits.STOLEN);
        assertThat(asWatched).isBefore(blocked(cold, OldHabits.STOLEN));
        // Hosts' lines may pass each other on their way; 30 s are the promise for that.
        assertThat(decided).isCloseTo(asWatched, within(30, ChronoUnit.SECONDS));
        assertThat(blocked(watched, OldHabits.CIRCULAR)).isEqualTo(Instant.MAX);
    }

    @Test
    void whatWasShippedIsReplayedAndLearntFromLikeTheLogs() throws Exception {
        dayOne.forEach(line -> cluster.ships(line.host(), line.text()));
        cluster.sends(Topics.MAIL_EVENTS.name(), "mx3", new byte[] {0, 0, 0, 0, 99, 1});
        cluster.awaitsSent();
        assertThat(cluster.all(Topics.MAIL_EVENTS.name()).stream()
                        .map(r -> r.partition())
                        .distinct())
                .as("hosts are on partitions of their own, which have to be merged")
                .hasSizeGreaterThan(1);

        LiveCluster.Said overTopic = cluster.runs("replay", "--topic", "--geo", geo.toString());
        LiveCluster.Said overLogs =
                LiveCluster.says(words("replay", OldHabits.logs(dir, "one", dayOne), "--geo", geo.toString()));

        assertThat(overTopic.status()).as(overTopic.err()).isZero();
        assertThat(decisions(overTopic)).isNotEmpty().isEqualTo(decisions(overLogs));
        assertThat(overTopic.err())
                .contains("1 records could not be read and were left out", dayOne.size() + " lines (0 unparsed");

        cluster.runs("learn", "--topic", "--geo", geo.toString());
        List<String> fromTopic = profiles();
        cluster.runs(words("learn", OldHabits.logs(dir, "one", dayOne), "--geo", geo.toString()));
        List<String> both = profiles();
        assertThat(fromTopic).isNotEmpty();
        assertThat(both).hasSize(2 * fromTopic.size());
        fromTopic.forEach(
                profile -> assertThat(Collections.frequency(both, profile)).isEqualTo(2));
    }

    /** A block's reference comes from the name of the log that led to it. */
    private static String decisions(LiveCluster.Said said) {
        return said.out().replaceAll("\\[pb:[0-9a-f]{8}]", "[pb]");
    }

    /** What was learnt, without the marks of where it was read. */
    private List<String> profiles() {
        return cluster.decoded(Topics.PROFILES).stream()
                .map(p -> p.getSubjectKey()
                        + p.getMessages()
                        + p.getSpentUntil()
                        + p.getRates()
                        + p.getOrigins()
                        + p.getUsual()
                        + p.getPrograms()
                        + p.getTraits()
                        + p.getPlaces())
                .toList();
    }

    private List<JsonNode> replayed(List<OldHabits.Line> lines) throws Exception {
        LiveCluster.Said said =
                LiveCluster.says(words("replay", OldHabits.logs(dir, "replayed", lines), "--geo", geo.toString()));
        assertThat(said.status()).as(said.err()).isZero();
        List<JsonNode> records = new ArrayList<>();
        for (String line : said.out().lines().toList()) {
            records.add(new ObjectMapper().readTree(line));
        }
        return records;
    }

    /** When the account is blocked on day one; never is late. */
    private Instant blocked(List<JsonNode> decisions, String account) {
        return blocks(decisions).stream()
                .filter(d -> subject(d).equals(account) && !old(d))
                .map(d -> Instant.parse(d.get("time").asText()))
                .findFirst()
                .orElse(Instant.MAX);
    }

    private boolean old(JsonNode decision) {
        return Instant.parse(decision.get("time").asText())
                .isBefore(dayOne.get(0).at());
    }

    private static List<JsonNode> blocks(List<JsonNode> decisions) {
        return decisions.stream()
                .filter(d -> d.get("type").asText().equals("block"))
                .toList();
    }

    private static String subject(JsonNode decision) {
        return decision.get("subject").asText();
    }

    private static String[] words(String command, List<String> logs, String... more) {
        List<String> words = new ArrayList<>(List.of(command));
        words.addAll(logs);
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }
}
