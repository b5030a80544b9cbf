package io.postbrake.alertmanagersink;

import io.postbrake.alert.Alert;
import io.postbrake.alert.Attack;
import io.postbrake.alert.HostConfirmation;
import io.postbrake.finding.Evidence;
import io.postbrake.wire.ConnectRecords;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.sink.SinkRecord;

/** The alerts topic: records as the detector's schema and our converter give them, at offsets that grow. */
final class Topic {

    static final TopicPartition PARTITION = new TopicPartition("abuse.alerts.v1", 0);
    static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MILLIS);

    private long next;

    SinkRecord firing(String account) {
        return record(account, alert(account, "FIRING", 1).build());
    }

    SinkRecord updated(String account, long revision) {
        return record(
                account,
                alert(account, "UPDATED", revision)
                        .setConfirmedHosts(List.of(new HostConfirmation("mx1", NOW)))
                        .build());
    }

    SinkRecord resolved(String account, Instant endedAt) {
        return record(
                account,
                alert(account, "RESOLVED", 9)
                        .setEndedAt(endedAt)
                        .setAction("observe")
                        .build());
    }

    SinkRecord record(String account, Alert alert) {
        return new SinkRecord(PARTITION.topic(), 0, null, id(account), null, ConnectRecords.toStruct(alert), next++);
    }

    SinkRecord forgotten(String account) {
        return new SinkRecord(PARTITION.topic(), 0, null, id(account), null, null, next++);
    }

    SinkRecord garbage(String account) {
        Struct struct = ConnectRecords.toStruct(alert(account, "FIRING", 1).build());
        return new SinkRecord(PARTITION.topic(), 0, null, id(account), null, struct.put("severity", "loud"), next++);
    }

    static String id(String account) {
        return UUID.nameUUIDFromBytes(account.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .toString();
    }

    static Alert.Builder alert(String account, String state, long revision) {
        return Alert.newBuilder()
                .setIncidentId(UUID.fromString(id(account)))
                .setSubject(account)
                .setSubjectType("sasl_user")
                .setState(state)
                .setSeverity("critical")
                .setTitle("Account " + account + ": velocity-ceiling")
                .setDescription("51 messages in an hour; reject until 2026-03-05T14:00:00Z")
                .setScore(0.97)
                .setDetectors(List.of("velocity-ceiling"))
                .setStartedAt(NOW.minusSeconds(60))
                .setUpdatedAt(NOW.minusSeconds(50))
                .setAction("reject")
                .setActionUntil(NOW.plusSeconds(3600))
                .setReference("k7f2")
                .setRevision(revision)
                .setRunbook("docs/runbooks/stolen-account.md")
                .setAttacks(List.of(new Attack("T1078", "Valid Accounts", "TA0001", "Initial Access")))
                .setEvidence(List.of(Evidence.newBuilder()
                        .setText("51 messages in an hour, \"fixed\" ceiling 50")
                        .setOccurredAt(NOW.minusSeconds(60))
                        .setHostId("mx1")
                        .setQueueId("4XyZ")
                        .setClientIp("201.91.101.26")
                        .setCountry("BR")
                        .build()));
    }
}
