package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.alert.Alert;
import io.postbrake.block.OperatorOverride;
import io.postbrake.finding.Evidence;
import io.postbrake.wire.OperatorNotes;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Which incidents {@code list} shows, and what they have in common. */
class ListFilterTest {

    private static final Instant NOW = Instant.parse("2026-12-01T03:00:00Z");
    private static final Alert ANN = incident("sasl_user", "ann@a.example", "critical", "reject", 10, "203.0.113.9");
    private static final Alert BEN = incident("sasl_user", "ben@b.example", "warning", "hold", 100, "203.0.113.77");
    private static final Alert GUESSER = incident("client_ip", "198.51.100.7", "info", "observe", 50, "198.51.100.7");
    private static final List<Alert> ALL = List.of(ANN, BEN, GUESSER);
    private static final SubjectNotes NOTES = SubjectNotes.of(Map.of(
            OperatorNotes.key("sasl_user:ben@b.example", NOW), note("ben@b.example", NOW),
            OperatorNotes.key("sasl_user:ann@a.example", NOW),
                    note("ann@a.example", ANN.getStartedAt().minusSeconds(1))));

    @Command
    static final class Listing {
        @Mixin
        private ListFilter filter;
    }

    private static Alert incident(
            String type, String subject, String severity, String action, int minutesAgo, String ip) {
        Instant at = NOW.minusSeconds(60L * minutesAgo);
        return Alert.newBuilder()
                .setIncidentId(UUID.nameUUIDFromBytes(subject.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .setSubject(subject)
                .setSubjectType(type)
                .setState("FIRING")
                .setSeverity(severity)
                .setTitle("test")
                .setDescription("test")
                .setScore(0.9)
                .setDetectors(
                        type.equals("client_ip")
                                ? List.of("guessing-by-address")
                                : List.of("velocity-ceiling", "new-country"))
                .setStartedAt(at)
                .setUpdatedAt(at)
                .setAction(action)
                .setEvidence(List.of(
                        Evidence.newBuilder().setText("test").setClientIp(ip).build()))
                .build();
    }

    /** By which somebody took charge. */
    private static OperatorOverride note(String subject, Instant at) {
        return OperatorOverride.newBuilder()
                .setSubject(subject)
                .setSubjectType("sasl_user")
                .setVerb(OperatorNotes.ACKNOWLEDGE)
                .setActor("anna@mx1")
                .setReason("test")
                .setAt(at)
                .build();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                            | ann@a.example ben@b.example 198.51.100.7",
                "--severity critical         | ann@a.example",
                "--state fresh               | ann@a.example 198.51.100.7",
                "--state acknowledged        | ben@b.example",
                "--state unblocked           | 198.51.100.7",
                "--detector new-country      | ann@a.example ben@b.example",
                "--network 203.0.113.0/26    | ann@a.example",
                "--since 1h                  | ann@a.example 198.51.100.7",
                "--kind client_ip            | 198.51.100.7",
                "--domain A.example          | ann@a.example",
                "--text Ben@                 | ben@b.example",
                "--since 1h --state blocked  | ann@a.example",
            })
    void aFilterTakes(String options, String names) {
        var listing = new Listing();
        Main.configured(new CommandLine(listing)).parseArgs(options == null ? new String[0] : options.split(" "));

        assertThat(ALL.stream()
                        .filter(a -> listing.filter.takes(a, NOTES.inCharge(a) != null, NOW))
                        .map(Alert::getSubject))
                .containsExactly(names.split(" "));
    }

    @Test
    void aWrongNetworkIsRefusedWithWhatWouldBeRight() {
        assertThatThrownBy(() -> Main.configured(new CommandLine(new Listing())).parseArgs("--network", "192.0.2.1/24"))
                .hasMessageContaining("192.0.2.1/24")
                .hasMessageContaining("such as 192.0.2.0/24");
    }

    @ParameterizedTest
    @CsvSource({
        "network, 203.0.113.0/24, 2, 1, 1",
        "detector, new-country, 2, 1, 1",
        "kind, sasl_user, 2, 1, 1",
        "hour, Dec 01 02:00, 2, 1, 2",
        "domain, a.example, 1, 1, 1"
    })
    void whatManyHaveInCommonIsCounted(ListGroups.By by, String value, int incidents, int critical, int fresh) {
        assertThat(ListGroups.of(ALL, NOTES, by, new Times(NOW, ZoneOffset.UTC)).get(0))
                .isEqualTo(new ListGroups.Group(value, incidents, critical, fresh));
    }
}
