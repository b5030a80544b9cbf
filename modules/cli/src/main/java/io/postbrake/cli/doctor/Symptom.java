package io.postbrake.cli.doctor;

import java.util.Locale;

/**
 * What was seen of one part of an installation.
 *
 * @param check which part, in a word
 * @param state how it is
 * @param seen what was found, with its figures
 * @param then what to do about it; empty when nothing is to be done
 */
record Symptom(String check, State state, String seen, String then) {

    enum State {
        OK,
        /** It works, and something should be looked at. */
        WARN,
        /** Postbrake does not do its work, or not safely. */
        FAIL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Symptom ok(String check, String seen) {
        return new Symptom(check, State.OK, seen, "");
    }

    static Symptom warn(String check, String seen, String then) {
        return new Symptom(check, State.WARN, seen, then);
    }

    static Symptom fail(String check, String seen, String then) {
        return new Symptom(check, State.FAIL, seen, then);
    }
}
