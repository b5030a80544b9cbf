package io.postbrake.streams;

import io.postbrake.detection.decision.SubjectEngine;
import io.postbrake.state.SubjectState;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The states of subjects over their store. What was used lately is kept as an object, too: reading the bytes of a state costs
 * more than all detectors. The store always has what was put.
 */
final class StateCache {

    private final ReadableStore<SubjectState> store;
    private final Map<String, SubjectState> live;

    /** {@code most}: so many are kept as objects, which are ten times as large as their bytes. */
    StateCache(ReadableStore<SubjectState> store, int most) {
        this.store = store;
        this.live = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, SubjectState> eldest) {
                return size() > most;
            }
        };
    }

    /** Takes the state out: it is the caller's to change, and comes back by {@link #put}, or is read anew. */
    SubjectState take(String subject) {
        SubjectState state = live.remove(subject);
        if (state != null) {
            return state;
        }
        SubjectState stored = store.get(subject);
        return stored == null ? null : SubjectEngine.own(stored);
    }

    /** Keeps a state, or, with null, forgets the subject. */
    void put(String subject, SubjectState state) {
        store.put(subject, state);
        if (state == null) {
            live.remove(subject);
        } else {
            live.put(subject, state);
        }
    }
}
