package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.geo.GeoInfo;
import io.postbrake.geo.GeoLookup;
import io.postbrake.replay.HostLine;
import io.postbrake.replay.Replay;
import io.postbrake.replay.ReplayListener;
import io.postbrake.subject.IpNetwork;
import io.postbrake.wire.OperatorReference;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a person on call sees of the incident in the seed log. */
class StoryPictureTest {

    private static final String ACCOUNT = "user@my-domain.net";
    private static final Duration DAYS = Duration.ofDays(7);
    private static final Instant THEFT = Instant.parse("2026-05-09T20:12:21Z");
    private static final GeoLookup GEO = ip -> {
        if (ip.startsWith("84.")) {
            return new GeoInfo("DE", "Hamburg", 53.55, 9.99, 50.0, 3320L, "Phone Net", "84.128.0.0/10");
        }
        return ip.startsWith("192.0.2.")
                ? new GeoInfo("DE", "Berlin", 52.52, 13.40, 50.0, 64500L, "Office Net", "192.0.2.0/24")
                : new GeoInfo("BR", "Sao Paulo", -23.55, -46.63, 50.0, 64501L, "Far Net", "201.91.0.0/16");
    };

    private final Recorder incident = new Recorder();

    @Test
    void theSeedIncidentFitsOneScreenAndSaysWhatToDo() throws IOException {
        Story story = seed();

        List<String> lines = new StoryPicture(story, times(), false).lines();

        holdsOnThePage(String.join("\n", lines));
        Json.print(new PrintWriter("target/alert.json"), Json.of(incident.alert));
        assertThat(lines)
                .hasSizeLessThanOrEqualTo(40)
                .allSatisfy(
                        line -> assertThat(line).hasSizeLessThanOrEqualTo(80).matches("[ -~]*"));
        String text = String.join("\n", lines);
        assertThat(text)
                .containsSubsequence(
                        ACCOUNT,
                        "blocked: ",
                        "USUAL",
                        "THIS TIME",
                        "messages on a day with mail",
                        "from Berlin DE",
                        "from Sao Paulo BR",
                        "MESSAGES AN HOUR",
                        "######",
                        "LOGINS AND SENDS",
                        "201.91.101.26",
                        "WHY",
                        "First mail from BR; known are DE (new-country)",
                        "from where the account is not at home",
                        "DECIDE",
                        "postbrake unblock " + ACCOUNT + " --reason",
                        "docs/runbooks/stolen-account.md");
    }

