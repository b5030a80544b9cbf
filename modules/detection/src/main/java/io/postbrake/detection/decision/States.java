package io.postbrake.detection.decision;

import io.postbrake.state.SubjectState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;

/** States of subjects that can be changed: new ones, copies, and those that were read. */
final class States {
    /** What the fields of a state hold before anything is known, where it is not what a new object has anyway. */
    private static final Map<Integer, Object> BLANK = new LinkedHashMap<>();

    /** Fields that hold a list, empty at first. */
    private static final int[] LISTS;

    static {
        SubjectState blank = SubjectState.newBuilder().setSubjectKey("").build();
        SubjectState empty = new SubjectState();
        List<Integer> lists = new ArrayList<>();
        for (Schema.Field field : SubjectState.getClassSchema().getFields()) {
            Object value = blank.get(field.pos());
            if (value instanceof List) {
                lists.add(field.pos());
            } else if (!Objects.equals(value, empty.get(field.pos()))) {
                BLANK.put(field.pos(), value);
            }
        }
        LISTS = lists.stream().mapToInt(Integer::intValue).toArray();
    }

    private States() {}

    /** A state with nothing in it: most clients' states live for a minute, so a builder would cost more than all else. */
    static SubjectState fresh(String subjectKey) {
        SubjectState state = new SubjectState();
        for (int field : LISTS) {
            state.put(field, new ArrayList<>());
        }
        BLANK.forEach(state::put);
        state.setSubjectKey(subjectKey);
        return state;
    }

    static SubjectState copy(SubjectState state) {
        return own(SubjectState.newBuilder(state).build());
    }

    /** Makes a state that was read one that can be changed: Avro's own list cannot remove an element that is named. */
    static SubjectState own(SubjectState read) {
        for (int field : LISTS) {
            read.put(field, new ArrayList<>((List<?>) read.get(field)));
        }
        return read;
    }
}
