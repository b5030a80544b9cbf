package io.postbrake.cli;

import io.postbrake.alert.Alert;
import io.postbrake.block.OperatorOverride;
import io.postbrake.wire.OperatorNotes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** What operators noted of subjects, newest first: records of the overrides topic beside the words on the subjects themselves. */
final class SubjectNotes {

    private static final Comparator<OperatorOverride> NEWEST_FIRST =
            Comparator.comparing(OperatorOverride::getAt).reversed();

    private final List<OperatorOverride> notes = new ArrayList<>();

    private SubjectNotes() {}

    /** All notes among the records that stand on the overrides topic. */
    static SubjectNotes of(Map<String, OperatorOverride> records) {
        var all = new SubjectNotes();
        records.forEach((key, word) -> {
            if (OperatorNotes.subject(key).isPresent()) {
                all.notes.add(word);
            }
        });
        all.notes.sort(NEWEST_FIRST);
        return all;
    }

    List<OperatorOverride> all() {
        return List.copyOf(notes);
    }

    /** Those of one subject. */
    List<OperatorOverride> on(String subjectKey) {
        return notes.stream().filter(note -> key(note).equals(subjectKey)).toList();
    }

    /** Who took charge of an incident; null for nobody. */
    String inCharge(Alert incident) {
        String subject = incident.getSubjectType() + ":" + incident.getSubject();
        return on(subject).stream()
                .filter(note -> note.getVerb().equals(OperatorNotes.ACKNOWLEDGE)
                        && !note.getAt().isBefore(incident.getStartedAt()))
                .findFirst()
                .map(OperatorOverride::getActor)
                .orElse(null);
    }

    /** A line for each, for people. */
    static List<String> lines(List<OperatorOverride> notes, Times times) {
        return notes.stream()
                .map(note -> Text.plain("  " + times.day(note.getAt()) + "  " + note.getActor()
                        + (note.getVerb().equals(OperatorNotes.ACKNOWLEDGE) ? " acknowledged: " : ": ")
                        + note.getReason()))
                .toList();
    }

    static String key(OperatorOverride word) {
        return word.getSubjectType() + ":" + word.getSubject();
    }
}
