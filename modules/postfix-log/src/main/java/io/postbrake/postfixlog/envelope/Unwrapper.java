package io.postbrake.postfixlog.envelope;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens the lines of one log. Where nobody said how they are wrapped, that is found by the first lines which are Postfix's when
 * read so; after {@value #SAMPLE} of those it is fixed: from then on no text can open an envelope that the log has not.
 */
public final class Unwrapper {
    /** So many lines of Postfix settle how a log is wrapped. */
    static final int SAMPLE = 100;

    /** A log that several write together may be wrapped in so many ways. */
    private static final int MOST = 4;

    private static final Envelope[] PLAIN = {};

    /** Reads the header of what is in the wrappings. */
    public interface Header {
        /** Reads it; false when there is none. */
        boolean read(Wrapped line);

        /** Whether the header that was read last is one of Postfix or of Dovecot. */
        boolean isRead();

        /** Whether the header that was read last names a program, so that nothing around it is a wrapping. */
        boolean isComplete();
    }

    /** What became of a line. */
    public enum Result {
        /** It is wrapped in none of the ways of this log. */
        UNKNOWN,
        /** It is a part of a line, the rest of which is yet to come. */
        PIECE,
        /** Its header was read. */
        HEADER,
        /** The wrapping is the log's; what it holds has no header. */
        TEXT
    }

    private final Wrapped line;
    private final JournalRule journal;
    private final List<Envelope[]> chains = new ArrayList<>();
    private final List<Kind> kinds = Kind.found();
    private final Envelope[][] candidates = new Envelope[Envelopes.DEEPEST][];
    private final Envelope[] path = new Envelope[Envelopes.DEEPEST];
    private boolean settled;
    private boolean plain;
    private int seen;

    /** Opens lines as {@code setting} says. */
    public Unwrapper(Envelopes setting, Wrapped line) {
        this.line = line;
        journal = setting.journal();
        settled = !setting.areFound();
        Envelope[] known = setting.makeOutermost();
        if (known.length > 0) {
            chains.add(known);
        }
        if (settled) {
            chains.add(setting.make());
        }
        plain = settled && chains.get(0).length == 0;
    }

    /** Whether it is settled that the lines are not wrapped at all. */
    public boolean isPlain() {
        return plain;
    }

    /** Whether a line was begun of which pieces are still to come. */
    public boolean isPending() {
        if (plain) {
            return false;
        }
        for (Envelope[] chain : chains) {
            if (isPending(chain)) {
                return true;
            }
        }
        for (int i = 0; !settled && i < candidates.length; i++) {
            if (candidates[i] != null && isPending(candidates[i])) {
                return true;
            }
        }
        return false;
    }

    private static boolean isPending(Envelope[] envelopes) {
        for (Envelope envelope : envelopes) {
            if (envelope.isPending()) {
                return true;
            }
        }
        return false;
    }

    /** Opens one line, without its line end. */
    public Result open(byte[] bytes, int from, int to, Header header) {
        if (!plain) {
            Envelope[] owner = owner();
            line.set(bytes, from, to);
            Result result = owner == null ? Result.UNKNOWN : through(owner, header);
            if (result != Result.UNKNOWN) {
                return result;
            }
        }
        if (!settled) {
            line.set(bytes, from, to);
            if (header.read(line) && (header.isRead() || header.isComplete())) {
                if (header.isRead()) {
                    saw(PLAIN);
                }
                return Result.HEADER;
            }
        }
        Result result = Result.UNKNOWN;
        for (int i = 0; i < chains.size() && result == Result.UNKNOWN; i++) {
            if (settled || chains.get(i).length > 0) {
                line.set(bytes, from, to);
                result = through(chains.get(i), header);
            }
        }
        // What a chain put together of pieces is gone when it is opened once more.
        if (settled || result == Result.HEADER || result == Result.PIECE || line.joined || line.nobodys) {
            return result;
        }
        line.set(bytes, from, to);
        Result found = search(0, header);
        if (found != Result.UNKNOWN) {
            return found;
        }
        line.set(bytes, from, to);
        return header.read(line) ? Result.HEADER : result;
    }

    /** The envelopes that are within a record of several lines; null when none are. */
    private Envelope @Nullable [] owner() {
        for (Envelope[] chain : chains) {
            for (Envelope envelope : chain) {
                if (envelope.isWithin()) {
                    return chain;
                }
            }
        }
        if (!settled && candidates[0] != null) {
            for (Envelope envelope : candidates[0]) {
                if (envelope.isWithin()) {
                    return new Envelope[] {envelope};
                }
            }
        }
        return null;
    }

    private Result through(Envelope[] chain, Header header) {
        for (Envelope envelope : chain) {
            switch (envelope.open(line)) {
                case NOT_MINE -> {
                    return Result.UNKNOWN;
                }
                case PIECE -> {
                    return Result.PIECE;
                }
                case OPENED -> {
                    // Go on with what was inside.
                }
            }
        }
        if (header.read(line)) {
            if (!settled && header.isRead()) {
                saw(chain);
            }
            return Result.HEADER;
        }
        return chain.length == 0 ? Result.UNKNOWN : Result.TEXT;
    }

    private Result search(int depth, Header header) {
        if (candidates[depth] == null) {
            candidates[depth] = kinds.stream()
                    .filter(k -> depth == 0 || !k.severalLines())
                    .map(kind -> kind.make(journal))
                    .toArray(Envelope[]::new);
        }
        byte[] bytes = line.b;
        int at = line.at;
        int end = line.end;
        long millis = line.millis;
        String host = line.host;
        boolean container = line.container;
        boolean joined = line.joined;
        for (Envelope envelope : candidates[depth]) {
            Envelope.Result result = envelope.open(line);
            if (result == Envelope.Result.PIECE) {
                // It is kept there: read as something else it would count twice.
                return Result.PIECE;
            } else if (result == Envelope.Result.OPENED && line.nobodys) {
                return Result.TEXT;
            } else if (result == Envelope.Result.OPENED) {
                path[depth] = envelope;
                if (header.read(line) && header.isRead()) {
                    saw(Arrays.copyOf(path, depth + 1));
                    return Result.HEADER;
                }
                if (depth + 1 < Envelopes.DEEPEST && line.program == null) {
                    Result inner = search(depth + 1, header);
                    if (inner != Result.UNKNOWN) {
                        return inner;
                    }
                }
            }
            line.set(bytes, at, end);
            line.millis = millis;
            line.host = host;
            line.container = container;
            line.joined = joined;
        }
        return Result.UNKNOWN;
    }

    private void saw(Envelope[] chain) {
        boolean known = false;
        for (int i = 0; i < chains.size() && !known; i++) {
            known = Arrays.equals(chains.get(i), chain);
        }
        if (!known && chains.size() < MOST) {
            chains.add(chain);
        }
        if (++seen >= SAMPLE) {
            settled = true;
            Arrays.fill(candidates, null);
            plain = chains.size() == 1 && chains.get(0).length == 0;
        }
    }
}
