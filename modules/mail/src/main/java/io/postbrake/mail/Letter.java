package io.postbrake.mail;

import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * One mail.
 *
 * @param to addresses
 * @param language of {@code subject} and {@code text}
 * @param subject our own words and counts: nothing in it may come from a log
 * @param text lines that end with {@code \n}
 * @param id names what the mail says: it is sent under the same Message-ID again, should nobody know whether it was taken
 */
public record Letter(List<String> to, Locale language, String subject, String text, UUID id) {

    public Letter {
        to = List.copyOf(to);
        if (to.isEmpty()) {
            throw new IllegalArgumentException("a letter goes to somebody");
        }
        if (subject.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a subject is one line");
        }
    }

    /** Where it goes and what it says are nobody's business. */
    @Override
    public String toString() {
        return "Letter[" + id + "]";
    }
}
