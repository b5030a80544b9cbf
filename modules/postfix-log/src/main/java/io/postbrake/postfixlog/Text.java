package io.postbrake.postfixlog;

/** Small readers of message text. */
final class Text {
    private Text() {}

    /** A non-negative decimal of up to 18 digits, else null. */
    static Long number(String s) {
        if (s.isEmpty() || s.length() > 18) {
            return null;
        }
        long value = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c < '0' || c > '9') {
                return null;
            }
            value = value * 10 + c - '0';
        }
        return value;
    }

    /** A plain decimal number such as 0.01, else null. */
    static Double decimal(String s) {
        int dot = s.indexOf('.');
        Long whole = number(dot < 0 ? s : s.substring(0, dot));
        if (whole == null || (dot >= 0 && number(s.substring(dot + 1)) == null)) {
            return null;
        }
        return Double.valueOf(s);
    }

    static boolean isQueueId(String s) {
        if (s.length() < 5 || s.length() > 30 || s.equals("NOQUEUE")) {
            return false;
        }
        boolean digit = false;
        boolean lower = false;
        boolean hex = true;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) {
                return false;
            }
            digit |= c <= '9';
            lower |= c >= 'a';
            hex &= c <= 'F';
        }
        return hex || (digit && (lower || s.length() >= 10));
    }

    static boolean isToken(String s, int most) {
        if (s.isEmpty() || s.length() > most) {
            return false;
        }
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (!(Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.') || c > 126) {
                return false;
            }
        }
        return true;
    }

    static String leadingToken(String s) {
        int i = 0;
        while (i < s.length() && s.charAt(i) < 127 && Character.isLetterOrDigit(s.charAt(i))) {
            i++;
        }
        return s.substring(0, i);
    }

    /** What stands between the outermost angle brackets, or the text itself without any. */
    static String unbracket(String s) {
        return s.length() >= 2 && s.startsWith("<") && s.endsWith(">") ? s.substring(1, s.length() - 1) : s;
    }
}
