package io.postbrake.alertmanagersink;

import com.ibm.icu.text.MessageFormat;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;

/** What mails say, in one language; numbers and their plurals as that language has them. */
final class Wording {

    /** English first, which stands in for nothing: every language has all words. */
    static final List<String> LANGUAGES = List.of("en", "de", "es", "fr", "it", "pl");

    private final Locale language;
    private final DateTimeFormatter minute;
    private final ResourceBundle words;

    Wording(Locale language, ZoneId zone) {
        this.language = language;
        this.minute =
                DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm zzz", language).withZone(zone);
        this.words = ResourceBundle.getBundle(
                "io.postbrake.alertmanagersink.mail",
                language,
                Wording.class.getClassLoader(),
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
    }

    /**
     * The language of a tag such as {@code de}.
     *
     * @throws IllegalArgumentException when no words are there for it
     */
    static Locale language(String tag) {
        if (!LANGUAGES.contains(tag)) {
            throw new IllegalArgumentException("language '" + tag + "' is none of " + LANGUAGES);
        }
        return Locale.forLanguageTag(tag);
    }

    Locale language() {
        return language;
    }

    /** The sentence of {@code key} with {@code values} in place of {0}, {1}, ... */
    String say(String key, Object... values) {
        return new MessageFormat(words.getString(key), language).format(values);
    }

    /** With the zone's name, as the reader may be elsewhere. */
    String minute(Instant at) {
        return minute.format(at);
    }
}
