package io.postbrake.app.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.settings.Durations;
import io.postbrake.subject.BlockAction;
import io.postbrake.subject.IpNetwork;
import io.postbrake.wire.OverrideProducer;
import io.postbrake.wire.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Puts what an operator says on the overrides topic. */
final class Words implements AutoCloseable {

    private static final Set<String> VERBS = Set.of("block", "unblock", "allow");
    private static final int LONGEST_REASON = 500;
    private static final Duration LONGEST = Duration.ofDays(366);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final OverrideProducer producer;

    /** Writes with these client settings; connects when the first word is said. */
    Words(Map<String, Object> client, SchemaRegistry registry) {
        producer = new OverrideProducer(client, registry, PATIENCE);
    }

    /**
     * Says what {@code order} asks for and returns it as said when the brokers have it.
     *
     * @param actor whose token it was
     * @throws IllegalArgumentException when the order says nothing that hosts would follow
     * @throws NotNow when the brokers do not take it
     */
    ObjectNode say(JsonNode order, String actor) throws InterruptedException {
        String key = SubjectKeys.current(text(order, "key"));
        OperatorOverride word = word(order, key, actor);
        try {
            producer.say(Map.of(key, word));
        } catch (ExecutionException | TimeoutException e) {
            throw new NotNow("the brokers did not take the word: " + e.getMessage());
        }
        ObjectNode said = JsonNodeFactory.instance.objectNode();
        said.set("said", AvroJson.of(word));
        return said;
    }

    static OperatorOverride word(JsonNode order, String key, String actor) {
        String verb = text(order, "verb");
        int colon = key.indexOf(':');
        String type = colon < 0 ? "" : key.substring(0, colon);
        if (!Set.of("sasl_user", "client_ip").contains(type) || colon == key.length() - 1) {
            throw new IllegalArgumentException("key is '" + key + "': give sasl_user:LOGIN or client_ip:ADDRESS");
        }
        String subject = key.substring(colon + 1);
        if (type.equals("client_ip") && !isWrittenAddress(subject)) {
            throw new IllegalArgumentException(
                    "key is '" + key + "': give one address as hosts write it, such as client_ip:192.0.2.7");
        }
        if (!VERBS.contains(verb)) {
            throw new IllegalArgumentException("verb is '" + verb + "': give block, unblock or allow");
        }
        String action = verb.equals("block") ? text(order, "action") : null;
        if (action != null && BlockAction.of(action).isEmpty()) {
            throw new IllegalArgumentException(
                    "action is '" + action + "': give one of " + String.join(", ", BlockAction.words()));
        }
        String reason = text(order, "reason").strip();
        if (reason.isEmpty() || reason.length() > LONGEST_REASON) {
            throw new IllegalArgumentException(
                    "reason has " + reason.length() + " characters: say why, in 1 to " + LONGEST_REASON);
        }
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        return OperatorOverride.newBuilder()
                .setSubject(subject)
                .setSubjectType(type)
                .setVerb(verb)
                .setAction(action)
                .setActor(actor)
                .setReason(reason)
                .setAt(now)
                .setEndsAt(verb.equals("unblock") ? null : now.plus(length(order)))
                .build();
    }

    /** Hosts look an address up in one form only; a record under another would stand there and do nothing. */
    private static boolean isWrittenAddress(String text) {
        return IpNetwork.parse(text)
                .filter(IpNetwork::single)
                .map(IpNetwork::octets)
                .filter(text::equals)
                .isPresent();
    }

    private static Duration length(JsonNode order) {
        String text = text(order, "for");
        Duration length = Durations.parse(text);
        if (length.isNegative() || length.isZero() || length.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("for is '" + text + "': give a time up to a year, such as 4h or 7d");
        }
        return length;
    }

    private static String text(JsonNode order, String field) {
        JsonNode value = order.path(field);
        if (!value.isTextual()) {
            throw new IllegalArgumentException(field + " is missing: give it as text");
        }
        return value.asText();
    }

    @Override
    public void close() {
        producer.close();
    }
}
