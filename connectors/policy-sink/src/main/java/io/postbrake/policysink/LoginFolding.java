package io.postbrake.policysink;

import io.postbrake.subject.Logins;
import java.io.IOException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a Postfix makes the key that it looks up of a login. */
enum LoginFolding {
    /** With SMTPUTF8: Unicode's full case folding. */
    UTF8(Logins::fold),
    /** Without: ASCII in lower case, and a question mark for each byte of anything else. */
    ASCII(Logins::withoutUtf8);

    private static final Logger LOG = LoggerFactory.getLogger(LoginFolding.class);
    private static final String PARAMETER = "smtputf8_enable";

    private final UnaryOperator<String> key;

    LoginFolding(UnaryOperator<String> key) {
        this.key = key;
    }

    String key(String login) {
        return key.apply(login);
    }

    /**
     * The foldings of the Postfix instances of these configuration directories, of single services too; both when none is
     * given or one cannot be asked.
     */
    static Set<LoginFolding> of(Collection<String> directories) {
        Set<LoginFolding> result = EnumSet.noneOf(LoginFolding.class);
        for (String directory : directories) {
            try {
                result.addAll(
                        said(PostfixCommands.run(List.of("postconf", "-c", directory, "-x", "-h", PARAMETER), "")));
                result.addAll(services(PostfixCommands.run(List.of("postconf", "-c", directory, "-x", "-P"), "")));
            } catch (IOException e) {
                LOG.warn(
                        "whether Postfix in {} has {} on cannot be told, blocks are written for both: {}",
                        directory,
                        PARAMETER,
                        e.getMessage());
                return EnumSet.allOf(LoginFolding.class);
            }
        }
        return result.isEmpty() ? EnumSet.allOf(LoginFolding.class) : result;
    }

    private static Set<LoginFolding> said(String output) {
        Set<LoginFolding> result = EnumSet.noneOf(LoginFolding.class);
        output.lines().map(String::strip).forEach(line -> {
            if (line.equalsIgnoreCase("yes")) {
                result.add(UTF8);
            } else if (line.equalsIgnoreCase("no")) {
                result.add(ASCII);
            }
        });
        return result;
    }

    /** Lines such as {@code submission/inet/smtputf8_enable = no}. */
    private static Set<LoginFolding> services(String output) {
        Set<LoginFolding> result = EnumSet.noneOf(LoginFolding.class);
        output.lines()
                .filter(line -> line.contains("/" + PARAMETER + " ="))
                .forEach(line -> result.addAll(said(line.substring(line.indexOf('=') + 1))));
        return result;
    }
}
