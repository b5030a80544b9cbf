package io.postbrake.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * Mail that users of a host hand over by sendmail(1). That and postdrop(1), which has its group's rights, read the configuration of
 * /etc/postfix alone for anybody but root, so they run in a mount namespace in which the host's own is there.
 */
public final class LocalMail {

    private static final Path SENDMAIL = Path.of("/usr/sbin/sendmail");
    private static final String INSIDE = """
        mount --bind "$1" /etc/postfix || exit
        printf 'Subject: hello\\n\\nhello\\n' |
            setpriv --reuid="$2" --regid="$(id -g "$2")" --clear-groups "$3" -f "$4" "$5"
        """;

    private final Path configuration;

    private LocalMail(Path configuration) {
        this.configuration = configuration;
    }

    /** What became of a message: {@code status} is 0 when it was taken. */
    public record Answer(int status, String text) {}

    /** Why nobody can do so here; empty when it can be done. */
    public static Optional<String> missing() throws IOException, InterruptedException {
        if (!Files.exists(SENDMAIL)) {
            return Optional.of(SENDMAIL + " is missing: install postfix");
        }
        Process probe = new ProcessBuilder("unshare", "--mount", "true")
                .redirectErrorStream(true)
                .start();
        String said = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return probe.waitFor() == 0 ? Optional.empty() : Optional.of("no mount namespaces here: " + said.strip());
    }

    /** Lets a host take such mail; before it is started. */
    public static LocalMail of(PostfixHost host) throws IOException {
        Files.writeString(
                host.configuration().resolve("master.cf"),
                "pickup unix n - n 60 1 pickup\n",
                StandardOpenOption.APPEND);
        return new LocalMail(host.configuration());
    }

    /** A user of the system submits a message. */
    public Answer submits(String user, String sender, String recipient) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        INSIDE,
                        "sh",
                        configuration.toString(),
                        user,
                        SENDMAIL.toString(),
                        sender,
                        recipient))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), said);
    }
}
