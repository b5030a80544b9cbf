package io.postbrake.detection.detector;

import io.postbrake.detection.profile.SourceNetworks;
import io.postbrake.event.Submission;
import io.postbrake.finding.Evidence;
import java.util.Objects;

/** A submission as a piece of evidence, with where it is found. */
public final class SubmissionEvidence {
    private SubmissionEvidence() {}

    /**
     * The submission as evidence. Plain setters: an account over its limits leads to one or more of these with each message.
     *
     * @param text sentence for people
     * @param value what was measured
     * @param limit what the value was held against
     */
    public static Evidence of(Submission e, String text, double value, double limit) {
        Evidence evidence = new Evidence();
        evidence.setText(text);
        evidence.setOccurredAt(e.getOccurredAt());
        evidence.setHostId(e.getHostId());
        evidence.setQueueId(e.getQueueId());
        evidence.setClientIp(e.getClientIp());
        evidence.setCountry(e.getCountry());
        evidence.setCity(e.getCity());
        evidence.setAsn(e.getAsn());
        evidence.setNetwork(e.getAsOrganisation() == null ? e.getNetwork() : e.getAsOrganisation());
        evidence.setSourceId(e.getSourceId());
        evidence.setGeneration(e.getGeneration());
        evidence.setPosition(e.getPosition());
        evidence.setEventTopic(e.getEventTopic());
        evidence.setEventPartition(e.getEventPartition());
        evidence.setEventOffset(e.getEventOffset());
        evidence.setValue(value);
        evidence.setLimit(limit);
        return evidence;
    }

    /** Where a submission comes from, for people: the network's operator and the country, as far as they are known. */
    public static String place(Submission e) {
        String network = e.getAsOrganisation() != null
                ? e.getAsOrganisation()
                : Objects.requireNonNullElse(SourceNetworks.name(e), "an unknown place");
        boolean more = e.getCountry() != null && !e.getCountry().equals(network);
        return more ? network + ", " + e.getCountry() : network;
    }
}
