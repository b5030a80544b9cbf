package io.postbrake.dovecotlog;

import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;
import org.jspecify.annotations.Nullable;

/**
 * Reads what Dovecot 2.2 to 2.4 says of logins: the lines of the services that take them, and those of its authentication
 * server. In syslog they follow the program {@code dovecot}; in a log file of Dovecot's own the process is the program.
 */
public final class DovecotLines {
    private static final String PROGRAM = "dovecot";
    private static final String[] LOGIN_SERVICES = {"imap-login", "pop3-login", "submission-login", "managesieve-login"
    };
    private static final String[] LEVELS = {"Info: ", "Error: ", "Warning: ", "Debug: "};

    private static final String MAPPED = "::ffff:";

    private final Line l;
    private final LoginLines logins;
    private final AuthLines auth;

    /** Of the line that {@code line} is set to at each call. */
    public DovecotLines(Line line) {
        l = line;
        logins = new LoginLines(line);
        auth = new AuthLines(line);
    }

    /** Whether a program of this name may be Dovecot: asked once for each name. */
    public static boolean isDovecot(String program) {
        if (program.equals(PROGRAM) || program.equals("auth") || program.startsWith("auth(")) {
            return true;
        }
        for (String service : LOGIN_SERVICES) {
            if (program.equals(service)) {
                return true;
            }
        }
        return program.startsWith("auth-worker(");
    }

    /**
     * Reads a line of such a program and sets the event's kind, service and fields; false when it says nothing of a login, and
     * then nothing is set.
     *
     * @param program as the header names it
     * @param programAt where its name begins
     * @param textAt where the text behind it begins
     */
    public boolean read(MailEvent e, String program, int programAt, int textAt) {
        boolean ownLog = !program.equals(PROGRAM);
        int from = ownLog ? programAt : textAt;
        String service = service(from);
        if (service != null) {
            if (!logins.read(e, text(from + service.length() + 2))) {
                return false;
            }
            e.setService(service);
        } else {
            if (!l.starts("auth", from) || !auth.read(e, from)) {
                return false;
            }
            e.setService("auth");
        }
        if (ownLog) {
            // Behind the process the authentication server names who tried to log in.
            e.setSyslogName(e.getService());
            e.setPid(null);
        }
        return true;
    }

    private @Nullable String service(int from) {
        for (String service : LOGIN_SERVICES) {
            if (l.starts(service, from) && l.starts(": ", from + service.length())) {
                return service;
            }
        }
        return null;
    }

    /** In a log file a level stands before the text. */
    private int text(int from) {
        return text(l, from);
    }

    /** An address; of an IPv4 one that a proxy handed on as an IPv6 one, as Postfix writes it, too. */
    static String address(Line l, int from, int to) {
        boolean mapped = l.starts(MAPPED, from) && l.isIp(from, to) && l.find('.', from, to) >= 0;
        return l.word(mapped ? from + MAPPED.length() : from, to);
    }

    static int text(Line l, int from) {
        for (String level : LEVELS) {
            if (l.starts(level, from)) {
                return from + level.length();
            }
        }
        return from;
    }
}
