package io.postbrake.cli;

import io.postbrake.wire.RegistryAwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;

/** What a person is told of why a command did not succeed, and where to look. */
final class Problem {

    private static final String FILE = "the file with the client's settings";
    /** Brokers may tell a whole request of theirs. */
    private static final Pattern REQUEST = Pattern.compile("Request Request\\(.*\\) needs (\\w+) permission");

    private Problem() {}

    static String of(Throwable thrown) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable t = thrown; t != null && chain.size() < 20; t = t.getCause()) {
            chain.add(t);
        }
        for (Throwable t : chain) {
            if (t instanceof RegistryAwayException) {
                return t.getMessage() + "; --registry, or " + FILE + ", says where it is and how one comes in";
            }
            if (t instanceof AuthorizationException) {
                return "the brokers let this user not do that ("
                        + REQUEST.matcher(t.getMessage()).replaceAll("needs $1 on the cluster")
                        + "); `postbrake topics acls` prints what each role may";
            }
            if (t instanceof SaslAuthenticationException) {
                return "the brokers do not take user or password (" + t.getMessage() + "); " + FILE + " has them";
            }
            if (t instanceof SslAuthenticationException) {
                return "no TLS with the brokers (" + messages(chain) + "); ssl.* in " + FILE
                        + " says what is trusted and which certificate is shown";
            }
        }
        if (chain.stream().limit(2).anyMatch(TimeoutException.class::isInstance)) {
            return "no answer from the brokers (" + thrown.getMessage() + "); --bootstrap, or " + FILE
                    + ", says where they are, and its security.protocol how they are spoken to";
        }
        return thrown instanceof KafkaException ? messages(chain) : thrown.getMessage();
    }

    private static String messages(List<Throwable> chain) {
        return String.join(
                ": ",
                chain.stream()
                        .map(Throwable::getMessage)
                        .filter(message -> message != null && !message.isBlank())
                        .map(message -> message.replaceFirst("^(?:[a-z]+\\.)+[A-Z]\\w+: ", ""))
                        .distinct()
                        .toList());
    }
}
