package io.postbrake.streams;

import io.postbrake.alert.Alert;
import io.postbrake.finding.Evidence;
import io.postbrake.state.SubjectState;
import io.postbrake.subject.IpNetwork;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.apache.kafka.streams.processor.TaskId;

/**
 * Which subjects of this instance have an incident, a block or an operator's word: read off the state when a task
 * begins, kept up with every change after that, and forgotten when the task leaves. It holds names only as long as the
 * state itself does, and is safe for many threads.
 */
public final class OpenIncidentIndex {

    /**
     * What is open about a subject; null where nothing is.
     *
     * @param severity of the open incident; null without one
     * @param action of the block in force
     * @param verb of the operator's word
     * @param since event time of the incident's first evidence
     * @param score the incident's risk in 0..1
     * @param detectors that contributed to the incident
     * @param origin where it began; null when its evidence names no address
     */
    public record Case(
            String severity,
            String action,
            String verb,
            Instant since,
            double score,
            List<String> detectors,
            Origin origin) {

        static Case of(SubjectState state) {
            if (state == null) {
                return null;
            }
            Alert incident = state.getIncident();
            String action = state.getBlock() == null ? null : state.getBlock().getAction();
            String verb = state.getWord() == null ? null : state.getWord().getVerb();
            if (incident == null) {
                return action == null && verb == null ? null : new Case(null, action, verb, null, 0, List.of(), null);
            }
            return new Case(
                    incident.getSeverity(),
                    action,
                    verb,
                    incident.getStartedAt(),
                    incident.getScore(),
                    List.copyOf(incident.getDetectors()),
                    Origin.of(incident));
        }

        /** The same with one copy of each detector's name for all subjects: there may be a million of these. */
        private Case kept() {
            return new Case(
                    severity,
                    action,
                    verb,
                    since,
                    score,
                    detectors.stream().map(String::intern).toList(),
                    origin);
        }
    }

    /** Where an incident began: of its oldest evidence that names an address. */
    public static final class Origin {

        private static final int NEIGHBOURHOOD_IPV4 = 24;
        private static final int NEIGHBOURHOOD_IPV6 = 64;

        private final String clientIp;
        private final Long asn;
        private final String network;
        private String name;

        /**
         * Of one piece of evidence.
         *
         * @param asnOrNull number of the operator's network that the address is in
         * @param networkOrNull that network's name
         */
        public Origin(String clientIp, Long asnOrNull, String networkOrNull) {
            this.clientIp = clientIp;
            this.asn = asnOrNull;
            this.network = networkOrNull;
        }

        private static Origin of(Alert incident) {
            for (Evidence evidence : incident.getEvidence()) {
                if (evidence.getClientIp() != null) {
                    return new Origin(evidence.getClientIp(), evidence.getAsn(), evidence.getNetwork());
                }
            }
            return null;
        }

        /** Number and name of the operator's network, or the neighbourhood of the address where these are unknown. */
        public String name() {
            if (name == null) { // Whoever comes first; another thread finds the same.
                name = asn == null ? neighbourhood() : network == null ? "AS" + asn : "AS" + asn + " " + network;
            }
            return name;
        }

        private String neighbourhood() {
            return IpNetwork.parse(clientIp)
                    .map(ip -> ip.within(ip.address().length == 4 ? NEIGHBOURHOOD_IPV4 : NEIGHBOURHOOD_IPV6)
                            .cidr())
                    .orElse(clientIp);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Origin that
                    && clientIp.equals(that.clientIp)
                    && Objects.equals(asn, that.asn)
                    && Objects.equals(network, that.network);
        }

        @Override
        public int hashCode() {
            return Objects.hash(clientIp, asn, network);
        }
    }

    private final Map<TaskId, Map<String, Case>> tasks = new ConcurrentHashMap<>();
    private final AtomicLong endings = new AtomicLong();
    private final AtomicLong changes = new AtomicLong();

    void begin(TaskId task) {
        tasks.put(task, new ConcurrentHashMap<>());
        endings.incrementAndGet();
        touched();
    }

    void end(TaskId task) {
        tasks.remove(task);
        endings.incrementAndGet();
        touched();
    }

    void put(TaskId task, String subjectKey, Case open) {
        Map<String, Case> cases = tasks.get(task);
        Case before = open == null ? cases.remove(subjectKey) : cases.put(subjectKey, open.kept());
        boolean another = open == null
                || open.since() == null
                || before != null && !open.since().equals(before.since());
        if (before != null && before.severity() != null && another) {
            endings.incrementAndGet();
        }
        touched();
    }

    /** The state of a subject with something open is another one by now, although what is kept of it here is the same. */
    void touched() {
        changes.incrementAndGet();
    }

    /** A number that is another one once the state of a subject with something open is another one. */
    public long changes() {
        return changes.get();
    }

    /** Gives each subject with something open, in no order. */
    public void each(BiConsumer<String, Case> reader) {
        tasks.values().forEach(cases -> cases.forEach(reader));
    }

    /** A number that is another one once an incident ended here, or the partitions changed. */
    public long endings() {
        return endings.get();
    }

    long incidents(String severity) {
        return count(open -> severity.equals(open.severity()));
    }

    long blocks(String action) {
        return count(open -> action.equals(open.action()));
    }

    long words(String verb) {
        return count(open -> verb.equals(open.verb()));
    }

    private long count(Predicate<Case> which) {
        return tasks.values().stream()
                .flatMap(cases -> cases.values().stream())
                .filter(which)
                .count();
    }
}
