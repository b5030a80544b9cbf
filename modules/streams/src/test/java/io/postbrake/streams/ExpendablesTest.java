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
    void aNewGuesserIsRememberedThoughTheRoomIsFullOfThoseWithMoreTries() {
        // Given
        var room = new Expendables(50);
        for (int i = 0; i < 50; i++) {
            room.note("name" + i, 3);
        }
        List<String> gone = new ArrayList<>();
        // When
        for (int tries = 1; tries < 10; tries++) {
            room.note("guesser", tries);
            for (String one = room.tooMany(); one != null; one = room.tooMany()) {
                gone.add(one);
            }
        }
        // Then
        assertThat(gone).containsExactly("name0");
    }

    @Test
    void aFloodOfWhateverTriesLeavesTheOtherRanksTheirShare() {
        // Given
        var room = new Expendables(50);
        for (int i = 0; i < 10; i++) {
            room.note("slow" + i, 1);
            room.note("guesser" + i, 40);
        }
        List<String> gone = new ArrayList<>();
        // When
        for (int i = 0; i < 1_000; i++) {
            room.note("name" + i, 5);
            for (String one = room.tooMany(); one != null; one = room.tooMany()) {
                gone.add(one);
            }
        }
        // Then
        assertThat(gone).hasSize(1_000 - 30).allMatch(one -> one.startsWith("name"));
    }

    @Test
    void rangesThatOnlySentMailGoBeforeAnybodyWhoFailed() {
        // When
        List<String> gone = notes("mail1", 0, "a", 1, "b", 1, "mail2", 0, "c", 2);
        // Then
        assertThat(gone).containsExactly("mail1", "mail2");
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
