package io.postbrake.cli;

/** What the commands' exit statuses mean; docs/commands.md has the same table. */
final class ExitCodes {

    /** It is done, and all is well. */
    static final int DONE = 0;
    /** It failed, or what was asked about is not well. */
    static final int FAILED = 1;
    /** The call or a file was wrong; nothing was done. */
    static final int WRONG_CALL = 2;
    /** Nobody has heard of the subject; nothing was done. */
    static final int UNKNOWN_SUBJECT = 3;
    /** It is recorded, and not every host confirmed it within the time. */
    static final int UNCONFIRMED = 4;

    private ExitCodes() {}
}
