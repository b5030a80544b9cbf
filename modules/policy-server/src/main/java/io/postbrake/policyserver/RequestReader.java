package io.postbrake.policyserver;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of one connection to questions: lines {@code name=value}, an empty one ends a question. Attributes that nobody here
 * asks for are skipped, however long; of the others a value is at most {@value #LONGEST_LINE} bytes, and a question with all
 * that it holds at most {@value #LONGEST_REQUEST}. For one thread.
 */
final class RequestReader {

    static final int LONGEST_LINE = 4096;
    static final int LONGEST_REQUEST = 1 << 17;

    private static final int FIRST_LINE = 128;
    private static final String ASKS = "smtpd_access_policy";

    private byte[] line = new byte[FIRST_LINE];
    private int length;
    private boolean skipping;
    private int taken;
    private boolean broken;
    private String request = "";
    private String state = "";
    private String instance = "";
    private String login = "";
    private String sender = "";
    private String recipient = "";
    private String client = "";
    private int recipients;

    /** What was read. */
    enum Read {
        /** No question is whole yet. */
        MORE,
        /** One is: {@link #take} it. */
        WHOLE,
        /** One is whole that is none, such as a line without '='. */
        BROKEN,
        /** It does not end: nothing that follows can be understood. */
        ENDLESS
    }

    /** Reads on, up to the end of a question. */
    Read read(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (++taken > LONGEST_REQUEST) {
                return Read.ENDLESS;
            }
            if (next != '\n') {
                add(next);
            } else if (length == 0 && !skipping) {
                return end();
            } else {
                attribute();
            }
        }
        return Read.MORE;
    }

    /** Whether a question has begun and not ended. */
    boolean within() {
        return taken > 0;
    }

    private void add(byte next) {
        if (skipping) {
            return;
        }
        if (length == LONGEST_LINE) {
            skipping = true;
            return;
        }
        if (length == line.length) {
            line = Arrays.copyOf(line, Math.min(LONGEST_LINE, 2 * line.length));
        }
        line[length++] = next;
    }

    private Read end() {
        boolean whole = !broken && request.equals(ASKS);
        taken = 0;
        return whole ? Read.WHOLE : Read.BROKEN;
    }

    /** The question that was read whole; it is forgotten here. */
    PolicyRequest take() {
        var result = new PolicyRequest(state, instance, login, sender, recipient, recipients, client);
        forget();
        return result;
    }

    /** Forgets what was read of a question. */
    void forget() {
        request = state = instance = login = sender = recipient = client = "";
        recipients = 0;
        broken = false;
        taken = 0;
        length = 0;
        skipping = false;
        if (line.length > FIRST_LINE) {
            line = new byte[FIRST_LINE];
        }
    }

    private void attribute() {
        int equals = 0;
        while (equals < length && line[equals] != '=') {
            equals++;
        }
        if (equals == length || equals == 0) {
            broken = true;
        } else {
            String name = wanted(equals);
            if (name != null && skipping) {
                broken = true;
            } else if (name != null) {
                keep(name, new String(line, equals + 1, length - equals - 1, StandardCharsets.UTF_8));
            }
        }
        length = 0;
        skipping = false;
    }

    private void keep(String name, String value) {
        switch (name) {
            case "request" -> request = value;
            case "protocol_state" -> state = value;
            case "instance" -> instance = value;
            case "sasl_username" -> login = value;
            case "sender" -> sender = value;
            case "recipient" -> recipient = value;
            case "client_address" -> client = value;
            default -> recipients = number(value);
        }
    }

    private int number(String value) {
        try {
            int number = Integer.parseInt(value);
            broken |= number < 0;
            return number;
        } catch (NumberFormatException e) {
            broken = true;
            return 0;
        }
    }

    private static final String[] WANTED = {
        "request",
        "protocol_state",
        "instance",
        "sasl_username",
        "sender",
        "recipient",
        "client_address",
        "recipient_count"
    };

    /** The name that the line begins with, when it is one that counts. */
    private @Nullable String wanted(int end) {
        for (String name : WANTED) {
            if (name.length() == end && is(name)) {
                return name;
            }
        }
        return null;
    }

    private boolean is(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (line[i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
