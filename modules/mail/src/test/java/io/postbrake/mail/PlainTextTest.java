package io.postbrake.mail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What strangers wrote stays text, on one line. */
class PlainTextTest {

    @ParameterizedTest
    @CsvSource({
        "ann@example.org, ann@example.org",
        "http://evil.example/x, http[:]//evil.example/x",
        "see HTTPS://evil.example, see HTTPS[:]//evil.example",
        "www.evil.example, www[.]evil.example",
        "javascript:x, javascript[:]x",
        "zoë@münchen.example, zoë@münchen.example",
        "שלום, שלום",
    })
    void whatWouldBeClickableIsNot(String text, String said) {
        assertThat(PlainText.of(text, 100)).isEqualTo(said);
    }

    @Test
    void nothingSteersTheProgramThatShowsIt() {
        String text = "a\r\nBcc: x\u001b[2J\u202e\u200b\u2028\u0085\ud800b\u2066";

        assertThat(PlainText.of(text, 100)).isEqualTo("a??Bcc: x?[2J?????b?");
    }

    @Test
    void aLongOneIsCutBetweenCharacters() {
        assertThat(PlainText.of("😀😀😀", 2)).isEqualTo("😀…");
    }
}
