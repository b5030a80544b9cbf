package io.postbrake.postfixlog;

import io.postbrake.dovecotlog.DovecotLines;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The program that logged a line.
 *
 * @param name as logged, for example {@code postfix/submission/smtpd}
 * @param service the last part, for example {@code smtpd}; null when the name does not tell it
 * @param daemon the service without what an administrator added after a dot ({@code smtpd.local})
 * @param postfix whether it belongs to Postfix
 * @param known whether its texts have the shapes of Postfix; policy scripts under its name may write anything
 * @param passesOn whether it logs what another program wrote, header and all
 * @param dovecot whether it may be Dovecot
 */
record Program(
        String name,
        @Nullable String service,
        String daemon,
        boolean postfix,
        boolean known,
        boolean passesOn,
        boolean dovecot) {
    /** What a header names that names none. */
    static final Program NONE = new Program("", null, "", false, false, false, false);

    /** {@code journalctl -o with-unit} has the unit's name in place of the program's. */
    private static final String UNIT = ".service";

    private static final Set<String> DAEMONS = Set.of(
            "anvil",
            "bounce",
            "cleanup",
            "defer",
            "discard",
            "dnsblog",
            "error",
            "flush",
            "lmtp",
            "local",
            "master",
            "nqmgr",
            "oqmgr",
            "pickup",
            "pipe",
            "postalias",
            "postcat",
            "postdrop",
            "postfix-script",
            "postfix-tlspol",
            "postkick",
            "postlog",
            "postlogd",
            "postmap",
            "postmulti",
            "postqueue",
            "postscreen",
            "postsuper",
            "proxymap",
            "proxywrite",
            "qmgr",
            "qmqpd",
            "relay",
            "retry",
            "rewrite",
            "scache",
            "sendmail",
            "showq",
            "smtp",
            "smtpd",
            "smtps",
            "spawn",
            "submission",
            "tlsmgr",
            "tlsproxy",
            "trace",
            "trivial-rewrite",
            "verify",
            "virtual");

    /** Whether its lines are read. */
    boolean isRead() {
        return postfix || dovecot;
    }

    boolean isNone() {
        return name.isEmpty() && service == null;
    }

    static Program of(String name) {
        String service = name.substring(name.lastIndexOf('/') + 1);
        int dot = service.indexOf('.');
        String daemon = dot > 0 ? service.substring(0, dot) : service;
        boolean path = name.indexOf('/') >= 0;
        boolean postfix = path
                ? DAEMONS.contains(daemon) || name.startsWith("postfix/") || name.startsWith("postfix-")
                : name.equals("postfix") || name.equals("postfix-script");
        boolean known = DAEMONS.contains(daemon) || daemon.equals("postfix");
        if (!path && name.startsWith("postfix") && name.endsWith(UNIT)) {
            return unknownService(name);
        }
        return new Program(name, service, daemon, postfix, known, Nested.passesOn(name), DovecotLines.isDovecot(name));
    }

    /** Postfix, but which of its programs is not known: its texts are read, what only the program tells is not. */
    private static Program unknownService(String name) {
        return new Program(name, null, "", true, true, false, false);
    }

    /** Remembers programs by name; forgets all when a log names too many. */
    static final class Known {
        private static final int MOST = 1000;
        private final Map<String, Program> byName = new HashMap<>();
        private Program last = new Program("", "", "", false, false, false, false);

        /** The program whose name was cut to so many bytes; which of Postfix's it is, is not known. */
        Program cut(String name) {
            Program whole = of(name);
            return whole.postfix ? unknownService(name) : whole;
        }

        Program of(String name) {
            if (last.name.equals(name)) {
                return last;
            }
            Program known = byName.get(name);
            if (known == null) {
                if (byName.size() > MOST) {
                    byName.clear();
                }
                known = Program.of(name);
                byName.put(name, known);
            }
            last = known;
            return known;
        }
    }
}
