package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of recipients' addresses when an event leaves the host: all, the domain only ({@code @example.com}), or a
 * keyed hash (HMAC-SHA256 of the lower-cased address, RFC 2104, 64 hex digits), which still tells recipients apart, or a
 * pseudonym: twelve digits of that hash before the domain ({@code 74b339d62a21@example.com}).
 * Applies to {@code to} and {@code origTo}, and within {@code reason}, because replies quote recipients: to every address and
 * to the recipient's local part where it stands alone. Senders and message ids stay; a list that writes its recipient into
 * them (VERP) is not hidden.
 * Not safe for use by several threads.
 */
public final class RecipientPolicy {
    private static final int LEAST_KEY_BYTES = 16;
    private static final int MOST_KEY_BYTES = 4096;
    /** Of a hash: so few that it can be read, so many that no two recipients of an account meet. */
    private static final int PSEUDONYM_BYTES = 6;

    private static final String UNKNOWN_USER = "unknown user: \"";
    private static final String ENDS_ADDRESS = " \t<>()[],;:\"'=";

    private enum Kept {
        FULL,
        DOMAIN,
        PSEUDONYM,
        HASH
    }

    private final Kept kept;
    /** Of {@link Kept#HASH} and {@link Kept#PSEUDONYM} alone. */
    private final @Nullable Mac mac;

    private RecipientPolicy(Kept kept, @Nullable Mac mac) {
        this.kept = kept;
        this.mac = mac;
    }

    /**
     * Reads the configured word.
     *
     * @param kept {@code full}, {@code domain}, {@code pseudonym} or {@code hash}
     * @param keyFile holds the secret key of {@code pseudonym} and {@code hash}, 16 to 4096 bytes (an ending newline does not count); otherwise unused and may be null
     * @throws IllegalArgumentException when the word is unknown or the key is missing, unreadable or too short; the message
     *     says what would be right and never holds the key
     */
    public static RecipientPolicy of(String kept, @Nullable Path keyFile) {
        return switch (kept) {
            case "full" -> new RecipientPolicy(Kept.FULL, null);
            case "domain" -> new RecipientPolicy(Kept.DOMAIN, null);
            case "pseudonym" -> keyed(Kept.PSEUDONYM, key(kept, keyFile));
            case "hash" -> keyed(Kept.HASH, key(kept, keyFile));
            default ->
                throw new IllegalArgumentException(
                        "'" + kept + "' is unknown: full, domain, pseudonym or hash would be right");
        };
    }

    /** Keeps a keyed hash; {@code key} is copied. */
    static RecipientPolicy hashed(byte[] key) {
        return keyed(Kept.HASH, key);
    }

