package io.postbrake.postfixsource;

import java.nio.charset.StandardCharsets;

/** Whether a line names Postfix as its program, whatever stands around it. */
final class PostfixName {

    private static final byte[] NAME = {'p', 'o', 's', 't', 'f', 'i', 'x'};

    private static final byte[] WARNING = ": warning: ".getBytes(StandardCharsets.US_ASCII);

    private PostfixName() {}

    /** Looks for {@code postfix/smtpd}, {@code postfix-out/submission/smtpd} and the like, but not for a file's path. */
    static boolean isIn(byte[] line) {
        for (int i = 0; i + NAME.length < line.length; i++) {
            boolean begins = line[i] == 'p' && (i == 0 || (line[i - 1] != '/' && !isName(line[i - 1])));
            if (begins && starts(line, i, NAME) && program(line, i + NAME.length)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a program warns in this line. */
    static boolean isWarning(byte[] line) {
        for (int i = 0; i + WARNING.length <= line.length; i++) {
            if (starts(line, i, WARNING)) {
                return true;
            }
        }
        return false;
    }

    private static boolean starts(byte[] line, int at, byte[] word) {
        for (int i = 0; i < word.length; i++) {
            if (line[at + i] != word[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean program(byte[] line, int from) {
        int at = from;
        while (at < line.length && isName(line[at])) {
            at++;
        }
        int slashes = 0;
        while (at + 1 < line.length && line[at] == '/' && isName(line[at + 1])) {
            slashes++;
            for (at++; at < line.length && isName(line[at]); ) {
                at++;
            }
        }
        return slashes > 0 && (at == line.length || "[:\" <,".indexOf(line[at]) >= 0);
    }

    private static boolean isName(byte b) {
        return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '-' || b == '_';
    }
}
