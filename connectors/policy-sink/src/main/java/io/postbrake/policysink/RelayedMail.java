package io.postbrake.policysink;

import io.postbrake.event.MailEvent;
import io.postbrake.subject.Nearby;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Whose a message is that came in without a login from a client nearby: the log names the client first and the sender later. Mail that a
 * content filter hands back is somebody else's, which the log may say a moment after; until then it is not {@link #settled}.
 */
final class RelayedMail {

    /** Milliseconds until a filter has answered to the message that it hands back. */
    static final long SETTLES_AFTER_MS = 2_000;

    private static final int MOST = 50_000;

    private record Begun(String client, Instant at) {}

    private final Map<String, Begun> begun = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Begun> eldest) {
            return size() > MOST;
        }
    };

    /** A message begins, without a login. */
    synchronized void began(MailEvent client) {
        begun.remove(client.getQueueId());
        String ip = client.getClientIp();
        if (ip != null && client.getOrigQueueId() == null && Nearby.is(ip)) {
            begun.put(client.getQueueId(), new Begun(ip, client.getOccurredAt()));
        }
    }

    /** Who relays the message whose sender is told now; null when that is not known. */
    synchronized String owner(MailEvent queued) {
        Begun known = begun.get(queued.getQueueId());
        return known == null ? null : owner(known.client(), queued.getFrom());
    }

    /** Who relays what this line is about, when it has both; null otherwise. */
    static String owner(String clientOrNull, String fromOrNull) {
        boolean known = clientOrNull != null && fromOrNull != null && !fromOrNull.isBlank();
        return known ? RelaySenders.owner(clientOrNull, fromOrNull.toLowerCase(Locale.ROOT)) : null;
    }

    /** Whether a filter nearby says under which id it handed the message back; of what a server elsewhere says no id is ours. */
    static boolean handsBack(MailEvent delivered) {
        String relay = delivered.getRelay();
        int open = relay == null || delivered.getNextQueueId() == null ? -1 : relay.lastIndexOf('[');
        int close = open < 0 ? -1 : relay.indexOf(']', open);
        return close > 0 && Nearby.is(relay.substring(open + 1, close));
    }

    /** The message is over, or was another one before a filter took it. */
    synchronized void forget(String id) {
        begun.remove(id);
    }

    /** Whether a filter would have been known by now to have handed it back. */
    synchronized boolean settled(String id, Instant now) {
        Begun known = begun.get(id);
        return known == null || Duration.between(known.at(), now).toMillis() >= SETTLES_AFTER_MS;
    }
}
