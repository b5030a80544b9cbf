package io.postbrake.replay;

import io.postbrake.event.MailEvent;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** The lines of several hosts in order of time; each host's own order is kept, whatever its stamps say. */
final class MergedLogs implements Closeable {

    private record Head(HostLog log, int host) implements Comparable<Head> {
        @Override
        public int compareTo(Head other) {
            int byTime = log.head().getOccurredAt().compareTo(other.log.head().getOccurredAt());
            return byTime != 0 ? byTime : Integer.compare(host, other.host);
        }
    }

    private final List<HostLog> logs = new ArrayList<>();
    private final PriorityQueue<Head> heads = new PriorityQueue<>();
    /** The log whose event comes next: often the one of the event before. */
    private Head first;

    MergedLogs(Map<String, List<LogSource>> hosts) throws IOException {
        for (Map.Entry<String, List<LogSource>> host : hosts.entrySet()) {
            HostLog log = new HostLog(host.getKey(), host.getValue());
            logs.add(log);
            if (log.head() != null) {
                heads.add(new Head(log, logs.size()));
            }
        }
        first = heads.poll();
    }

    /** The next event, or null at the end. */
    MailEvent next() throws IOException {
        if (first == null) {
            return null;
        }
        MailEvent event = first.log().head();
        first.log().advance();
        if (first.log().head() == null) {
            first = heads.poll();
        } else if (!heads.isEmpty() && heads.peek().compareTo(first) < 0) {
            heads.add(first);
            first = heads.poll();
        }
        return event;
    }

    long clamped() {
        return logs.stream().mapToLong(HostLog::clamped).sum();
    }

    @Override
    public void close() throws IOException {
        for (HostLog log : logs) {
            log.close();
        }
    }
}
