package io.postbrake.simulator;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.geo.GeoLookup;
import io.postbrake.replay.HostLine;
import io.postbrake.replay.Lesson;
import io.postbrake.replay.Replay;
import io.postbrake.simulator.PostfixLines.Line;
import io.postbrake.state.SubjectState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Year;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * The logs of a script's first days as hosts that nobody guarded wrote them, each line when its time has come: what was
 * stolen then was abused to the end.
 */
final class OldLogs implements Iterator<HostLine> {
    private final Iterator<Action> actions;
    private final long end;
    private final PostfixLines lines;
    private final PriorityQueue<Pending> pending = new PriorityQueue<>(
            Comparator.comparingLong((Pending p) -> p.line().at()).thenComparingLong(Pending::order));
    private long order;
    private Action next;

    private record Pending(Line line, long order) {}

    OldLogs(Script script, long end) {
        this.actions = script.actions().iterator();
        this.end = end;
        this.lines = new PostfixLines(script.seed(), this::add);
        read();
    }

    /**
     * What {@code postbrake learn} makes of the days before {@code end}, written and read as it goes over the topic of
     * profiles.
     */
    static List<SubjectState> learn(Script script, long end, GeoLookup geo, DetectionConfig config) throws IOException {
        Replay.Builder replay = Replay.builder().geo(geo).config(config);
        var logs = new OldLogs(script, end);
        Lesson lesson = Lesson.of(replay, r -> r.run(logs, ZoneOffset.UTC, Year.of(2026)));
        List<SubjectState> read = new ArrayList<>();
        for (SubjectState profile : lesson.profiles()) {
            ByteBuffer written = SubjectState.getEncoder().encode(profile);
            read.add(SubjectState.getDecoder().decode(written));
        }
        return read;
    }

    private void add(Line line) {
        if (line.at() < end) {
            pending.add(new Pending(line, order++));
        }
    }

    private void read() {
        next = actions.hasNext() ? actions.next() : null;
        if (next != null && next.at() >= end) {
            next = null;
        }
    }

    @Override
    public boolean hasNext() {
        while (next != null && (pending.isEmpty() || pending.peek().line().at() > next.at())) {
            if (next instanceof Action.Mail mail) {
                lines.accepted(mail, null);
            } else if (next instanceof Action.Local local) {
                lines.submitted(local);
            } else if (next instanceof Action.Login login) {
                lines.read(login);
            } else if (next instanceof Action.Failure failure) {
                lines.failed(failure);
            }
            read();
        }
        return !pending.isEmpty();
    }

    @Override
    public HostLine next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Line line = pending.poll().line();
        return new HostLine(line.host(), line.text());
    }
}
