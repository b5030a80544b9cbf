package io.postbrake.detection.hosts;

import io.postbrake.block.EnforcementReport;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the watch over hosts takes. Time enters with the ticks only: hosts' clocks may be wrong. */
public sealed interface HostInput {

    /** A host said how it, or a block on it, is. */
    record Report(EnforcementReport report) implements HostInput {}

    /** Something was decided on a subject that hosts are to do. */
    sealed interface Decision extends HostInput {}

    /**
     * A block was decided, made stricter or published anew.
     *
     * @param onlyHostOrNull host on which alone it is to be in force; null: all of them
     */
    record Decided(
            String blockId,
            String subjectKey,
            Instant decidedAt,
            @Nullable String onlyHostOrNull) implements Decision {}

    /** An operator blocked a subject. Such a block has no id: subject and time stand for it. */
    record Said(String subjectKey, Instant at) implements Decision {}

    /** A subject's block was lifted, or an operator's word stands against it. */
    record Lifted(String subjectKey) implements Decision {}

    /**
     * A host accepted mail of a blocked account, and neither refused nor held it.
     *
     * @param serviceOrNull Postfix service that took it
     * @param since when the block was decided
     * @param begun when the message was begun, by the host's clock
     */
    record Disobeyed(
            String hostId, String subjectKey, @Nullable String serviceOrNull, Instant since, Instant begun)
            implements Decision {}

    /** Time passed. */
    record Tick(Instant now) implements HostInput {}
}
