package io.postbrake.alertmanagersink;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Alertmanager of a cluster, each of which must be told everything. It forgets what is not repeated: open incidents are
 * told again and again, ended ones for some minutes.
 */
final class AlertmanagerReplica implements Channel {

    private static final Logger LOG = LoggerFactory.getLogger(AlertmanagerReplica.class);
    private static final int BATCH = 64;

    /**
     * Times that Alertmanager's behaviour asks for.
     *
     * @param resend how often what is told is told again
     * @param endsAfter when an open incident ends by itself in Alertmanager unless it is told again
     * @param repeatResolved how long an end is told
     * @param lateFiring how long an incident shows that was over before it could be told
     */
    record Times(Duration resend, Duration endsAfter, Duration repeatResolved, Duration lateFiring) {}

    private record Sent(long offset, Instant at, Instant endsAt, boolean bad) {}

    private record Due(Board.Report report, Instant endsAt) {}

    private final URI alerts;
    private final Http http;
    private final Board board;
    private final AlertJson json;
    private final Times times;
    private final Map<String, Sent> sent = new HashMap<>();
    private boolean wasAway;

    AlertmanagerReplica(URI base, Http http, Board board, AlertJson json, Times times) {
        this.alerts = URI.create(base.toString().replaceAll("/+$", "") + "/api/v2/alerts");
        this.http = http;
        this.board = board;
        this.json = json;
        this.times = times;
    }

    @Override
    public String name() {
        return alerts.getHost() + ":" + alerts.getPort();
    }

    @Override
    public void deliver(Instant now) throws UnavailableException, InterruptedException {
        board.prune(now, times.repeatResolved());
        List<Board.Report> reports = board.reports();
        Set<String> there = reports.stream().map(r -> r.incident().id()).collect(Collectors.toSet());
        sent.keySet().retainAll(there);
        List<Due> due =
                reports.stream().filter(r -> due(r, now)).map(r -> due(now, r)).toList();
        try {
            for (int from = 0; from < due.size(); from += BATCH) {
                tell(due.subList(from, Math.min(due.size(), from + BATCH)), now);
            }
        } catch (UnavailableException e) {
            wasAway = true;
            throw e;
        }
        if (!due.isEmpty()) {
            wasAway = false;
        }
    }

    private boolean due(Board.Report r, Instant now) {
        Sent before = sent.get(r.incident().id());
        if (before == null || before.offset() != r.offset()) {
            return true;
        }
        // One whose end is ahead although the incident is over ends there by itself.
        boolean over = r.incident().resolved() && before.endsAt().isAfter(before.at());
        return !before.bad() && !over && !now.isBefore(before.at().plus(times.resend()));
    }

    private Due due(Instant now, Board.Report r) {
        Incident i = r.incident();
        if (!i.resolved()) {
            return new Due(r, now.plus(times.endsAfter()));
        }
        Sent before = sent.get(i.id());
        boolean again = before != null && before.offset() == r.offset();
        if (again) {
            return new Due(r, before.endsAt());
        }
        // Never told, or Alertmanager may have lost it: an end in the past would tell nobody.
        boolean late = !r.announced() || wasAway;
        return new Due(r, late ? now.plus(times.lateFiring()) : now);
    }

    private void tell(List<Due> batch, Instant now) throws UnavailableException, InterruptedException {
        Http.Answer answer = post(batch, now);
        if (answer.taken()) {
            batch.forEach(d -> taken(d, now));
        } else if (batch.size() == 1) {
            bad(batch.get(0), answer, now);
        } else {
            // Alertmanager has stored the good ones and says not which are bad.
            LOG.warn("{} refuses one of {} alerts: {}", name(), batch.size(), answer.excerpt());
            for (Due d : batch) {
                tell(List.of(d), now);
            }
        }
    }

    private Http.Answer post(List<Due> batch, Instant now) throws UnavailableException, InterruptedException {
        List<ObjectNode> body = new ArrayList<>();
        for (Due d : batch) {
            Instant started = d.report().incident().startedAt();
            Instant latest = d.endsAt().isBefore(now) ? d.endsAt() : now;
            body.add(json.alert(
                    d.report().incident(), started.isBefore(latest) ? started : latest.minusMillis(1), d.endsAt()));
        }
        return http.post(alerts, "application/json", json.batch(body), Map.of());
    }

    private void taken(Due d, Instant now) {
        sent.put(d.report().incident().id(), new Sent(d.report().offset(), now, d.endsAt(), false));
        board.accepted(d.report(), now);
    }

    private void bad(Due d, Http.Answer answer, Instant now) {
        Board.Report r = d.report();
        LOG.warn("{} refuses incident {}: {}", name(), r.incident().id(), answer.excerpt());
        sent.put(r.incident().id(), new Sent(r.offset(), now, d.endsAt(), true));
        board.refused(r, now);
    }
}
