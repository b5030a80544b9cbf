package io.postbrake.cli;

import io.postbrake.replay.Decision;
import io.postbrake.subject.BlockAction;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** What one configuration led to, by subject. */
final class Outcome {
    /** What was decided about one subject. */
    static final class Subject {
        int alerts;
        int blocks;
        Instant firstBlock;
        String action = "observe";
        Duration blocked = Duration.ZERO;
        private Instant blockedUntil;

        /** The strongest action and when it began to be blocked, or that it was only noticed. */
        String inWords() {
            return firstBlock == null
                    ? (alerts == 1 ? "1 alert" : alerts + " alerts")
                    : action + " since " + firstBlock;
        }
    }

    final String name;
    final Map<String, Subject> subjects = new TreeMap<>();

    Outcome(String name) {
        this.name = name;
    }

    void add(Decision d) {
        Subject s = subjects.computeIfAbsent(d.subjectType() + " " + d.subject(), key -> new Subject());
        if (d.type().equals("alert")) {
            s.alerts++;
            return;
        }
        s.blocks++;
        s.firstBlock = s.firstBlock == null ? d.time() : s.firstBlock;
        s.action = BlockAction.rank(d.action()) > BlockAction.rank(s.action) ? d.action() : s.action;
        Instant from = s.blockedUntil != null && s.blockedUntil.isAfter(d.time()) ? s.blockedUntil : d.time();
        if (d.expires().isAfter(from)) {
            s.blocked = s.blocked.plus(Duration.between(from, d.expires()));
            s.blockedUntil = d.expires();
        }
    }

    int alerts() {
        return subjects.values().stream().mapToInt(s -> s.alerts).sum();
    }

    int blocks() {
        return subjects.values().stream().mapToInt(s -> s.blocks).sum();
    }

    long blockedSubjects() {
        return subjects.values().stream().filter(s -> s.firstBlock != null).count();
    }

    double blockedHours() {
        return subjects.values().stream().mapToLong(s -> s.blocked.toMinutes()).sum() / 60.0;
    }
}
