package io.postbrake.app.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.settings.Durations;
import io.postbrake.subject.BlockAction;
import io.postbrake.subject.IpNetwork;
import io.postbrake.subject.RelaySender;
import io.postbrake.wire.OperatorNotes;
import io.postbrake.wire.OverrideProducer;
import io.postbrake.wire.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Puts what an operator says, of one subject or of many at once, on the overrides topic. */
final class Words implements AutoCloseable {

    /** Subjects of one order, at most. */
    static final int MOST_AT_ONCE = 500;

    private static final Set<String> ON_SUBJECT = Set.of("block", "unblock", "allow");
    private static final Set<String> ON_WAITING_MAIL = Set.of("release", "delete");
    private static final int LONGEST_REASON = 500;
    private static final int LONGEST_KEY = 1_000;
    private static final Duration LONGEST = Duration.ofDays(366);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final OverrideProducer producer;
    private final Notes notes;

    /** Writes with these client settings; connects when the first word is said. */
    Words(Map<String, Object> client, SchemaRegistry registry, Notes notes) {
        producer = new OverrideProducer(client, registry, PATIENCE);
        this.notes = notes;
    }

    /**
     * Says what {@code order} asks for, of its {@code key} or of each of its {@code keys}, and returns it as said when the brokers
     * have all of it. Nothing is said when one of the keys is wrong.
     *
     * @param actor whose token it was
     * @throws IllegalArgumentException when the order says nothing that hosts would follow
     * @throws NotNow when the brokers do not take it
     */
    ObjectNode say(JsonNode order, String actor) throws InterruptedException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Map<String, OperatorOverride> words = new LinkedHashMap<>();
        for (String key : keys(order)) {
            OperatorOverride word = word(order, key, actor, now);
            words.put(recordKey(word, key), word);
        }
        Map<String, OperatorOverride> records = new LinkedHashMap<>(words);
        if (OperatorNotes.isVerb(text(order, "verb"))) {
            notes.expired(now).forEach(key -> records.put(key, null));
        }
        try {
            producer.say(records);
        } catch (ExecutionException | TimeoutException e) {
            throw new NotNow("the brokers did not take the word: " + e.getMessage());
        }
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.set("said", AvroJson.of(words.values().iterator().next()));
        return answer.put("subjects", words.size());
    }

    private static Set<String> keys(JsonNode order) {
        if (!(order.path("keys") instanceof ArrayNode many)) {
            return Set.of(SubjectKeys.current(text(order, "key")));
        }
        Set<String> keys = new LinkedHashSet<>();
        many.forEach(key -> keys.add(SubjectKeys.current(key.asText())));
        if (keys.isEmpty() || keys.size() > MOST_AT_ONCE) {
            throw new IllegalArgumentException(
                    "keys has " + keys.size() + " subjects: give 1 to " + MOST_AT_ONCE + " at once");
        }
        return keys;
    }

    private static String recordKey(OperatorOverride word, String subjectKey) {
        if (OperatorNotes.isVerb(word.getVerb())) {
            return OperatorNotes.key(subjectKey, word.getAt());
        }
        return ON_WAITING_MAIL.contains(word.getVerb()) ? OperatorNotes.queueKey(subjectKey) : subjectKey;
    }

    static OperatorOverride word(JsonNode order, String key, String actor, Instant now) {
        String verb = text(order, "verb");
        boolean note = OperatorNotes.isVerb(verb);
        if (!note && !ON_SUBJECT.contains(verb) && !ON_WAITING_MAIL.contains(verb)) {
            throw new IllegalArgumentException(
                    "verb is '" + verb + "': give acknowledge, note, block, unblock, allow, release or delete");
        }
        if (note ? !isSubject(key) : !mayBeActedOn(key, verb)) {
            throw new IllegalArgumentException("key is '" + key + "': " + verb + " " + wanted(verb));
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
        boolean ends = verb.equals("block") || verb.equals("allow");
        return OperatorOverride.newBuilder()
                .setSubject(SubjectKeys.bare(key))
                .setSubjectType(SubjectKeys.type(key))
                .setVerb(verb)
                .setAction(action)
                .setActor(actor)
                .setReason(reason)
                .setAt(now)
                .setEndsAt(ends ? now.plus(length(order)) : null)
                .build();
    }

    private static boolean isSubject(String key) {
        return key.length() <= LONGEST_KEY
                && key.indexOf(':') > 0
                && !SubjectKeys.bare(key).isBlank();
    }

    /** Hosts look a subject up in one form only; a record under another would stand there and do nothing. */
    private static boolean mayBeActedOn(String key, String verb) {
        if (!isSubject(key)) {
            return false;
        }
        String name = SubjectKeys.bare(key);
        boolean onMail = ON_WAITING_MAIL.contains(verb);
        return switch (SubjectKeys.type(key)) {
            case SubjectKeys.SASL_USER -> true;
            case SubjectKeys.RELAY_SENDER -> RelaySender.of(name).isPresent();
            case SubjectKeys.LOCAL_USER -> !onMail && name.matches("(0|[1-9]\\d{0,9})@\\S+");
            case SubjectKeys.CLIENT_IP -> !onMail && isWritten(name, true);
            // What is allowed of a network, detectors must hear as well: `postbrake allow` tells them.
            case SubjectKeys.CLIENT_NET -> !onMail && !verb.equals("allow") && isWritten(name, false);
            default -> false;
        };
    }

    private static String wanted(String verb) {
        return ON_WAITING_MAIL.contains(verb)
                ? "takes sasl_user:LOGIN or relay_sender:SENDER from CLIENT on HOST"
                : "takes sasl_user:LOGIN, local_user:UID@HOST, relay_sender:SENDER from CLIENT on HOST, one address as hosts write"
                        + " it, such as client_ip:192.0.2.7, or, but for allow, a network such as client_net:192.0.2.0/24";
    }

    private static boolean isWritten(String text, boolean address) {
        return IpNetwork.parse(text)
                .filter(net -> net.single() == address && !net.tooWide())
                .map(net -> address ? net.octets() : net.cidr())
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
