package io.postbrake.alertmanagersink;

import io.postbrake.mail.Letter;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/** Puts incidents into a letter to whoever it is for. */
final class Letters {

    private final ZoneId zone;
    private final String contact;
    private final long minutes;

    Letters(MailSettings settings) {
        zone = settings.zone();
        contact = settings.contact();
        minutes = Math.max(1, settings.interval().toMinutes());
    }

    /** {@code open}: how many incidents are open altogether. */
    Letter of(Addressee who, List<Incident> incidents, long open) {
        var wording = new Wording(who.language(), zone);
        if (who.owner()) {
            var letter = new OwnerLetter(wording, contact);
            return letter(who, incidents, letter.subject(incidents), letter.text(incidents));
        }
        var letter = new PostmasterLetter(wording);
        return letter(who, incidents, letter.subject(incidents), letter.text(incidents, open, minutes));
    }

    /**
     * The same without a name, evidence or anything else that a stranger may have chosen, for a relay that refuses what the whole
     * letter says: nobody shall keep a postmaster from hearing of it by a text that a filter takes for spam.
     */
    Letter bare(Addressee who, List<Incident> incidents) {
        var wording = new Wording(who.language(), zone);
        if (who.owner()) {
            var letter = new OwnerLetter(wording, contact);
            return letter(who, incidents, letter.subject(incidents), letter.advice(incidents));
        }
        String subject = new PostmasterLetter(wording).subject(incidents);
        return letter(who, incidents, subject, wording.say("withheld") + "\n");
    }

    private static Letter letter(Addressee who, List<Incident> incidents, String subject, String text) {
        return new Letter(who.addresses(), who.language(), subject, text, id(who, incidents));
    }

    /** The same states told to the same people are the same letter. */
    private static UUID id(Addressee who, List<Incident> incidents) {
        String said = incidents.stream()
                .map(i -> i.id() + " " + i.text("revision"))
                .sorted()
                .collect(Collectors.joining("\n", String.join(",", who.addresses()) + "\n", ""));
        return UUID.nameUUIDFromBytes(said.getBytes(StandardCharsets.UTF_8));
    }
}
