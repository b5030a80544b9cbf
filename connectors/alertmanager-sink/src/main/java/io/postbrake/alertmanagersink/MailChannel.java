package io.postbrake.alertmanagersink;

import io.postbrake.mail.Letter;
import io.postbrake.mail.Mailer;
import io.postbrake.mail.RelayException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells by mail: the first incident at once, and what comes within the interval after a mail by one more, unless it is more
 * severe. What waits is not committed, and is told after a restart.
 */
final class MailChannel implements Channel {

    private static final Logger LOG = LoggerFactory.getLogger(MailChannel.class);

    /** A mail that went out: when, and how severe the worst in it was. */
    private record Sent(Instant at, int severity) {}

    private final MailSettings settings;
    private final Mailer mailer;
    private final Board board;
    private final News news;
    private final Letters letters;
    private final Map<Addressee, Sent> sent = new HashMap<>();

    MailChannel(MailSettings settings, Mailer mailer, Board board) {
        this.settings = settings;
        this.mailer = mailer;
        this.board = board;
        this.news = new News(settings.ends());
        this.letters = new Letters(settings);
    }

    @Override
    public String name() {
        return "mail by " + mailer.relay();
    }

    @Override
    public void deliver(Instant now) throws UnavailableException {
        board.prune(now, Duration.ZERO);
        List<Board.Report> reports = board.reports();
        news.forgetOthersThan(reports.stream().map(r -> r.incident().id()).collect(Collectors.toSet()));
        sent.values().removeIf(s -> !now.isBefore(s.at().plus(settings.interval())));
        long open = reports.stream().filter(r -> !r.incident().resolved()).count();
        UnavailableException failure = null;
        for (Map.Entry<Addressee, List<Board.Report>> each : due(reports, now).entrySet()) {
            if (mayWrite(each.getKey(), each.getValue())) {
                try {
                    write(each.getKey(), each.getValue(), open, now);
                } catch (RelayException e) {
                    // Others may get theirs; what one relay says of one of them says nothing of the rest.
                    failure = new UnavailableException(e.getMessage(), null);
                } catch (UnavailableException e) {
                    failure = e;
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** What is to be told to whom; what is not worth a mail is settled. */
    private Map<Addressee, List<Board.Report>> due(List<Board.Report> reports, Instant now) {
        Map<Addressee, List<Board.Report>> due = new LinkedHashMap<>();
        for (Board.Report report : reports) {
            if (news.undecided(report)) {
                Optional<Addressee> who = settings.addressee(report.incident());
                if (who.isPresent() && news.worthTelling(report, who.get().owner())) {
                    due.computeIfAbsent(who.get(), a -> new ArrayList<>()).add(report);
                } else {
                    settle(report, false, now);
                }
            }
        }
        return due;
    }

    private boolean mayWrite(Addressee who, List<Board.Report> due) {
        Sent last = sent.get(who);
        return last == null || worst(due) > last.severity();
    }

    private void write(Addressee who, List<Board.Report> due, long open, Instant now)
            throws RelayException, UnavailableException {
        Letter letter = letters.of(who, due.stream().map(Board.Report::incident).toList(), open);
        List<String> refused = sent(letter, who, due);
        if (refused.size() == who.addresses().size()) {
            if (!who.owner()) {
                // Whoever corrects the address is to hear what was missed.
                throw new UnavailableException("every address of " + MailSettings.TO + " is refused", null);
            }
            LOG.warn("the address of an account's owner is refused; the account's incident has the details");
            due.forEach(report -> {
                news.settled(report, false);
                board.refused(report, now);
            });
            return;
        }
        if (!refused.isEmpty()) {
            LOG.warn(
                    "{} of {} addresses are refused",
                    refused.size(),
                    who.addresses().size());
        }
        sent.put(who, new Sent(now, worst(due)));
        due.forEach(report -> settle(report, true, now));
    }

    private List<String> sent(Letter letter, Addressee who, List<Board.Report> due) throws RelayException {
        try {
            return mailer.send(letter);
        } catch (RelayException e) {
            if (!e.ofContent()) {
                throw e;
            }
            LOG.warn("{} refuses what a mail says ({}): it is sent without details", name(), e.getMessage());
            return mailer.send(
                    letters.bare(who, due.stream().map(Board.Report::incident).toList()));
        }
    }

    private void settle(Board.Report report, boolean told, Instant now) {
        news.settled(report, told);
        board.accepted(report, now);
    }

    private static int worst(List<Board.Report> due) {
        return due.stream()
                .map(Board.Report::incident)
                .filter(i -> !i.resolved())
                .mapToInt(i -> Incident.SEVERITIES.indexOf(i.severity()))
                .max()
                .orElse(-1);
    }
}
