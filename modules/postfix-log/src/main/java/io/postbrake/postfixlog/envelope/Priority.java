package io.postbrake.postfixlog.envelope;

/** Facility and severity as words, {@code mail.info}, which busybox and socklog put before a program's name. */
public final class Priority {
    private static final String[] FACILITIES = {
        "mail",
        "kern",
        "user",
        "daemon",
        "auth",
        "syslog",
        "lpr",
        "news",
        "uucp",
        "cron",
        "authpriv",
        "ftp",
        "ntp",
        "security",
        "console",
        "local0",
        "local1",
        "local2",
        "local3",
        "local4",
        "local5",
        "local6",
        "local7"
    };
    private static final String[] SEVERITIES = {
        "info", "emerg", "panic", "alert", "crit", "err", "error", "warn", "warning", "notice", "debug"
    };
    private static final int SHORTEST = 7;
    private static final int LONGEST = 16;

    private Priority() {}

    /** Whether the bytes are a facility, a dot and a severity. */
    public static boolean is(byte[] b, int from, int to) {
        if (to - from < SHORTEST || to - from > LONGEST) {
            return false;
        }
        int dot = from;
        while (dot < to && b[dot] != '.') {
            dot++;
        }
        return isOneOf(SEVERITIES, b, dot + 1, to) && isOneOf(FACILITIES, b, from, dot);
    }

    private static boolean isOneOf(String[] words, byte[] b, int from, int to) {
        for (String word : words) {
            if (word.length() == to - from && matches(word, b, from)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String word, byte[] b, int from) {
        for (int i = 0; i < word.length(); i++) {
            if (b[from + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
