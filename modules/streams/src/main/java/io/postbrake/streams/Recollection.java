package io.postbrake.streams;

import io.postbrake.detection.decision.SubjectEngine;
import io.postbrake.state.SubjectState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/**
 * Goes through the states that a task finds when it starts, a slice at a time: to read a hundred thousand of them takes seconds,
 * in which nothing would be judged. A subject that something happens to meanwhile is judged as ever, as its state
 * is in the store; only who is to be woken, what is open and what may be forgotten is known a little later.
 */
final class Recollection {

    private final ReadableStore<SubjectState> store;
    private final BiConsumer<String, SubjectState> taker;
    private final Expendables expendables;
    private final List<Quiet> quiet = new ArrayList<>();
    private final Map<String, Long> meanwhile = new LinkedHashMap<>();
    private String at = "";
    private boolean done;

    /** A subject that may be forgotten, and since when nothing happened to it. */
    private record Quiet(String subject, long failures, long since) {}

    /** Tells {@code taker} of every state, and {@code expendables}, in the end, of those that may be forgotten. */
    Recollection(ReadableStore<SubjectState> store, Expendables expendables, BiConsumer<String, SubjectState> taker) {
        this.store = store;
        this.expendables = expendables;
        this.taker = taker;
    }

    /** Begins with so many states, which of a small fleet are all; returns whether everything was gone through. */
    boolean begin(int count) {
        int[] left = {count};
        return goOn(() -> --left[0] > 0);
    }

    /** Goes on for so many nanoseconds, and for one state at least; returns whether everything was gone through. */
    boolean goOn(long nanos) {
        long from = System.nanoTime();
        return goOn(() -> System.nanoTime() - from < nanos);
    }

    private boolean goOn(BooleanSupplier further) {
        if (!done) {
            String last = store.eachAfter(at, further, this::take);
            if (last == null) {
                end();
            } else {
                at = last;
            }
        }
        return done;
    }

    private void take(String subject, SubjectState state) {
        taker.accept(subject, state);
        long failures = SubjectEngine.expendable(state);
        if (failures >= 0 && state.getLastSeenAt() != null) {
            quiet.add(new Quiet(subject, failures, state.getLastSeenAt().toEpochMilli()));
        }
    }

    /** Who was quiet for longest goes first, and who was seen since the start, last. */
    private void end() {
        done = true;
        quiet.sort(Comparator.comparingLong(Quiet::since));
        quiet.forEach(one -> expendables.note(one.subject(), one.failures()));
        meanwhile.forEach(expendables::note);
        quiet.clear();
        meanwhile.clear();
    }

    /**
     * Takes note of a subject that something happened to.
     *
     * @param failures how many failed logins are all that is known of it; -1 when it must be kept, or is gone
     */
    void note(String subject, long failures) {
        if (done) {
            expendables.note(subject, failures);
        } else {
            meanwhile.remove(subject); // The order is that of the last time.
            meanwhile.put(subject, failures);
        }
    }
}
