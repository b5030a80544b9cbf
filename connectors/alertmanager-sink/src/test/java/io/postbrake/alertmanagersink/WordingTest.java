package io.postbrake.alertmanagersink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.ibm.icu.text.MessageFormat;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every language has every sentence, with the same places for values. */
class WordingTest {

    @ParameterizedTest
    @ValueSource(strings = {"de", "es", "fr", "it", "pl"})
    void aLanguageSaysAllThatEnglishSays(String language) {
        assertThat(places(language)).isEqualTo(places("en"));
    }

    @ParameterizedTest
    @CsvSource({
        "en, 1, 1 account stopped",
        "en, 0, 0 accounts stopped",
        "de, 2, 2 Konten gestoppt",
        "fr, 0, 0 compte arrêté",
        "fr, 1200, 1\u202f200 comptes arrêtés",
        "es, 1, 1 cuenta detenida",
        "it, 3, 3 account fermati",
        "pl, 2, 2 konta zatrzymane",
        "pl, 5, 5 kont zatrzymanych",
        "pl, 22, 22 konta zatrzymane",
    })
    void aPluralIsThatOfItsLanguage(String language, long count, String said) {
        assertThat(wording(language).say("count.stopped", count)).isEqualTo(said);
    }

    @Test
    void aTimeNamesItsZone() {
        assertThat(new Wording(Locale.GERMAN, ZoneId.of("Europe/Berlin")).minute(Instant.parse("2026-12-01T07:00:00Z")))
                .isEqualTo("2026-12-01 08:00 MEZ");
    }

    @Test
    void aLanguageWithoutWordsIsRefused() {
        assertThatThrownBy(() -> Wording.language("tlh")).hasMessageContaining("[en, de, es, fr, it, pl]");
    }

    private static Wording wording(String language) {
        return new Wording(Wording.language(language), ZoneId.of("UTC"));
    }

    /** What the language itself says: a sentence that it lacks would be English. */
    private static Map<String, Object> places(String language) {
        String file = language.equals("en") ? "mail.properties" : "mail_" + language + ".properties";
        var words = new Properties();
        try (var in = new InputStreamReader(WordingTest.class.getResourceAsStream(file), StandardCharsets.UTF_8)) {
            words.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, Object> result = new TreeMap<>();
        words.stringPropertyNames()
                .forEach(key -> result.put(
                        key,
                        new MessageFormat(words.getProperty(key), Locale.forLanguageTag(language)).getArgumentNames()));
        return result;
    }
}
