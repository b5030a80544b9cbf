package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActorTest {

    @ParameterizedTest
    @CsvSource({
        "root, , , root@mx1",
        "root, alice, , alice@mx1",
        "mallory, root, , mallory@mx1", // a variable that anybody can set
        "mallory, , root, mallory@mx1 (root)",
        "root, alice, ticket 4711, alice@mx1 (ticket 4711)"
    })
    void isTheUserThatTheSystemKnows(String user, String sudo, String added, String expected) {
        assertThat(Actor.of(user, sudo, "mx1", added)).isEqualTo(expected);
    }
}
