package io.postbrake.cli;

import io.postbrake.alert.Alert;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Evidence;
import io.postbrake.subject.BlockAction;
import io.postbrake.subject.IpNetwork;
import io.postbrake.subject.Logins;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which of what stands is listed, as the console's filters say it too. */
final class ListFilter {

    /** How urgent an incident is. */
    enum Severity {
        critical,
        warning,
        info
    }

    /** What was done about an incident. */
    enum Stage {
        fresh,
        acknowledged,
        blocked,
        unblocked
    }

    @Option(names = "--severity", paramLabel = "SEVERITY", description = "Incidents of: ${COMPLETION-CANDIDATES}.")
    private Severity severity;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description = "Incidents that are: ${COMPLETION-CANDIDATES}; fresh is what nobody acknowledged.")
    private Stage stage;

    @Option(names = "--detector", paramLabel = "ID", description = "Incidents that this detector had a part in.")
    private String detector;

    @Option(
            names = "--network",
            paramLabel = "NETWORK",
            converter = Network.class,
            description = "Incidents with evidence from this network, such as 192.0.2.0/24.")
    private IpNetwork network;

    @Option(
            names = "--since",
            paramLabel = "DURATION",
            description = "Incidents that began so long ago at most, such as 2h.")
    private Duration since;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description = "Subjects of this kind: sasl_user, client_ip, client_net, local_user or relay_sender.")
    private String kind;

    @Option(names = "--domain", paramLabel = "DOMAIN", description = "Accounts of this domain.")
    private String domain;

    @Option(names = "--text", paramLabel = "TEXT", description = "Subjects whose name has this.")
    private String text;

    /** A network as a person writes it. */
    static final class Network implements picocli.CommandLine.ITypeConverter<IpNetwork> {
        @Override
        public IpNetwork convert(String value) {
            return IpNetwork.parse(value)
                    .orElseThrow(() -> new TypeConversionException("'" + Text.plain(value)
                            + "' is no network: give one without bits behind its prefix, such as 192.0.2.0/24"));
        }
    }

    /** Whether nothing at all is asked for. */
    boolean isEmpty() {
        return !ofIncidents() && Stream.of(kind, domain, text).allMatch(Objects::isNull);
    }

    /** Whether it asks for something that only incidents have: blocks and words are then those of their subjects. */
    boolean ofIncidents() {
        return Stream.of(severity, stage, detector, network, since).anyMatch(Objects::nonNull);
    }

    boolean takes(String subjectKey) {
        String name = SubjectKeys.bare(subjectKey);
        return (kind == null || SubjectKeys.type(subjectKey).equals(kind))
                && (domain == null || name.endsWith("@" + Logins.fold(domain.replaceFirst("^@", ""))))
                && (text == null || name.contains(Logins.fold(text)));
    }

    /** Whether an incident is meant; {@code acknowledged} says that somebody looks after it. */
    boolean takes(Alert incident, boolean acknowledged, Instant now) {
        return takes(incident.getSubjectType() + ":" + incident.getSubject())
                && (severity == null || severity.name().equals(incident.getSeverity()))
                && (stage == null || isIn(stage, incident, acknowledged))
                && (detector == null || incident.getDetectors().contains(detector))
                && (since == null || !incident.getStartedAt().isBefore(now.minus(since)))
                && (network == null
                        || addresses(incident).stream()
                                .flatMap(address -> IpNetwork.parse(address).stream())
                                .anyMatch(network::contains));
    }

    private static boolean isIn(Stage stage, Alert incident, boolean acknowledged) {
        return switch (stage) {
            case fresh -> !acknowledged;
            case acknowledged -> acknowledged;
            case blocked -> BlockAction.of(incident.getAction()).isPresent();
            case unblocked -> BlockAction.of(incident.getAction()).isEmpty();
        };
    }

    private static List<String> addresses(Alert incident) {
        List<String> addresses = new ArrayList<>();
        for (Evidence evidence : incident.getEvidence()) {
            if (evidence.getClientIp() != null) {
                addresses.add(evidence.getClientIp());
            }
        }
        if (incident.getSubjectType().startsWith("client_")) {
            addresses.add(incident.getSubject());
        }
        return addresses;
    }
}
