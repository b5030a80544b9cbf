package io.postbrake.app.console;

/** The question is right, but there is no answer at this moment. */
final class NotNow extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NotNow(String why) {
        super(why);
    }
}