    private static RecipientPolicy keyed(Kept kept, byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return new RecipientPolicy(kept, mac);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JVM has HmacSHA256", e);
        }
    }

    private static byte[] key(String kept, @Nullable Path file) {
        if (file == null) {
            throw new IllegalArgumentException(
                    "'" + kept + "' needs a key file, for example 32 random bytes of mode 0600");
        }
        byte[] key;
        try {
            if (Files.size(file) > MOST_KEY_BYTES) {
                throw new IllegalArgumentException(
                        "the key file " + file + " is larger than " + MOST_KEY_BYTES + " bytes");
            }
            key = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("the key file " + file + " cannot be read", e);
        }
        int length = key.length;
        while (length > 0 && (key[length - 1] == '\n' || key[length - 1] == '\r')) {
            length--;
        }
        if (length < LEAST_KEY_BYTES) {
            throw new IllegalArgumentException("the key in " + file + " has " + length + " bytes, at least "
                    + LEAST_KEY_BYTES + " are needed, for example 32 random bytes");
        }
        return Arrays.copyOf(key, length);
    }

    /** Replaces the recipients of {@code event} in place. To be applied once: a hash of a hash is another recipient. */
    public void apply(MailEvent event) {
        if (kept == Kept.FULL) {
            return;
        }
        String to = event.getTo();
        String origTo = event.getOrigTo();
        if (event.getReason() != null) {
            event.setReason(scrubbed(event.getReason(), to, origTo));
        }
        event.setTo(address(to));
        event.setOrigTo(address(origTo));
    }

    /** What is kept of one address; null stays null and the empty address stays empty. */
    public @Nullable String address(@Nullable String address) {
        return address == null ? null : kept(address);
    }

    private String kept(String address) {
        if (address.isEmpty() || kept == Kept.FULL) {
            return address;
        }
        int at = address.lastIndexOf('@');
        String domain = at < 0 ? "@" : address.substring(at).toLowerCase(Locale.ROOT);
        if (mac == null) {
            return domain;
        }
        byte[] text = address.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        byte[] hash;
        synchronized (mac) { // The detector's threads share it.
            hash = mac.doFinal(text);
        }
        return kept == Kept.HASH
                ? HexFormat.of().formatHex(hash)
                : HexFormat.of().formatHex(hash, 0, PSEUDONYM_BYTES) + domain;
    }

    private String scrubbed(String reason, @Nullable String to, @Nullable String origTo) {
        String text = unquoted(unquoted(replaced(replaced(reason, to), origTo), to), origTo);
        // Where local mail went is named after its owner.
        for (String start : new String[] {"delivered to command: ", "delivered to file: "}) {
            if (text.startsWith(start)) {
                return start.substring(0, start.length() - 2);
            }
        }
        StringBuilder out = null;
        int copied = 0;
        for (int sign = text.indexOf('@'); sign >= 0; sign = text.indexOf('@', Math.max(sign + 1, copied))) {
            int from = start(text, sign, copied);
            int to1 = sign + 1;
            while (to1 < text.length() && ENDS_ADDRESS.indexOf(text.charAt(to1)) < 0) {
                to1++;
            }
            if (from == sign) {
                continue;
            }
            out = out == null ? new StringBuilder(text.length() + 64) : out;
            String address = text.substring(from, to1);
            out.append(text, copied, from).append(isPseudonym(address, to, origTo) ? address : kept(address));
            copied = to1;
        }
        return out == null ? text : out.append(text, copied, text.length()).toString();
    }

    /** Whether it was put in place of one of these already: that of a pseudonym would be another recipient. */
    private boolean isPseudonym(String address, @Nullable String to, @Nullable String origTo) {
        return kept == Kept.PSEUDONYM && (address.equals(address(to)) || address.equals(address(origTo)));
    }

    private static int start(String text, int sign, int least) {
        int bracket = text.lastIndexOf('<', sign);
        if (bracket >= least && text.indexOf('>', bracket) > sign) {
            return bracket + 1;
        }
        if (sign - 1 > least && text.charAt(sign - 1) == '"') {
            int open = text.lastIndexOf('"', sign - 2);
            return open >= least ? open : least;
        }
        int from = sign;
        while (from > least && ENDS_ADDRESS.indexOf(text.charAt(from - 1)) < 0) {
            from--;
        }
        return from;
    }

    /** Without {@code unknown user: "name"}, and without the local part, also less its extension, as a word of its own. */
    private static String unquoted(String text, @Nullable String address) {
        String known =
                UNKNOWN_USER.length() < text.length() && text.startsWith(UNKNOWN_USER) ? UNKNOWN_USER + "*\"" : text;
        if (address == null) {
            return known;
        }
        int at = address.lastIndexOf('@');
        String local = at < 0 ? address : address.substring(0, at);
        if (local.isEmpty()) {
            return known;
        }
        int extension = Math.max(local.indexOf('+'), local.indexOf('-'));
        return withoutWord(extension > 0 ? withoutWord(known, local.substring(0, extension)) : known, local);
    }

    /** Words that stand before an {@code @} are left for {@link #address}. */
    private static String withoutWord(String text, String word) {
        StringBuilder out = null;
        int copied = 0;
        int last = text.length() - word.length();
        for (int i = 0; i <= last; i++) {
            int end = i + word.length();
            if (text.regionMatches(true, i, word, 0, word.length())
                    && !continues(text, i - 1, -1)
                    && !continues(text, end, 1)) {
                out = out == null ? new StringBuilder(text.length()) : out;
                out.append(text, copied, i).append('*');
                copied = end;
                i = end - 1;
            }
        }
        return out == null ? text : out.append(text, copied, text.length()).toString();
    }

    /** Whether the word goes on at {@code i}: a dot counts when a letter or digit is behind it, as in a domain. */
    private static boolean continues(String text, int i, int step) {
        if (i < 0 || i >= text.length()) {
            return false;
        }
        char c = text.charAt(i);
        if (c == '.') {
            int next = i + step;
            return next >= 0 && next < text.length() && Character.isLetterOrDigit(text.charAt(next));
        }
        return Character.isLetterOrDigit(c) || c == '+' || c == '-' || c == '_' || c == '=' || c == '@';
    }

    private String replaced(String text, @Nullable String address) {
        return address == null || address.isEmpty() ? text : text.replace(address, kept(address));
    }

    /** Names the policy, never its key. */
    @Override
    public String toString() {
        return "recipients kept: " + kept.name().toLowerCase(Locale.ROOT);
    }
}
