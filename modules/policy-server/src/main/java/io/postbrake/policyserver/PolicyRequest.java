package io.postbrake.policyserver;

/**
 * What counts of one question of Postfix, as SMTPD_POLICY_README names it; what it did not say is empty. All texts come from a
 * client of the mail server: none may be trusted, nor logged unless cleaned.
 *
 * @param state where in the session it asks: {@code RCPT}, {@code DATA}, {@code END-OF-MESSAGE} or an earlier one
 * @param instance the same in all questions about one message, otherwise unique
 * @param login who logged in ({@code sasl_username}); empty for nobody
 * @param sender the envelope sender; empty for bounces too
 * @param recipient the recipient, at {@code RCPT}
 * @param recipients how many recipients were accepted, at {@code DATA} and {@code END-OF-MESSAGE}; 0 before
 * @param client address of the client, without brackets
 */
public record PolicyRequest(
        String state, String instance, String login, String sender, String recipient, int recipients, String client) {

    /** Most of a text of a client that is shown in a log. */
    private static final int SHOWN = 120;

    /** A client's text for a log: no control characters, not long. */
    static String shown(String text) {
        String cut = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
        return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]", "?");
    }
}
