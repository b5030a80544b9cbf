package io.postbrake.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Who says a word: the user that the system knows. What the person adds stands behind it and never in its place. */
final class Actor {

    private static final String ROOT = "root";
    private static final int LONGEST = 200;

    private Actor() {}

    /** user@host of this process, with what the person adds; for root through sudo the user behind it. */
    static String here(String addedOrNull) {
        String user = System.getProperty("user.name", "unknown");
        return of(user, System.getenv("SUDO_USER"), host(), addedOrNull);
    }

    /** A variable is believed only from root, whom sudo gave it: everybody else sets it as he likes. */
    static String of(String user, String sudoUserOrNull, String host, String addedOrNull) {
        boolean behindSudo = user.equals(ROOT) && sudoUserOrNull != null && !sudoUserOrNull.isBlank();
        String who = (behindSudo ? sudoUserOrNull : user) + "@" + host;
        if (addedOrNull == null || addedOrNull.isBlank()) {
            return who;
        }
        String added = addedOrNull.strip().replaceAll("\\p{Cntrl}", " ");
        return who + " (" + (added.length() > LONGEST ? added.substring(0, LONGEST) : added) + ")";
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
