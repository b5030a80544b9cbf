package io.postbrake.wire;

import io.postbrake.alert.Alert;
import io.postbrake.alert.HostConfirmation;
import io.postbrake.block.Block;
import io.postbrake.event.MailEvent;
import io.postbrake.finding.Evidence;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Records as the parts exchange them. */
final class Records {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00.123Z");

    private Records() {}

    static MailEvent event() {
        return MailEvent.newBuilder()
                .setKind("client")
                .setHostId("mx1")
                .setSourceId("file-1")
                .setGeneration(0)
                .setPosition(4711)
                .setOccurredAt(NOON)
                .setReadAt(NOON.plusMillis(250))
                .setQueueId("4XyZ")
                .setHelo("grüße\u0000\n=evil")
                .build();
    }

    static Alert alert() {
        return Alert.newBuilder()
                .setIncidentId(UUID.fromString("6f2c1f0e-58c5-4f0a-9d2c-0d8f3f9f9f11"))
                .setSubject("user@my-domain.net")
                .setSubjectType("sasl_user")
                .setState("FIRING")
                .setSeverity("critical")
                .setTitle("stolen password")
                .setDescription("logged in from abroad")
                .setScore(0.97)
                .setDetectors(List.of("new-country", "burst"))
                .setStartedAt(NOON)
                .setUpdatedAt(NOON.plusSeconds(1))
                .setAction("reject")
                .setActionUntil(NOON.plusSeconds(3600))
                .setEvidence(List.of(Evidence.newBuilder()
                        .setText("40 messages in a minute")
                        .setOccurredAt(NOON)
                        .setValue(40.0)
                        .build()))
                .setConfirmedHosts(List.of(HostConfirmation.newBuilder()
                        .setHostId("mx1")
                        .setRefusedAt(NOON)
                        .build()))
                .build();
    }

    static Block block() {
        return Block.newBuilder()
                .setBlockId(UUID.fromString("0a1b2c3d-58c5-4f0a-9d2c-0d8f3f9f9f11"))
                .setSubject("user@my-domain.net")
                .setSubjectType("sasl_user")
                .setReference("PB-1")
                .setAction("reject")
                .setReason("stolen password")
                .setScore(0.97)
                .setIncidentId(UUID.fromString("6f2c1f0e-58c5-4f0a-9d2c-0d8f3f9f9f11"))
                .setDecidedAt(NOON)
                .setLastEvidenceAt(NOON)
                .setEndsAt(NOON.plusSeconds(3600))
                .build();
    }
}
