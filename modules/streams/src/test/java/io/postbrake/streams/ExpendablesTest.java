package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpendablesTest {
    private final Expendables expendables = new Expendables(3);

    @Test
    void thereIsRoomForSoMany() {
        // When
        List<String> gone = notes("a", 1, "b", 1, "c", 1);
        // Then
        assertThat(gone).isEmpty();
    }

    @Test
    void theOneThatWasQuietForLongestGoes() {
        // When
        List<String> gone = notes("a", 1, "b", 1, "c", 1, "a", 2, "d", 1);
        // Then
        assertThat(gone).containsExactly("b");
    }

    @Test
    void fewFailuresGoBeforeMany() {
        // When
        List<String> gone = notes("guesser", 40, "a", 1, "b", 2, "c", 1, "d", 3, "e", 1);
        // Then
        assertThat(gone).containsExactly("a", "b", "c");
    }

    @Test
    void floodsOfSingleTriesNeverReachAGuesser() {
        // Given
        List<String> gone = new ArrayList<>(notes("guesser", 12));
        // When
        for (int i = 0; i < 10_000; i++) {
            gone.addAll(notes("name" + i, 1));
        }
        // Then
        assertThat(gone).hasSize(10_000 - 2).doesNotContain("guesser");
    }

    @Test
    void whoMustBeKeptTakesNoRoom() {
        // Given
        notes("a", 1, "b", 1, "c", 1);
        // When
        List<String> gone = notes("a", -1, "d", 1);
        // Then
        assertThat(gone).isEmpty();
        assertThat(expendables.size()).isEqualTo(3);
    }

    private List<String> notes(Object... subjectsAndFailures) {
        List<String> gone = new ArrayList<>();
        for (int i = 0; i < subjectsAndFailures.length; i += 2) {
            expendables.note((String) subjectsAndFailures[i], (Integer) subjectsAndFailures[i + 1]);
            for (String one = expendables.tooMany(); one != null; one = expendables.tooMany()) {
                gone.add(one);
            }
        }
        return gone;
    }
}
