package io.postbrake.alertmanagersink;

import com.samskivert.mustache.Template;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Any receiver that takes one request for each state of an incident, written by a template. */
final class Webhook implements Channel {

    private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);

    /**
     * What is sent where.
     *
     * @param url template of the address
     * @param secret what templates write for {@code secret}
     * @param updates whether changes of an open incident are told
     * @param everyState whether all of them are; otherwise those that are worse
     */
    record Letter(Template url, Template body, String contentType, String secret, boolean updates, boolean everyState) {
        URI uri(Incident incident) {
            return URI.create(Templates.render(url, incident, secret));
        }

        String text(Incident incident) {
            return Templates.render(body, incident, secret);
        }

        @Override
        public String toString() {
            return "Letter[" + contentType + "]";
        }
    }

    private final Letter letter;
    private final Http http;
    private final Board board;
    /** Offset of the newest state that was told, by incident. */
    private final Map<String, Long> told = new HashMap<>();

    private final News news = new News(true);

    Webhook(Letter letter, Http http, Board board) {
        this.letter = letter;
        this.http = http;
        this.board = board;
    }

    @Override
    public String name() {
        return "webhook";
    }

    @Override
    public void deliver(Instant now) throws UnavailableException, InterruptedException {
        board.prune(now, Duration.ZERO);
        var reports = board.reports();
        Set<String> there = reports.stream().map(r -> r.incident().id()).collect(Collectors.toSet());
        told.keySet().retainAll(there);
        news.forgetOthersThan(there);
        for (Board.Report report : reports) {
            if (report.waiting()
                    && !Long.valueOf(report.offset())
                            .equals(told.get(report.incident().id()))) {
                tell(report, now);
            }
        }
    }

    private void tell(Board.Report report, Instant now) throws UnavailableException, InterruptedException {
        Incident incident = report.incident();
        boolean update = report.announced() && !incident.resolved();
        boolean wanted = letter.updates() && (letter.everyState() || news.worthTelling(report, false));
        if (update && !wanted) {
            settle(report, false, now);
            return;
        }
        if (incident.resolved() && !report.announced()) {
            // It was over before anybody could be told of it.
            if (!post(opened(incident), report, now)) {
                return;
            }
        }
        if (post(incident, report, now)) {
            settle(report, true, now);
        }
    }

    private boolean post(Incident incident, Board.Report report, Instant now)
            throws UnavailableException, InterruptedException {
        // A receiver that knows the header drops what a crash between answer and commit makes us say twice.
        Map<String, String> headers = Map.of(
                "Idempotency-Key", incident.id() + "-" + incident.text("revision") + "-" + incident.text("event"));
        Http.Answer answer = http.post(letter.uri(incident), letter.contentType(), letter.text(incident), headers);
        if (!answer.taken()) {
            LOG.warn("the webhook refuses incident {}: status {}", incident.id(), answer.status());
            told.put(incident.id(), report.offset());
            board.refused(report, now);
        }
        return answer.taken();
    }

    private void settle(Board.Report report, boolean said, Instant now) {
        news.settled(report, said);
        told.put(report.incident().id(), report.offset());
        board.accepted(report, now);
    }

    private static Incident opened(Incident i) {
        Map<String, Object> fields = new LinkedHashMap<>(i.fields());
        fields.put("state", "FIRING");
        fields.put("resolved", false);
        fields.put("event", "trigger");
        fields.put("endedAt", null);
        return new Incident(i.id(), false, i.severity(), i.startedAt(), i.updatedAt(), null, fields);
    }
}
