package io.postbrake.detection.correlation;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a failed login says that a password was wrong. Failures of the authentication server, of the exchange's form and
 * of mechanisms without a password do not: nobody guesses by them. Texts are those of Postfix's two SASL plug-ins, of
 * Dovecot's authentication server and of Cyrus' {@code sasl_errstring}; where they do not say (Dovecot gives no reason for a
 * wrong password), the password counts as wrong.
 */
final class LoginFailure {
    /** Tickets, tokens and certificates run out; none of them can be guessed. Cyrus names some with a suffix. */
    private static final List<String> WITHOUT_PASSWORD =
            List.of("XOAUTH", "OAUTHBEARER", "GSSAPI", "GSS-", "GS2-", "KERBEROS_", "EXTERNAL", "ANONYMOUS");

    /** The server was asked and could not tell. */
    private static final List<String> SERVER = List.of(
            "connection lost to authentication server",
            "can't connect to authentication server",
            "authentication backend error",
            "temporary authentication failure",
            "temporary internal failure",
            "internal error occurred",
            "internal authentication failure",
            "authentication server unavailable");

    /** Those of Cyrus that are its server's. */
    private static final Set<String> CYRUS_SERVER = Set.of(
            "generic failure",
            "transient failure (e.g., weak key)",
            "remote authentication server unavailable",
            "no memory available");

    /** The server was not asked: the mechanism is not offered, or the client's text has not its form. */
    private static final List<String> FORM = List.of(
            "invalid authentication mechanism",
            "unsupported authentication mechanism",
            "invalid base64 data in ",
            "malformed authentication response");

    /** Whole texts of Cyrus. */
    private static final Set<String> CYRUS = Set.of(
            "generic failure",
            "transient failure (e.g., weak key)",
            "remote authentication server unavailable",
            "no memory available",
            "overflowed buffer",
            "no mechanism available",
            "bad protocol / cancel",
            "invalid parameter supplied",
            "can't request information until later in exchange",
            "mechanism doesn't support requested feature",
            "mechanism too weak for this user",
            "encryption needed to use mechanism",
            "one time use of a plaintext password will enable requested mechanism for user",
            "version mismatch");

    private LoginFailure() {}

    /**
     * @param methodOrNull SASL mechanism, as the client named it
     * @param reasonOrNull as logged; null when there was none
     */
    static boolean passwordWasWrong(@Nullable String methodOrNull, @Nullable String reasonOrNull) {
        if (withoutPassword(methodOrNull)) {
            return false;
        }
        String reason = reasonOrNull == null ? "" : reasonOrNull.toLowerCase(Locale.ROOT);
        return !CYRUS.contains(reason)
                && SERVER.stream().noneMatch(reason::startsWith)
                && FORM.stream().noneMatch(reason::startsWith);
    }

    /**
     * The same of what a service of Dovecot says when a connection ends: all its other reasons, such as a disabled user, a
     * password in clear, or a client that went away, are none of a wrong password.
     */
    static boolean passwordWasWrongAtDovecot(@Nullable String methodOrNull, @Nullable String reasonOrNull) {
        return !withoutPassword(methodOrNull) && "auth failed".equals(reasonOrNull);
    }

    /** Whether Dovecot's authentication server could not tell; of a token it says the same when its issuer is away. */
    static boolean ofDovecotsServer(@Nullable String methodOrNull, @Nullable String reasonOrNull) {
        return !withoutPassword(methodOrNull)
                && ("auth service reported temporary failure".equals(reasonOrNull)
                        || "auth process communication failure".equals(reasonOrNull));
    }

    private static boolean withoutPassword(@Nullable String methodOrNull) {
        String method = methodOrNull == null ? "" : methodOrNull.toUpperCase(Locale.ROOT);
        return WITHOUT_PASSWORD.stream().anyMatch(method::startsWith);
    }

    /** Whether such a failure is the authentication server's: of a ticket or a token Cyrus says the same when it ran out. */
    static boolean ofServer(@Nullable String methodOrNull, @Nullable String reasonOrNull) {
        String reason = reasonOrNull == null ? "" : reasonOrNull.toLowerCase(Locale.ROOT);
        return SERVER.stream().anyMatch(reason::startsWith)
                || (CYRUS_SERVER.contains(reason) && !withoutPassword(methodOrNull));
    }

    /** Whether what Postfix says of its server means that nobody is there. */
    static boolean unreachable(@Nullable String reasonOrNull) {
        return reasonOrNull != null && reasonOrNull.startsWith("Connect to ");
    }
}
