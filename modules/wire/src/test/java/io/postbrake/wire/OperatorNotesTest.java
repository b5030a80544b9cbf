package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class OperatorNotesTest {

    private static final String SUBJECT = "relay_sender:a:b@example.com from 192.0.2.7 on mx1";

    @Test
    void eachNoteHasAKeyOfItsOwnThatNamesItsSubject() {
        String first = OperatorNotes.key(SUBJECT, Instant.ofEpochMilli(1));
        String second = OperatorNotes.key(SUBJECT, Instant.ofEpochMilli(2));

        assertThat(first).isNotEqualTo(second);
        assertThat(OperatorNotes.subject(first)).contains(SUBJECT);
        assertThat(OperatorNotes.isBeside(first)).isTrue();
    }

    @Test
    void aWordOnASubjectIsNoNote() {
        assertThat(OperatorNotes.subject("sasl_user:note:anna")).isEmpty();
        assertThat(OperatorNotes.isBeside("sasl_user:queue:anna")).isFalse();
        assertThat(OperatorNotes.isBeside(OperatorNotes.queueKey(SUBJECT))).isTrue();
    }
}
