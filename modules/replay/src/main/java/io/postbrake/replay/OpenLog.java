package io.postbrake.replay;

import io.postbrake.event.MailEvent;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.time.Year;
import java.util.concurrent.atomic.AtomicReference;

/** One log that is open: its time at the beginning, then its lines. */
final class OpenLog implements Closeable {
    private final String host;
    private final String id;
    private final LineReader lines;
    private final Stamps stamps;
    private final Instant beginning;

    /** {@code id} is the log's identity in the replay: the same for the same call, wherever the files are. */
    OpenLog(LogSource source, String host, String id) throws IOException {
        this.host = host;
        this.id = id;
        lines = new LineReader(source.open());
        beginning = firstTime(source);
        Year year = source.year();
        if (year == null) {
            Instant known = beginning == null ? source.modified() : beginning;
            year = Year.from(known.atZone(source.zone()));
        }
        stamps = new Stamps(source.zone(), year, source.envelopes());
    }

    private Instant firstTime(LogSource source) throws IOException {
        var found = new AtomicReference<Instant>();
        var guess = new Stamps.Guess(source);
        lines.beginning(l -> {
            found.set(guess.of(l.buffer, l.start, l.length));
            return found.get() != null;
        });
        return found.get();
    }

    /** Time of the first line that has one; null when the log's beginning has none. */
    Instant beginning() {
        return beginning;
    }

    /** The next line's event, or null at the end. */
    MailEvent next(Instant before) throws IOException {
        if (!lines.next()) {
            return null;
        }
        return stamps.read(lines.buffer, lines.start, lines.length, host, id, lines.position, before);
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
