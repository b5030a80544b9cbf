package io.postbrake.streams;

import io.postbrake.state.SubjectState;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.apache.kafka.streams.processor.TaskId;

/**
 * Which subjects of this instance have an incident, a block or an operator's word: read off the state when a task
 * begins, kept up with every change after that, and forgotten when the task leaves. It holds names only as long as the
 * state itself does, and is safe for many threads.
 */
public final class OpenIncidentIndex {

    /**
     * What is open about a subject; null where nothing is.
     *
     * @param severity of the open incident
     * @param action of the block in force
     * @param verb of the operator's word
     */
    record Case(String severity, String action, String verb) {

        static Case of(SubjectState state) {
            if (state == null) {
                return null;
            }
            String severity =
                    state.getIncident() == null ? null : state.getIncident().getSeverity();
            String action = state.getBlock() == null ? null : state.getBlock().getAction();
            String verb = state.getWord() == null ? null : state.getWord().getVerb();
            return severity == null && action == null && verb == null ? null : new Case(severity, action, verb);
        }
    }

    private final Map<TaskId, Map<String, Case>> tasks = new ConcurrentHashMap<>();

    void begin(TaskId task) {
        tasks.put(task, new ConcurrentHashMap<>());
    }

    void end(TaskId task) {
        tasks.remove(task);
    }

    void put(TaskId task, String subjectKey, Case open) {
        Map<String, Case> cases = tasks.get(task);
        if (open == null) {
            cases.remove(subjectKey);
        } else {
            cases.put(subjectKey, open);
        }
    }

    /** Keys of the subjects with something open, in order. */
    public Set<String> subjects() {
        Set<String> all = new TreeSet<>();
        tasks.values().forEach(cases -> all.addAll(cases.keySet()));
        return all;
    }

    long incidents(String severity) {
        return count(open -> severity.equals(open.severity()));
    }

    long blocks(String action) {
        return count(open -> action.equals(open.action()));
    }

    long words(String verb) {
        return count(open -> verb.equals(open.verb()));
    }

    private long count(Predicate<Case> which) {
        return tasks.values().stream()
                .flatMap(cases -> cases.values().stream())
                .filter(which)
                .count();
    }
}
