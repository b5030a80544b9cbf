package io.postbrake.subject;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoginsTest {

    @ParameterizedTest
    @CsvSource({
        "straße, STRASSE",
        "straße, STRAẞE",
        "οδός, ΟΔΌΣ",
        "ﬁn, FIN",
        "\u212Aelvin, kelvin",
        "Élodie, élodie",
        "\uAB70, \u13A0",
        "\uD801\uDC00, \uD801\uDC28",
        "\u0130x, i\u0307x"
    })
    void spellingsOfOneLoginAreOne(String one, String other) {
        assertThat(Logins.fold(one)).isEqualTo(Logins.fold(other));
    }

    @ParameterizedTest
    @CsvSource({"jose, josé", "masse, maße1", "cafe\u0301, caf\u00e9", "\u0131x, ix", "a.b, ab"})
    void whatPostfixTellsApartIsTwo(String one, String other) {
        assertThat(Logins.fold(one)).isNotEqualTo(Logins.fold(other));
    }

    @Property
    void foldingTwiceChangesNothing(@ForAll @StringLength(max = 40) String login) {
        String folded = Logins.fold(login);

        assertThat(Logins.fold(folded)).isEqualTo(folded);
    }

    @Property
    void plainLettersAreInLowerCase(@ForAll @CharRange(from = '\0', to = '\u007f') String login) {
        assertThat(Logins.fold(login)).isEqualTo(login.toLowerCase(Locale.ROOT));
        assertThat(Logins.withoutUtf8(login)).isEqualTo(login.toLowerCase(Locale.ROOT));
    }

    @Property
    void namesThatWereLowerCasedFoldAsTheLoginsDo(@ForAll @StringLength(max = 40) String login) {
        assertThat(Logins.fold(login.toLowerCase(Locale.ROOT))).isEqualTo(Logins.fold(login));
    }

    @Test
    void withoutUtf8EachByteIsAQuestionMark() {
        assertThat(Logins.withoutUtf8("Straße@x")).isEqualTo("stra??e@x");
        assertThat(Logins.withoutUtf8("中😀")).isEqualTo("???????");
    }
}
