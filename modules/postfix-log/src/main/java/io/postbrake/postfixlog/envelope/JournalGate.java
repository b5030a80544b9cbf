package io.postbrake.postfixlog.envelope;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says of each record of a journal whether it is a line, by what journald and container engines put down beside the text. It
 * remembers which containers' lines came in pieces, so one object serves one log.
 */
final class JournalGate {
    /** Containers of which it is known that the rest of a line is still to come. */
    private static final int MOST_BEGUN = 1000;

    private final JournalRule rule;
    private final Set<String> begun = new LinkedHashSet<>();

    /** What the text of a record is. */
    enum Text {
        /** What a program said. */
        OF_A_PROGRAM,
        /** What an engine passed on: it may have a header of its own. */
        OF_A_CONTAINER,
        /** Nobody's who is believed, or a piece of a line whose rest would begin with a stranger's text. */
        OF_NOBODY
    }

    JournalGate(JournalRule rule) {
        this.rule = rule;
    }

    /**
     * Takes one record; each but once.
     *
     * @param uid who wrote it, or below 0 where that is not told
     * @param identifierOrNull under which name
     * @param containerOrNull the container's id
     * @param unfinished whether the engine says that the rest of the line is still to come
     * @param piece whether it says that this is a piece
     */
    Text take(
            long uid,
            @Nullable String identifierOrNull,
            @Nullable String containerOrNull,
            boolean unfinished,
            boolean piece) {
        if (uid >= 0 && !rule.senders().test(uid)) {
            return Text.OF_NOBODY;
        }
        if (containerOrNull == null) {
            return identifierOrNull != null && rule.tags().contains(identifierOrNull)
                    ? Text.OF_A_CONTAINER
                    : Text.OF_A_PROGRAM;
        }
        // Docker says of all pieces that they are some, Podman of all but the last.
        boolean rest = begun.remove(containerOrNull);
        if (unfinished) {
            begun.add(containerOrNull);
            if (begun.size() > MOST_BEGUN) {
                begun.remove(begun.iterator().next());
            }
        }
        return piece || unfinished || rest ? Text.OF_NOBODY : Text.OF_A_CONTAINER;
    }
}
