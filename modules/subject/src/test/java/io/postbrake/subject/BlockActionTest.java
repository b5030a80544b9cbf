package io.postbrake.subject;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The one list of actions. */
class BlockActionTest {
    @Test
    void theWordsAreThoseOfTheTopicsTheMildestFirst() {
        // Given what hosts and topics of every build so far have
        // Then no word may change, and their order is that of strictness
        assertThat(BlockAction.words()).containsExactly("hold", "defer", "reject", "disconnect");
    }

    @Test
    void aWordThatIsNoneRanksBelowAll() {
        // When words are ranked that stand on topics
        // Then what stops no mail is below the mildest block
        assertThat(BlockAction.rank("observe")).isZero();
        assertThat(BlockAction.rank(null)).isZero();
        assertThat(BlockAction.rank("hold")).isEqualTo(1);
        assertThat(BlockAction.rank("reject")).isGreaterThan(BlockAction.rank("defer"));
        assertThat(BlockAction.of("HOLD")).isEmpty();
    }
}
