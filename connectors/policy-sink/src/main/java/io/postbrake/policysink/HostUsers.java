package io.postbrake.policysink;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Names of this host's users. */
interface HostUsers {

    /** The name of a uid in lower case, as Postfix looks it up; empty when it has none or cannot be asked for. */
    Optional<String> name(long uid);

    /** As the host's password file has them, and behind it whatever else the system asks, such as a directory. */
    static HostUsers ofThisHost() {
        return new OfThisHost(Path.of("/etc/passwd"));
    }

    /**
     * Whom mail itself depends on: root, the user of this process, and of each instance the one that owns the queue and the one
     * that commands of recipients run as.
     */
    static Set<String> mailSystem(Collection<String> directories) {
        Set<String> names = new TreeSet<>(Set.of("root", "postfix"));
        names.add(System.getProperty("user.name", "root").toLowerCase(Locale.ROOT));
        for (String directory : directories) {
            try {
                PostfixCommands.run(List.of("postconf", "-c", directory, "-x", "-h", "mail_owner", "default_privs"), "")
                        .lines()
                        .map(line -> line.strip().toLowerCase(Locale.ROOT))
                        .filter(name -> !name.isEmpty())
                        .forEach(names::add);
            } catch (IOException e) {
                LoggerFactory.getLogger(HostUsers.class)
                        .warn("the users of Postfix in {} cannot be told: {}", directory, e.getMessage());
            }
        }
        return names;
    }

    /** @param passwd the password file */
    record OfThisHost(Path passwd) implements HostUsers {

        private static final Logger LOG = LoggerFactory.getLogger(HostUsers.class);

        @Override
        public Optional<String> name(long uid) {
            Optional<String> name = Optional.empty();
            try {
                name = named(Files.readString(passwd, StandardCharsets.ISO_8859_1), uid);
                if (name.isEmpty()) {
                    // A name service that is away must not hold up other blocks for long.
                    name = named(
                            PostfixCommands.run(List.of("timeout", "2", "getent", "passwd", Long.toString(uid)), ""),
                            uid);
                }
            } catch (IOException e) {
                LOG.info("uid {} has no name here that can be found: {}", uid, e.getMessage());
            }
            return name;
        }

        /** Of several names of a uid the first one is its. */
        private static Optional<String> named(String passwd, long uid) {
            return passwd.lines()
                    .map(line -> line.split(":", -1))
                    .filter(fields -> fields.length > 2 && fields[2].equals(Long.toString(uid)))
                    .map(fields -> fields[0].toLowerCase(Locale.ROOT))
                    .findFirst();
        }
    }
}
