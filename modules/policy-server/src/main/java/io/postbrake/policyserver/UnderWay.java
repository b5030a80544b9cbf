package io.postbrake.policyserver;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Messages that Postfix asked about lately: what was counted for each already, so that asking again at the next recipient, at
 * DATA or at the end counts nothing twice. At most {@value #MOST}, and so much text of recipients that a small heap holds
 * it; those that nothing was asked of for longest go first. For one thread.
 */
final class UnderWay {

    static final int MOST = 20_000;

    /** Beyond that many, a message's recipients are counted without looking whether one is given twice. */
    private static final int MOST_KNOWN = 2_000;

    /** Characters of recipients of all messages together; each costs its object besides. */
    static final int MOST_TEXT = 4_000_000;

    private static final int OBJECT = 80;

    private long text;

    private final Map<String, Message> messages = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Message> eldest) {
            if (size() <= MOST) {
                return false;
            }
            text -= eldest.getValue().text;
            return true;
        }
    };

    /** What was counted for one message. */
    static final class Message {
        private final Set<String> known = new HashSet<>(2);
        private final List<String> subjects = new ArrayList<>(4);
        private int counted;
        private long since;
        private int text;

        /** Whether it was counted as a message. */
        boolean isCounted() {
            return since != 0;
        }

        /** How many of its recipients were counted. */
        int recipients() {
            return counted;
        }

        /** When it was counted, in milliseconds since 1970. */
        long since() {
            return since;
        }

        /** Whose counts it is in. */
        List<String> subjects() {
            return subjects;
        }

        boolean knows(String recipient) {
            return known.contains(recipient);
        }

        private void counted(long at, int recipients, String recipient, List<String> by) {
            if (since == 0) {
                since = at;
                subjects.addAll(by);
            }
            counted += recipients;
            if (!recipient.isEmpty() && known.size() < MOST_KNOWN && known.add(recipient)) {
                text += OBJECT + recipient.length();
            }
        }

        void takenBack(int recipients) {
            counted -= recipients;
        }
    }

    /** Remembers what was counted for the message of a question. */
    void counted(PolicyRequest request, Message message, long at, int recipients, String recipient, List<String> by) {
        int before = message.text;
        message.counted(at, recipients, recipient, by);
        if (request.instance().isEmpty()) {
            return;
        }
        text += message.text - before;
        Iterator<Message> eldest = messages.values().iterator();
        while (text > MOST_TEXT && messages.size() > 1) {
            text -= eldest.next().text;
            eldest.remove();
        }
    }

    /** How many are remembered. */
    int size() {
        return messages.size();
    }

    /** The message of a question; a fresh one, not remembered, when Postfix does not say which it is. */
    Message of(PolicyRequest request) {
        if (request.instance().isEmpty()) {
            return new Message();
        }
        String key = request.instance() + " " + request.client();
        @Nullable Message known = messages.get(key);
        if (known == null) {
            known = new Message();
            messages.put(key, known);
        }
        return known;
    }
}
