package io.postbrake.postfixlog;

import io.postbrake.logline.Line;
import java.util.Locale;

/**
 * A log line within a log line, as containers' output is logged: {@code STAMP HOST docker/mail[1]: STAMP mx postfix/smtpd[7]: ...}.
 * The inner header counts. It is looked for only behind programs that pass on a container's output, and only when it names
 * Postfix or Dovecot: other programs log text that strangers chose.
 */
final class Nested {
    /** The program whose text is a container's output, whatever its engine calls it. */
    static final String CONTAINER = "container";

    private static final String[] RUNTIMES = {
        "docker", "podman", "conmon", "container", "kube", "mailu", "postfix", "smtp", "mta"
    };

    private final Frame inner;
    private final StampHabit habit = new StampHabit();

    Nested(Frame inner) {
        this.inner = inner;
    }

    /** Takes an inner header where there is one; otherwise all stays as it was. */
    void read(Line l, Frame outer) {
        int kept = l.at;
        boolean ours = inner.read(true) && inner.program.isRead();
        if (ours && habit.fits(inner.stamp != Stamps.NONE)) {
            outer.take(inner);
        } else {
            l.at = kept;
        }
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
