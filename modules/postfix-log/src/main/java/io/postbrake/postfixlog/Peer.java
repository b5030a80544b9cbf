package io.postbrake.postfixlog;

/**
 * `NAME[ADDR]`, `NAME[ADDR]:PORT`, or postscreen's `[ADDR]:PORT`.
 *
 * @param name host name, null where none is logged
 * @param address address, null for `unknown`
 * @param port TCP port, or null
 */
record Peer(String name, String address, Long port) {

    /** Reads a peer at the cursor, or returns null and stays within it. */
    static Peer read(Cursor at) {
        String rest = at.rest();
        int open = rest.indexOf('[');
        int close = rest.indexOf(']', open + 1);
        if (open < 0 || close < 0) {
            return null;
        }
        String name = rest.substring(0, open);
        String address = rest.substring(open + 1, close);
        if (name.indexOf(' ') >= 0 || name.indexOf(',') >= 0 || !(address.equals("unknown") || isAddress(address))) {
            return null;
        }
        at.skip(close + 1);
        Long port = null;
        String tail = at.rest();
        if (tail.startsWith(":")) {
            int end = 1;
            while (end < tail.length() && Character.isDigit(tail.charAt(end))) {
                end++;
            }
            if (end > 1) {
                port = Cursor.number(tail.substring(1, end));
                at.skip(end);
            } else if (tail.startsWith(":unknown")) {
                at.skip(":unknown".length());
            }
        }
        return new Peer(name.isEmpty() ? null : name, address.equals("unknown") ? null : address, port);
    }

    private static boolean isAddress(String s) {
        if (s.length() < 2 || s.length() > 45) {
            return false;
        }
        boolean separated = false;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            separated |= c == '.' || c == ':';
            if (Character.digit(c, 16) < 0 && c != '.' && c != ':') {
                return false;
            }
        }
        return separated;
    }
}
