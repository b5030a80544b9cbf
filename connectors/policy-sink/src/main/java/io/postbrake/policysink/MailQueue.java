package io.postbrake.policysink;

import io.postbrake.subject.Logins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The mail queue of one Postfix instance, through postcat(1) and postsuper(1). */
final class MailQueue {

    /** Ids of one call: a message that goes away meanwhile ends it. */
    private static final int AT_ONCE = 100;

    private static final Pattern ID = Pattern.compile("[0-9A-Za-z]{5,40}");
    private static final Pattern HEAD =
            Pattern.compile("\\*\\*\\* ENVELOPE RECORDS (?:.*/)?([a-z]+)/(?:[^/]/)*([0-9A-Za-z]+) \\*\\*\\*");
    private static final String LOGIN = "named_attribute: sasl_username=";
    private static final String CLIENT = "named_attribute: client_address=";
    /** Another one than the client's where a content filter handed the message back and said whose it was. */
    private static final String LOGGED_CLIENT = "named_attribute: log_client_address=";

    private static final String SENDER = "sender: ";

    private final String directory;

    /** @param directory the instance's configuration directory */
    MailQueue(String directory) {
        this.directory = directory;
    }

    /**
     * A message in the queue.
     *
     * @param account the login that it was sent with, in lower case, or who relayed it without one; null where that is not known
     * @param queue where it is, such as hold or deferred
     */
    record Waiting(String account, String queue) {}

    /** Why messages cannot be held here; empty when they can. */
    Optional<String> off() {
        try {
            Path queue = Path.of(PostfixCommands.run(List.of("postconf", "-c", directory, "-h", "queue_directory"), "")
                    .strip());
            if (!Files.isDirectory(queue)) {
                return Optional.of("there is no queue at " + queue);
            }
            if (!Files.exists(queue.resolve("hold"))) {
                return Optional.of("there is no " + queue + "/hold: Postfix has not run yet");
            }
            return Files.isWritable(queue.resolve("hold"))
                    ? Optional.empty()
                    : Optional.of("no right to change " + queue + "/hold: only root has");
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Those of the ids that are messages now, and what they are. */
    Map<String, Waiting> look(Collection<String> ids) throws IOException {
        Map<String, Waiting> result = new HashMap<>();
        List<String> left = new ArrayList<>();
        ids.stream().filter(id -> ID.matcher(id).matches()).forEach(left::add);
        while (!left.isEmpty()) {
            List<String> some = left.subList(0, Math.min(AT_ONCE, left.size()));
            List<String> command = new ArrayList<>(List.of("postcat", "-c", directory, "-e", "-q"));
            command.addAll(some);
            read(PostfixCommands.output(command, "").text(), result);
            int read = (int) some.stream().filter(result::containsKey).count();
            // It stops at the first id that is none: go on behind it.
            int done = read == some.size() ? read : firstMissing(some, result) + 1;
            left = new ArrayList<>(left.subList(Math.max(1, done), left.size()));
        }
        return result;
    }

    private static int firstMissing(List<String> ids, Map<String, Waiting> found) {
        for (int i = 0; i < ids.size(); i++) {
            if (!found.containsKey(ids.get(i))) {
                return i;
            }
        }
        return ids.size();
    }

    private static void read(String output, Map<String, Waiting> into) {
        String id = null;
        String queue = null;
        Map<String, String> said = new HashMap<>();
        for (String line : output.lines().toList()) {
            Matcher head = HEAD.matcher(line);
            if (head.matches()) {
                if (id != null) {
                    into.put(id, new Waiting(owner(said), queue));
                }
                id = head.group(2);
                queue = head.group(1);
                said.clear();
            } else {
                for (String name : List.of(LOGIN, CLIENT, LOGGED_CLIENT, SENDER)) {
                    if (line.startsWith(name)) {
                        said.putIfAbsent(name, line.substring(name.length()));
                    }
                }
            }
        }
        if (id != null) {
            into.put(id, new Waiting(owner(said), queue));
        }
    }

    private static String owner(Map<String, String> said) {
        String login = said.get(LOGIN);
        if (login != null) {
            return Logins.fold(login);
        }
        String client = said.get(CLIENT);
        boolean relayed =
                client != null && client.equals(said.getOrDefault(LOGGED_CLIENT, client)) && said.get(SENDER) != null;
        return relayed ? RelaySenders.owner(client, said.get(SENDER)) : null;
    }

    void hold(Collection<String> ids) throws IOException {
        change(List.of("-h", "-"), ids);
    }

    void release(Collection<String> ids) throws IOException {
        change(List.of("-H", "-"), ids);
    }

    /** Deletes messages of the hold queue only. */
    void delete(Collection<String> ids) throws IOException {
        change(List.of("-d", "-", "hold"), ids);
    }

    private void change(List<String> what, Collection<String> ids) throws IOException {
        if (ids.isEmpty()) {
            return;
        }
        List<String> command = new ArrayList<>(List.of("postsuper", "-c", directory));
        command.addAll(what);
        PostfixCommands.run(command, String.join("\n", ids) + "\n");
    }

    @Override
    public String toString() {
        return directory;
    }
}
