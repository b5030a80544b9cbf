package io.postbrake.replay;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Listens to a replay for what a person would be told: incidents that open or become worse, and blocks. An incident that only
 * goes on, is confirmed by a host, or ends, is no new decision.
 */
public final class Decisions implements ReplayListener {
    private static final List<String> SEVERITIES = List.of("info", "warning", "critical");
    private static final double WORSE = 0.05;

    private final Consumer<Decision> out;
    private final Map<UUID, Alert> open = new HashMap<>();

    public Decisions(Consumer<Decision> out) {
        this.out = out;
    }

    @Override
    public void alert(Instant at, Alert a, String detector) {
        if (a.getState().equals("RESOLVED")) {
            open.remove(a.getIncidentId());
            return;
        }
        Alert before = open.put(a.getIncidentId(), a);
        if (before == null || worse(before, a)) {
            out.accept(new Decision(
                    at,
                    "alert",
                    a.getSubjectType(),
                    a.getSubject(),
                    detector,
                    a.getSeverity(),
                    a.getAction(),
                    a.getActionUntil(),
                    a.getScore(),
                    a.getDescription(),
                    List.copyOf(a.getEvidence())));
        }
    }

    private static boolean worse(Alert before, Alert now) {
        return SEVERITIES.indexOf(now.getSeverity()) > SEVERITIES.indexOf(before.getSeverity())
                || now.getDetectors().size() > before.getDetectors().size()
                || now.getScore() > before.getScore() + WORSE;
    }

    @Override
    public void block(Instant at, Block b, String detector) {
        Alert incident = open.get(b.getIncidentId());
        out.accept(new Decision(
                at,
                "block",
                b.getSubjectType(),
                b.getSubject(),
                detector,
                b.getAction().equals("hold") ? "warning" : "critical",
                b.getAction(),
                b.getEndsAt(),
                b.getScore(),
                b.getAction() + " [pb:" + b.getReference() + "]: " + b.getReason(),
                incident == null ? List.of() : List.copyOf(incident.getEvidence())));
    }
}