    /** The page shows what the command shows. {@code -Dgolden.update=true} writes it anew; look at the difference. */
    private static void holdsOnThePage(String picture) throws IOException {
        Path page = Path.of("../../docs/incidents.md");
        String text = Files.readString(page);
        int begin = text.indexOf("```\n") + 4;
        int end = text.indexOf("```", begin);
        String expected = text.substring(0, begin) + picture + "\n" + text.substring(end);
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(page, expected);
        }
        assertThat(page).hasContent(expected);
    }

    @Test
    void coloursAreForTerminalsOnly() throws IOException {
        Story story = seed();

        assertThat(String.join("", new StoryPicture(story, times(), true).lines()))
                .contains("\033[");
        assertThat(String.join("", new StoryPicture(story, times(), false).lines()))
                .doesNotContain("\033");
    }

    /** Of days apart a time alone would look like one day's. */
    @Test
    void whatWasFoundOnSeveralDaysSaysWhen() {
        Finding now = finding("velocity-history", THEFT);
        Finding before = finding("guessing-by-account", THEFT.minus(Duration.ofDays(9)));

        var oneDay = new StoryPicture(story(now), times(), false).lines();
        var days = new StoryPicture(story(before, now), times(), false).lines();

        assertThat(oneDay).contains("WHY").anyMatch(line -> line.contains(times().clock(THEFT) + "  90 %"));
        assertThat(new StoryPicture(story(before), times(), false).lines())
                .contains("WHY, on " + times().date(THEFT.minus(Duration.ofDays(9))));
        assertThat(String.join("", days))
                .contains(times().day(THEFT) + "  90 %", times().day(THEFT.minus(Duration.ofDays(9))) + "  90 %");
        assertThat(days).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(81));
    }

    private static Story story(Finding... findings) {
        return Story.of(ACCOUNT, List.of(), null, null, List.of(findings), List.of(), DAYS);
    }

    private static Finding finding(String detector, Instant at) {
        return Finding.newBuilder()
                .setFindingId(UUID.nameUUIDFromBytes(detector.getBytes(StandardCharsets.US_ASCII)))
                .setSubject(ACCOUNT)
                .setSubjectType("sasl_user")
                .setDetector(detector)
                .setScore(0.9)
                .setTitle("328 messages in an hour, usual are about 1.4, and so on to the end")
                .setOccurredAt(at)
                .setEvidence(List.of())
                .build();
    }

    @Test
    void textOfLogLinesSteersNoTerminal() {
        Submission hostile = Submission.newBuilder(incidentSubmission())
                .setClientIp("\u001b[2J\u009b31m\u202egpj.exe")
                .setCity("\u001b]0;owned\u0007")
                .build();

        var story = Story.of(ACCOUNT, List.of(), null, null, List.of(), List.of(hostile), Duration.ofDays(7));

        assertThat(new StoryPicture(story, times(), false).lines())
                .allSatisfy(line -> assertThat(line).matches("[ -~]*"));
    }

    @Test
    void theReferenceOfAnOperatorsBlockAndTheWayOutAreTold() {
        Instant said = THEFT.minusSeconds(60);
        var word = OperatorOverride.newBuilder()
                .setSubject(ACCOUNT)
                .setSubjectType("sasl_user")
                .setVerb("block")
                .setAction("hold")
                .setActor("anna")
                .setReason("phone call")
                .setAt(said)
                .setEndsAt(times().now().plusSeconds(3600))
                .build();

        var lines = new StoryPicture(
                        Story.of(ACCOUNT, List.of(), null, word, List.of(), List.of(), Duration.ofDays(7)),
                        times(),
                        false)
                .lines();

        String reference = OperatorReference.of("sasl_user:" + ACCOUNT, said);
        assertThat(lines)
                .anyMatch(line -> line.startsWith("blocked: hold until"))
                .anyMatch(line -> line.contains("[pb:" + reference + "]"))
                .anyMatch(line -> line.contains("postbrake unblock " + ACCOUNT))
                .noneMatch(line -> line.contains("not blocked"));
    }

    @Test
    void ofAnIncidentThatIsOverNothingIsLeftToDecide() throws IOException {
        seed();
        Alert over = Alert.newBuilder(incident.alert).setState("RESOLVED").build();

        var story = Story.of(ACCOUNT, List.of(over), null, null, List.of(), List.of(), Duration.ofDays(7));

        assertThat(new StoryPicture(story, times(), false).lines())
                .anyMatch(line -> line.contains("RESOLVED"))
                .noneMatch(line -> line.contains("DECIDE"));
    }

    @Test
    void whoSendsWithoutALoginIsNamedWholeAndQuotedInWhatToDo() throws IOException {
        seed();
        var target = OverrideWriter.Target.of("relay_sender:o'neil@example.com from 192.168.7.9 on mx1");
        Alert alert = Alert.newBuilder(incident.alert)
                .setSubjectType("relay_sender")
                .setSubject(target.name())
                .setState("FIRING")
                .build();

        Story story = Story.of(target.name(), List.of(alert), null, null, List.of(), List.of(), DAYS);

        assertThat(String.join("\n", new StoryPicture(target, story, times(), false).lines()))
                .contains(
                        "mend or switch off the program",
                        "postbrake queue list SUBJECT",
                        "  SUBJECT    'relay_sender:o'\\''neil@example.com from 192.168.7.9 on mx1'")
                .doesNotContain("password", "USUAL");
    }

    @Test
    void aHostThatDoesNotObeyTheBlockIsNamed() throws IOException {
        seed();
        Alert host = Alert.newBuilder(incident.alert)
                .setSubjectType("host")
                .setSubject("mx1")
                .setState("FIRING")
                .setDescription("It accepts mail of " + ACCOUNT + " through smtpd in spite of the block since " + THEFT)
                .build();

        var story = Story.of(ACCOUNT, List.of(incident.alert, host), incident.block, null, List.of(), List.of(), DAYS);
        var another = Story.of(
                "else@my-domain.net", List.of(incident.alert, host), incident.block, null, List.of(), List.of(), DAYS);

        assertThat(new StoryPicture(story, times(), false).lines())
                .anyMatch(line -> line.startsWith("NOT OBEYED on mx1") && line.endsWith("postbrake postfix check"));
        assertThat(new StoryPicture(another, times(), false).lines()).noneMatch(line -> line.contains("NOT OBEYED"));
    }

    @Test
    void whatOnlyAnOperatorBlockedIsBlocked() {
        var story = Story.of(ACCOUNT, List.of(), null, word("block", ACCOUNT), List.of(), List.of(), DAYS);

        assertThat(new StoryPicture(story, times(), false).lines())
                .anyMatch(line -> line.startsWith("blocked: reject until ") && line.endsWith(", by an operator (ann)"))
                .noneMatch(line -> line.contains("not blocked"));
    }

    @Test
    void whereNoHostEnforcesABlockIsSaidToBeInForceNowhere() {
        var story = Story.of(ACCOUNT, List.of(), null, word("block", ACCOUNT), List.of(), List.of(), DAYS);
        var allowed = Story.of(ACCOUNT, List.of(), null, word("allow", ACCOUNT), List.of(), List.of(), DAYS);

        assertThat(new StoryPicture(story.onlyWatched(), times(), false).lines())
                .anyMatch(line -> line.startsWith("in force nowhere: no host has an enforcer"));
        assertThat(new StoryPicture(story, times(), false).lines())
                .noneMatch(line -> line.contains("in force nowhere"));
        assertThat(new StoryPicture(allowed.onlyWatched(), times(), false).lines())
                .noneMatch(line -> line.contains("in force nowhere"));
    }

    @Test
    void anAddressInANetworkThatAnOperatorBlockedIsBlocked() {
        var words = List.of(
                word("block", "198.51.0.0/16"),
                word("block", "198.51.100.0/24"),
                word("allow", "198.51.100.0/25"),
                word("block", "203.0.113.0/24"));
        var network = ExplainCommand.around(IpNetwork.parse("198.51.100.7").orElseThrow(), words, times().now());
        var story = Story.of("198.51.100.7", List.of(), null, null, List.of(), List.of(), DAYS);

        var lines = new StoryPicture(story.under(network), times(), false).lines();

        assertThat(lines).anyMatch(line -> line.startsWith("blocked with 198.51.100.0/24: reject until "));
        assertThat(lines).noneMatch(line -> line.contains("not blocked"));
    }

    @Test
    void anOperatorsBlockThatEndedOrWasTakenBackIsNone() {
        var ended = OperatorOverride.newBuilder(word("block", ACCOUNT))
                .setEndsAt(THEFT)
                .build();
        for (var word : List.of(ended, word("unblock", ACCOUNT), word("allow", ACCOUNT))) {
            var story = Story.of(ACCOUNT, List.of(), null, word, List.of(), List.of(), DAYS);

            assertThat(new StoryPicture(story, times(), false).lines()).contains("not blocked");
        }
    }

    private static OperatorOverride word(String verb, String subject) {
        boolean login = subject.contains("@");
        return new OperatorOverride(
                subject,
                login ? "sasl_user" : "client_net",
                verb,
                "block".equals(verb) ? "reject" : null,
                "ann",
                "complaints",
                THEFT,
                THEFT.plusSeconds(3600));
    }

    @Test
    void theListStandsInColumns() throws IOException {
        seed();
        var out = new StringWriter();

        ListCommand.print(
                new PrintWriter(out),
                List.of(incident.alert),
                SubjectNotes.of(Map.of()),
                Map.of("sasl_user:" + ACCOUNT, incident.block),
                Map.of(),
                List.of(),
                times(),
                false,
                10);

        assertThat(out.toString().lines().toList())
                .contains("INCIDENTS", "BLOCKS", "OVERRIDES", "  none")
                .anySatisfy(line -> assertThat(line)
                        .startsWith("  " + incident.alert.getSeverity())
                        .contains(ACCOUNT))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("  " + incident.block.getAction())
                        .contains("[pb:" + incident.block.getReference() + "]"));
    }

    private Story seed() throws IOException {
        var log = new DemoLog();
        List<String> lines = new ArrayList<>(log.colleagues(THEFT.minus(Duration.ofDays(6)), THEFT.minusSeconds(1200)));
        lines.addAll(log.seed(THEFT));
        for (int i = 1; i < 60; i++) {
            lines.addAll(log.thief(THEFT.plusSeconds(6L * i)));
        }
        Replay.builder()
                .geo(GEO)
                .listener(incident)
                .run(
                        lines.stream()
                                .map(line -> new HostLine("mx1", line.getBytes(StandardCharsets.UTF_8)))
                                .iterator(),
                        ZoneId.systemDefault(),
                        Year.of(2026));
        return Story.of(
                ACCOUNT,
                List.of(incident.alert),
                incident.block,
                null,
                incident.findings,
                incident.submissions,
                Duration.ofDays(7));
    }

    private Submission incidentSubmission() {
        return Submission.newBuilder()
                .setPhase("ACCEPTED")
                .setHostId("mx1")
                .setAccount(ACCOUNT)
                .setOccurredAt(THEFT)
                .setReadAt(THEFT)
                .setSourceId("log")
                .setGeneration(0)
                .setPosition(1)
                .build();
    }

    private static Times times() {
        return new Times(THEFT.plusSeconds(600), ZoneOffset.UTC);
    }

    /** Keeps what concerns the account, the newest state of incident and block. */
    private static final class Recorder implements ReplayListener {
        private final List<Submission> submissions = new ArrayList<>();
        private final List<Finding> findings = new ArrayList<>();
        private Alert alert;
        private Block block;

        @Override
        public void submission(Submission s) {
            submissions.add(s);
        }

        @Override
        public void judged(Instant at, SubjectOutput out) {
            findings.addAll(out.records());
        }

        @Override
        public void alert(Instant at, Alert a, String detector) {
            alert = a.getSubject().equals(ACCOUNT) ? a : alert;
        }

        @Override
        public void block(Instant at, Block b, String detector) {
            block = b.getSubject().equals(ACCOUNT) ? b : block;
        }
    }
}
