package io.postbrake.postfixlog;

import java.util.Locale;

/**
 * A log line within a log line, as containers' output is logged: {@code STAMP HOST docker/mail[1]: STAMP mx postfix/smtpd[7]: ...}.
 * The inner header counts. It is looked for only behind programs that pass on a container's output, and only when it names
 * Postfix: other programs log text that strangers chose.
 */
final class Nested {
    private static final int LONGEST_PREFIX = 80;
    private static final String[] RUNTIMES = {
        "docker", "podman", "conmon", "container", "kube", "mailu", "postfix", "smtp", "mta"
    };

    private final Frame inner;

    Nested(Frame inner) {
        this.inner = inner;
    }

    /** Takes an inner header where there is one; otherwise all stays as it was. */
    void read(Line l, Frame outer, long readAt) {
        if (outer.program.passesOn()) {
            take(l, outer, l.at, readAt);
        }
    }

    /** For a line whose outer header is not whole; false when no inner one is found. */
    boolean rescue(Line l, Frame outer, int begin, long readAt) {
        if (outer.stamp == Stamps.NONE) {
            // Compose prefixes each line with the container's name.
            int name = begin;
            while (name < l.end
                    && name < begin + LONGEST_PREFIX
                    && (l.isToken(name, name + 1, 1) || l.b[name] == ' ')) {
                name++;
            }
            return name > begin && l.starts("| ", name) && l.b[name - 1] == ' ' && take(l, outer, name + 2, readAt);
        }
        int at = outer.afterStamp;
        if (l.starts("stdout F ", at) || l.starts("stderr F ", at)) {
            return take(l, outer, at + 9, readAt);
        }
        int host = l.token(at, l.end);
        return host < l.end && take(l, outer, host + 1, readAt);
    }

    private boolean take(Line l, Frame outer, int at, long readAt) {
        int kept = l.at;
        l.at = at;
        if (inner.read(l, readAt) && inner.program != null && inner.program.postfix()) {
            outer.take(l, inner.stamp, inner.host == null ? outer.host : inner.host, inner.program.name(), inner.pid);
            return true;
        }
        l.at = kept;
        return false;
    }

    static boolean passesOn(String program) {
        if (program.indexOf('/') < 0 && isId(program)) {
            return true;
        }
        String name = program.toLowerCase(Locale.ROOT);
        if (name.startsWith("postfix/") || name.startsWith("postfix-")) {
            return false;
        }
        for (String runtime : RUNTIMES) {
            if (name.contains(runtime)) {
                return true;
            }
        }
        return name.equals("mail") || name.startsWith("mail-") || name.startsWith("mail_") || name.equals("mailserver");
    }

    /** Docker tags lines with the container's short id. */
    private static boolean isId(String name) {
        return name.length() == 12 && name.chars().allMatch(c -> Character.digit(c, 16) >= 0);
    }
}
