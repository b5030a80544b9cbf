package io.postbrake.postfixlog.envelope;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * {@code STAMP HOST TAG[PID]: line}: a container's output that its engine hands to syslog under a tag of the operator's; without
 * a tag, {@code STAMP HOST line}. It is never found by itself: other programs' lines look the same and hold strangers' text.
 */
final class SyslogEnvelope implements Envelope {
    private final byte @Nullable [] tag;

    SyslogEnvelope(@Nullable String tagOrNull) {
        tag = tagOrNull == null ? null : tagOrNull.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Result open(Wrapped line) {
        int begin = line.at;
        long before = line.millis;
        if (!line.takeStamp()) {
            return Result.NOT_MINE;
        }
        int host = line.at;
        int stop = line.find(' ', host);
        int text = stop + 1;
        if (stop > host && stop < line.end && (tag == null || (text = afterTag(tag, line, text)) > 0)) {
            line.host = new String(line.b, host, stop - host, StandardCharsets.UTF_8);
            line.at = text;
            return Result.OPENED;
        }
        line.at = begin;
        line.millis = before;
        return Result.NOT_MINE;
    }

    private static int afterTag(byte[] tag, Wrapped line, int from) {
        int at = from;
        for (byte c : tag) {
            if (line.byteAt(at++) != (c & 0xFF)) {
                return -1;
            }
        }
        if (line.byteAt(at) == '[') {
            at = line.find(']', at) + 1;
        }
        return line.byteAt(at) == ':' && line.byteAt(at + 1) == ' ' ? at + 2 : -1;
    }
}
