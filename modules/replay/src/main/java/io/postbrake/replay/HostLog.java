package io.postbrake.replay;

import io.postbrake.event.MailEvent;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/**
 * One host's logs, one after the other, in the order in which they were written, read one line ahead: a stamp that is
 * far ahead of the lines on both its sides takes the time before it, or one broken stamp would end every block.
 */
final class HostLog implements Closeable {
    /** As the shipper allows between a stamp and its clock. */
    private static final Duration TOLERATED_LEAD = Duration.ofMinutes(5);

    private final String host;
    private final Iterator<Rotated> rotated;
    private OpenLog log;
    private MailEvent head;
    private MailEvent next;
    private Instant before;
    private long clamped;

    private record Rotated(LogSource source, String id) {}

    HostLog(String host, List<LogSource> sources) throws IOException {
        this.host = host;
        rotated = inOrder(host, sources).iterator();
        next = read();
        advance();
    }

    /** Logs by the time of their first line; those that can be read only once, or have no time, stay where they are. */
    private static List<Rotated> inOrder(String host, List<LogSource> sources) throws IOException {
        record Dated(LogSource source, Instant beginning) {}
        List<Dated> dated = new ArrayList<>();
        boolean sortable = sources.size() > 1;
        for (LogSource source : sources) {
            Instant beginning = null;
            if (sortable && source.reopens()) {
                try (OpenLog log = new OpenLog(source, host, "")) {
                    beginning = log.beginning();
                }
            }
            sortable &= beginning != null || source.size() == 0 && source.reopens();
            dated.add(new Dated(source, beginning));
        }
        if (sortable) {
            dated.sort(Comparator.comparing(Dated::beginning, Comparator.nullsFirst(Comparator.naturalOrder())));
        }
        List<Rotated> result = new ArrayList<>();
        for (Dated d : dated) {
            result.add(new Rotated(d.source(), "replay-" + (result.size() + 1)));
        }
        return result;
    }

    /** The event that comes next, or null at the end. */
    MailEvent head() {
        return head;
    }

    long clamped() {
        return clamped;
    }

    /** Goes to the next event. */
    void advance() throws IOException {
        head = next;
        if (head == null) {
            return;
        }
        next = read();
        Instant at = head.getOccurredAt();
        boolean alone = next != null && at.isAfter(next.getOccurredAt().plus(TOLERATED_LEAD));
        if (alone && before != null && at.isAfter(before.plus(TOLERATED_LEAD))) {
            head.setOccurredAt(before);
            head.setReadAt(before);
            head.setClamped(true);
            clamped++;
        } else {
            before = at;
        }
    }

    private MailEvent read() throws IOException {
        while (true) {
            if (log == null) {
                if (!rotated.hasNext()) {
                    return null;
                }
                Rotated r = rotated.next();
                log = new OpenLog(r.source(), host, r.id());
            }
            Instant known = next != null ? next.getOccurredAt() : log.beginning();
            MailEvent event = log.next(known == null ? Instant.EPOCH : known);
            if (event != null) {
                return event;
            }
            log.close();
            log = null;
        }
    }

    @Override
    public void close() throws IOException {
        if (log != null) {
            log.close();
        }
    }
}
