package io.postbrake.wire;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.control.Control;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.quota.QuotaCounts;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** The catalogue of topics. */
public final class Topics {
    private static final Duration KEEP = Duration.ofDays(35);
    private static final String TOPIC_COMPATIBILITY = "FULL_TRANSITIVE";

    public static final Topic<MailEvent> MAIL_EVENTS =
            deleted("mail.events.v1", MailEvent.class, MailEvent.getClassSchema());
    public static final Topic<Submission> MAIL_SUBMISSIONS =
            deleted("mail.submissions.v1", Submission.class, Submission.getClassSchema());
    public static final Topic<Finding> FINDINGS = deleted("abuse.findings.v1", Finding.class, Finding.getClassSchema());
    public static final Topic<Alert> ALERTS = compacted("abuse.alerts.v1", Alert.class, Alert.getClassSchema());
    public static final Topic<Block> BLOCKS = compacted("abuse.blocks.v1", Block.class, Block.getClassSchema());
    public static final Topic<OperatorOverride> OVERRIDES =
            compacted("abuse.overrides.v1", OperatorOverride.class, OperatorOverride.getClassSchema());

    /** What hosts say of their enforcement: the newest of each key stands, and goes when nobody said it anew for long. */
    public static final Topic<EnforcementReport> ENFORCEMENT = new Topic<>(
            "abuse.enforcement.v1",
            EnforcementReport.class,
            PlainSchema.of(EnforcementReport.getClassSchema()),
            true,
            KEEP,
            TOPIC_COMPATIBILITY);

    /** Configuration and allow-lists that hold for all detectors. */
    public static final Topic<Control> CONTROL = compacted("abuse.control.v1", Control.class, Control.getClassSchema());

    /** Profiles learnt from old logs, for subjects that have no history of their own. */
    public static final Topic<SubjectState> PROFILES = new Topic<>(
            "abuse.profiles.v1",
            SubjectState.class,
            PlainSchema.of(SubjectState.getClassSchema()),
            true,
            Duration.ofMillis(-1),
            "BACKWARD_TRANSITIVE");

    /** What hosts counted of mail as it was handed in: the newest of each host and subject stands, as long as a window can be. */
    public static final Topic<QuotaCounts> QUOTAS = new Topic<>(
            "abuse.quotas.v1",
            QuotaCounts.class,
            PlainSchema.of(QuotaCounts.getClassSchema()),
            true,
            KEEP,
            TOPIC_COMPATIBILITY);

    /** Topic of records that could not be read; its values are the original bytes. */
    public static final String DEAD_LETTER = "postbrake.dead-letter.v1";

    /** How long dead letters are kept. */
    public static final Duration DEAD_LETTER_RETENTION = Duration.ofDays(30);

    /**
     * Topic of log lines as others ship them: bytes, keyed by host id. It is made only when asked for, and to be restricted:
     * lines may hold what must not leave a host.
     */
    public static final String RAW_LINES = "mail.raw.v1";

    /** How long raw lines are kept. */
    public static final Duration RAW_LINES_RETENTION = Duration.ofDays(7);

    private static final List<Topic<?>> ALL = List.of(
            MAIL_EVENTS, MAIL_SUBMISSIONS, FINDINGS, ALERTS, BLOCKS, OVERRIDES, ENFORCEMENT, CONTROL, PROFILES, QUOTAS);

    private Topics() {}

    /** All topics that hold Avro records. */
    public static List<Topic<?>> all() {
        return ALL;
    }

    /** Those of them that a detector writes or reads; it waits for no others. */
    public static List<Topic<?>> ofDetector() {
        return ALL.stream().filter(topic -> !topic.equals(QUOTAS)).toList();
    }

    private static <V extends SpecificRecord> Topic<V> deleted(String name, Class<V> type, Schema schema) {
        return new Topic<>(name, type, PlainSchema.of(schema), false, KEEP, TOPIC_COMPATIBILITY);
    }

    private static <V extends SpecificRecord> Topic<V> compacted(String name, Class<V> type, Schema schema) {
        return new Topic<>(name, type, PlainSchema.of(schema), true, Duration.ofMillis(-1), TOPIC_COMPATIBILITY);
    }
}
