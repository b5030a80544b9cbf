package io.postbrake.detection.decision;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.profile.ProfileSeeding;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Finding;
import io.postbrake.state.PastCase;
import io.postbrake.state.ResolvedIncident;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries over what an earlier build kept under another key. It kept logins apart that are one; of their two histories the
 * longer one is kept whole, of what was decided the stricter and the newer.
 */
final class Renaming {

    private Renaming() {}

    /** The stricter of two blocks, the one that ends later if they are the same; either may be null. */
    static @Nullable Block stricter(@Nullable Block ownOrNull, @Nullable Block oldOrNull) {
        if (ownOrNull == null || oldOrNull == null) {
            return ownOrNull == null ? oldOrNull : ownOrNull;
        }
        int own = Actions.rank(ownOrNull.getAction());
        int old = Actions.rank(oldOrNull.getAction());
        boolean later = own == old && oldOrNull.getEndsAt().isAfter(ownOrNull.getEndsAt());
        return old > own || later ? oldOrNull : ownOrNull;
    }

    /** Takes out the lift that was said under the old name and that nothing followed there; null where there is none. */
    static @Nullable OperatorOverride takeLift(SubjectState old) {
        OperatorOverride word = old.getWord();
        if (word == null || !word.getVerb().equals("unblock")) {
            return null;
        }
        old.setWord(null);
        // The lift itself spends the evidence, once it is heard.
        old.setSpentUntil(null);
        return word;
    }

    /** Gives {@code own} all but the block and the incident of {@code old}, which is used up and bears the right name after it. */
    static void join(SubjectState own, SubjectState old) {
        String key = own.getSubjectKey();
        rename(old, key);
        Instant seen = own.getLastSeenAt();
        Instant first = own.getFirstSeenAt();
        if (ProfileSeeding.helps(old, own, key)) {
            ProfileSeeding.apply(own, old);
        } else {
            own.setSpentUntil(later(own.getSpentUntil(), old.getSpentUntil()));
        }
        own.setFirstSeenAt(earlier(first, old.getFirstSeenAt()));
        own.setLastSeenAt(later(seen, old.getLastSeenAt()));
        own.setLastTickAt(later(own.getLastTickAt(), old.getLastTickAt()));
        own.setActiveAt(later(own.getActiveAt(), old.getActiveAt()));
        own.setBlockUntil(later(own.getBlockUntil(), old.getBlockUntil()));
        own.setBlocks(own.getBlocks() + old.getBlocks());
        own.setRepeats(Math.max(own.getRepeats(), old.getRepeats()));
        own.setBlockedDay(Math.max(own.getBlockedDay(), old.getBlockedDay()));
        own.setRefusedSecond(Math.max(own.getRefusedSecond(), old.getRefusedSecond()));
        own.setUnderBlock(own.getUnderBlock() == null ? old.getUnderBlock() : own.getUnderBlock());
        own.setRefusedTo(own.getRefusedTo().isEmpty() ? old.getRefusedTo() : own.getRefusedTo());
        own.setWord(newer(own.getWord(), old.getWord()));
        own.setBrakedAt(later(own.getBrakedAt(), old.getBrakedAt()));
        own.setPast(weightier(own.getPast(), old.getPast()));
        for (Finding f : old.getFindings()) {
            boolean known = own.getFindings().stream()
                    .anyMatch(o -> o.getDetector().equals(f.getDetector())
                            && o.getSubject().equals(f.getSubject())
                            && o.getSubjectType().equals(f.getSubjectType()));
            if (!known && own.getFindings().size() < EvidenceLedger.MAX_FINDINGS) {
                own.getFindings().add(f);
            }
        }
        List<ResolvedIncident> resolved = new ArrayList<>(own.getResolved());
        resolved.addAll(old.getResolved());
        resolved.sort(Comparator.comparing(ResolvedIncident::getAt));
        own.setResolved(resolved);
    }

    /** The case of the past that has an incident; the own one if both have. Either may be null. */
    private static @Nullable PastCase weightier(@Nullable PastCase ownOrNull, @Nullable PastCase oldOrNull) {
        boolean old = ownOrNull == null || (ownOrNull.getIncident() == null && oldOrNull != null);
        return old ? oldOrNull : ownOrNull;
    }

    /** Says whose block must go from its old key, now that it is published under the new one. */
    static SubjectOutput tookOver(SubjectOutput out, SubjectState old) {
        return new SubjectOutput(
                out.state(),
                out.findings(),
                out.alerts(),
                out.forgotten(),
                out.block(),
                out.deadline(),
                out.notices(),
                out.disobeyed(),
                new SubjectOutput.Rename.TakesOver(old.getSubjectKey()));
    }

    private static void rename(SubjectState old, String key) {
        String before = SubjectKeys.bare(old.getSubjectKey());
        String name = SubjectKeys.bare(key);
        old.setSubjectKey(key);
        rename(old.getBlock(), old.getIncident(), name);
        if (old.getPast() != null) {
            rename(old.getPast().getBlock(), old.getPast().getIncident(), name);
        }
        OperatorOverride word = old.getWord();
        if (word != null) {
            word.setSubject(name);
        }
        for (Finding f : old.getFindings()) {
            if (f.getSubject().equals(before)) {
                f.setSubject(name);
            }
        }
    }

    private static void rename(@Nullable Block blockOrNull, @Nullable Alert incidentOrNull, String name) {
        if (blockOrNull != null) {
            blockOrNull.setSubject(name);
        }
        if (incidentOrNull != null) {
            incidentOrNull.setSubject(name);
        }
    }

    private static @Nullable OperatorOverride newer(
            @Nullable OperatorOverride ownOrNull, @Nullable OperatorOverride oldOrNull) {
        if (ownOrNull == null || oldOrNull == null) {
            return ownOrNull == null ? oldOrNull : ownOrNull;
        }
        return oldOrNull.getAt().isAfter(ownOrNull.getAt()) ? oldOrNull : ownOrNull;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a == null || (b != null && b.isBefore(a)) ? b : a;
    }

    private static Instant later(Instant a, Instant b) {
        return a == null || (b != null && b.isAfter(a)) ? b : a;
    }
}
