package io.postbrake.detection.decision;

import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Finding;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whether a decision rests on what one mail host alone says, which may be made up there. What an account does where it is at
 * home bears no other host out: an owner's own mail would, whatever is made up about him elsewhere.
 */
final class SingleHost {
    private final DecisionContext context;

    SingleHost(DecisionContext context) {
        this.context = context;
    }

    /** The mail host on whose evidence alone the account or address is to be blocked; null when several say it. */
    @Nullable
    String id() {
        Set<String> strange = new TreeSet<>();
        Set<String> all = new TreeSet<>();
        for (Finding f : context.state().getFindings()) {
            if (context.concernsThis(f) && !f.getObserveOnly() && f.getHostId() != null) {
                all.add(f.getHostId());
                if (!fromHome(f)) {
                    strange.add(f.getHostId());
                }
            }
        }
        Set<String> hosts = strange.isEmpty() ? all : strange;
        return hosts.size() == 1 ? hosts.iterator().next() : null;
    }

    /** Where alone a block that begins now is to be in force; null: everywhere. */
    @Nullable
    String bounds() {
        String own = SubjectKeys.onlyHostOrNull(context.state().getSubjectKey());
        if (own != null) {
            return own;
        }
        if (context.past().judging() || !context.config().brake().enabled()) {
            return null;
        }
        String host = id();
        String type = SubjectKeys.type(context.state().getSubjectKey());
        return host != null && context.brake().local(type, host, context.now()) ? host : null;
    }

    /** Whether {@code newest} bears out, from another host, what {@code onlyHostOrNull} alone has said so far. */
    boolean isBorneOut(@Nullable String onlyHostOrNull, Finding newest) {
        boolean other = onlyHostOrNull != null
                && newest.getHostId() != null
                && !newest.getHostId().equals(onlyHostOrNull);
        return other && !fromHome(newest);
    }

    private boolean fromHome(Finding f) {
        return context.profile().account()
                && f.getEvidence().stream().anyMatch(e -> context.profile().atHome(e.getClientIp(), f.getOccurredAt()));
    }
}
