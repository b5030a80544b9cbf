package io.postbrake.policysink;

import java.util.Locale;

/** What may happen to a blocked subject's mail, mildest first. */
enum Action {
    HOLD("HOLD", "This message waits for your postmaster"),
    DEFER("450 4.7.1", "Sending is suspended for now; contact your postmaster"),
    REJECT("REJECT 5.7.1", "Sending is suspended; contact your postmaster"),
    /** Hangs up too: a refused session would go on trying. Postfix does so for 421 only. */
    DISCONNECT("421 4.7.1", "Sending is suspended; contact your postmaster");

    private final String verb;
    private final String text;

    Action(String verb, String text) {
        this.verb = verb;
        this.text = text;
    }

    /** The action of that name in records. One that is not known is as strict as a block may be without hanging up. */
    static Action of(String name) {
        for (Action action : values()) {
            if (action.recordName().equals(name == null ? "" : name.toLowerCase(Locale.ROOT))) {
                return action;
            }
        }
        return REJECT;
    }

    String recordName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Postfix's word or code for it. */
    String verb() {
        return verb;
    }

    /** What the client reads unless a block or the configuration says otherwise. */
    String text() {
        return text;
    }
}
