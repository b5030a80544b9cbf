package io.postbrake.alertmanagersink;

import io.postbrake.mail.PlainText;
import java.time.Instant;
import java.util.List;

/** What an owner is told of an account: whether it sends, and what to do; no evidence, which is the postmaster's. */
final class OwnerLetter {

    private static final int LONGEST = 200;

    private final Wording words;
    private final String contact;

    OwnerLetter(Wording words, String contact) {
        this.words = words;
        this.contact = contact;
    }

    String subject(List<Incident> incidents) {
        return words.say(incidents.stream().anyMatch(News::stopped) ? "owner.subject.stopped" : "owner.subject.over");
    }

    String text(List<Incident> incidents) {
        var text = new StringBuilder();
        for (Incident i : incidents) {
            text.append(sentence(i)).append("\n\n");
        }
        return text.append(advice(incidents)).toString();
    }

    /** What to do, which names nobody. */
    String advice(List<Incident> incidents) {
        var text = new StringBuilder();
        if (incidents.stream().anyMatch(News::stopped)) {
            text.append(words.say("owner.why"))
                    .append("\n\n")
                    .append(words.say("owner.steps"))
                    .append("\n\n");
            for (String step : List.of("owner.password", "owner.rules", "owner.mine")) {
                text.append("* ").append(words.say(step)).append('\n');
            }
            text.append('\n');
        }
        if (!contact.isBlank()) {
            text.append(words.say("owner.contact", contact)).append('\n');
        }
        return text.toString();
    }

    private String sentence(Incident i) {
        String account = PlainText.of(i.text("subject"), LONGEST);
        if (!News.stopped(i)) {
            return words.say("owner.over", account, words.minute(i.updatedAt()));
        }
        String since = i.text("actionSince");
        return words.say(
                "owner." + i.text("action"),
                account,
                words.minute(since.isEmpty() ? i.updatedAt() : Instant.parse(since)));
    }
}
