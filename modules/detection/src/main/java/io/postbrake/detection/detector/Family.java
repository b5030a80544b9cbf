package io.postbrake.detection.detector;

/**
 * Kind of evidence. Findings of one family are looks at the same thing, and only the heaviest of them counts.
 *
 * @param name what they look at; a detector that is the only one of its family lends it its id
 */
public record Family(String name) {
    /** How an account is used: where from, with what and how much. */
    public static final Family USE = new Family("use");
    /** Failed logins before one that succeeded. Anybody can make them, in anybody's name. */
    public static final Family GUESSED = new Family("guessed");
}
