package io.postbrake.subject;

import com.ibm.icu.lang.UCharacter;
import java.nio.charset.StandardCharsets;

/** Which logins are one: Postfix looks them up without regard to case, and so are subjects named. */
public final class Logins {

    private static final int ASCII_END = 0x80;

    private Logins() {}

    /**
     * A login as the name of a subject: with Unicode's full case folding, the same on every host. So {@code GROẞ},
     * {@code groß} and {@code gross} are one. Folding what was folded changes nothing.
     */
    public static String fold(String login) {
        return isAscii(login) ? foldAscii(login) : UCharacter.foldCase(login, true);
    }

    /**
     * A login as a Postfix without SMTPUTF8 has it, in its log and where it looks it up: a question mark for each byte of
     * what is not ASCII, the rest in lower case.
     */
    public static String withoutUtf8(String login) {
        if (isAscii(login)) {
            return foldAscii(login);
        }
        byte[] bytes = login.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] < 0) {
                bytes[i] = '?';
            }
        }
        return foldAscii(new String(bytes, StandardCharsets.US_ASCII));
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= ASCII_END) {
                return false;
            }
        }
        return true;
    }

    /** A text with its ASCII letters in lower case. Most logins are so already, and stay the same object. */
    public static String foldAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 'A' && text.charAt(i) <= 'Z') {
                return foldAscii(text, i);
            }
        }
        return text;
    }

    private static String foldAscii(String text, int from) {
        char[] chars = text.toCharArray();
        for (int i = from; i < chars.length; i++) {
            if (chars[i] >= 'A' && chars[i] <= 'Z') {
                chars[i] += 'a' - 'A';
            }
        }
        return new String(chars);
    }
}
