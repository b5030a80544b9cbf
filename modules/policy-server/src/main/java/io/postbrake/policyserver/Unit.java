package io.postbrake.policyserver;

/** What is counted. */
public enum Unit {
    /** Messages, whatever the number of their recipients. */
    MESSAGES("messages"),
    /** Recipients of messages, each as often as it is given. */
    RECIPIENTS("recipients");

    private final String word;

    Unit(String word) {
        this.word = word;
    }

    /** Its name in settings and texts. */
    public String word() {
        return word;
    }
}
