package io.postbrake.postfixlog;

/** Checks address literals without asking a resolver. */
final class Addresses {
    private Addresses() {}

    static boolean isIp(String s) {
        return s.indexOf(':') >= 0 ? isV6(s) : isV4(s);
    }

    /** Loopback, private and link-local: where a content filter lives. */
    static boolean isInside(String ip) {
        if (ip.startsWith("127.") || ip.startsWith("10.") || ip.startsWith("192.168.") || ip.equals("::1")) {
            return true;
        }
        if (ip.startsWith("172.")) {
            int dot = ip.indexOf('.', 4);
            int second = dot < 0 ? 0 : Integer.parseInt(ip.substring(4, dot));
            return second >= 16 && second <= 31;
        }
        return ip.startsWith("fd") || ip.startsWith("fc") || ip.startsWith("fe80:");
    }

    private static boolean isV4(String s) {
        int parts = 0;
        int value = -1;
        for (int i = 0; i <= s.length(); i++) {
            char c = i == s.length() ? '.' : s.charAt(i);
            if (c == '.') {
                if (value < 0 || ++parts > 4) {
                    return false;
                }
                value = -1;
            } else if (c >= '0' && c <= '9') {
                value = Math.max(value, 0) * 10 + c - '0';
                if (value > 255) {
                    return false;
                }
            } else {
                return false;
            }
        }
        return parts == 4;
    }

    private static boolean isV6(String s) {
        int gap = s.indexOf("::");
        if (gap >= 0 && s.indexOf("::", gap + 1) >= 0) {
            return false;
        }
        if (gap < 0) {
            return groups(s, true) == 8;
        }
        int left = gap == 0 ? 0 : groups(s.substring(0, gap), false);
        int right = gap + 2 == s.length() ? 0 : groups(s.substring(gap + 2), true);
        return left >= 0 && right >= 0 && left + right < 8;
    }

    private static int groups(String s, boolean mayEndInV4) {
        int count = 0;
        int at = 0;
        while (true) {
            int colon = s.indexOf(':', at);
            String group = s.substring(at, colon < 0 ? s.length() : colon);
            if (colon < 0 && mayEndInV4 && group.indexOf('.') >= 0) {
                return isV4(group) ? count + 2 : -1;
            }
            if (group.isEmpty() || group.length() > 4) {
                return -1;
            }
            for (int i = 0; i < group.length(); i++) {
                if (Character.digit(group.charAt(i), 16) < 0 || group.charAt(i) > 'f') {
                    return -1;
                }
            }
            count++;
            if (colon < 0) {
                return count;
            }
            at = colon + 1;
        }
    }
}
