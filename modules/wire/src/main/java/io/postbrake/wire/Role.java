package io.postbrake.wire;

import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Who has to do with the topics, and the least rights of each on brokers and registry. None needs a right on the cluster
 * itself: whoever may write a topic may do so idempotently.
 */
public enum Role {
    /** Judges. Its console too, which reads submissions and, where operators have tokens, writes words. */
    DETECTOR,
    /** A mail host's shipper, enforcer and quotas with one principal. */
    AGENT,
    /** Ships log lines. */
    SHIPPER,
    /** Keeps a mail host's map and reports of it. */
    ENFORCER,
    /** Counts mail as it is handed in, with the other hosts. */
    QUOTAS,
    /** Ships the logs of a node's pods, and tells of each of them. */
    POD_SHIPPER,
    /** Tells of incidents. */
    ALERT_SINK,
    /** Says block, unblock, allow; configures; teaches profiles. */
    OPERATOR,
    /** Looks at incidents, blocks, words and hosts. */
    VIEWER;

    private static final List<Topic<?>> FOR_EYES = List.of(
            Topics.MAIL_SUBMISSIONS,
            Topics.FINDINGS,
            Topics.ALERTS,
            Topics.BLOCKS,
            Topics.OVERRIDES,
            Topics.ENFORCEMENT,
            Topics.CONTROL,
            Topics.QUOTAS);

    /**
     * What rights depend on.
     *
     * @param applicationId the detector's {@code application.id}
     * @param hostId the mail host that a shipper or enforcer is on; null when its principal is that of all hosts
     * @param rawLines whether the detector reads raw lines
     * @param consoleWords whether operators have tokens for the detector's console
     */
    public record Scope(String applicationId, String hostId, boolean rawLines, boolean consoleWords) {

        private static final String NAME = "[A-Za-z0-9._-]+";

        public Scope {
            check("application id", applicationId);
            if (hostId != null) {
                check("host id", hostId);
            }
        }

        private static void check(String what, String name) {
            if (!name.matches(NAME)) {
                throw new IllegalArgumentException(
                        what + " is '" + name + "': give one of letters, digits, '.', '_' and '-'");
            }
        }
    }

    /** The name on command lines. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All that the role may do on the brokers. */
    public List<Right> rights(Scope scope) {
        Set<Right> rights = new LinkedHashSet<>();
        switch (this) {
            case DETECTOR -> detector(rights, scope);
            case AGENT -> {
                rights.addAll(SHIPPER.rights(scope));
                rights.addAll(ENFORCER.rights(scope));
                rights.addAll(QUOTAS.rights(scope));
            }
            case SHIPPER -> topic(rights, WRITE, Topics.MAIL_EVENTS);
            case QUOTAS -> {
                topic(rights, READ, Topics.QUOTAS);
                topic(rights, WRITE, Topics.QUOTAS);
            }
            case POD_SHIPPER -> topic(rights, WRITE, Topics.MAIL_EVENTS, Topics.ENFORCEMENT);
            case ENFORCER -> {
                topic(rights, READ, Topics.BLOCKS, Topics.OVERRIDES);
                topic(rights, WRITE, Topics.ENFORCEMENT);
                rights.add(literal(ResourceType.TOPIC, Topics.DEAD_LETTER, WRITE));
                rights.add(
                        scope.hostId() == null
                                ? prefixed(ResourceType.GROUP, "connect-policy-sink-", READ)
                                : literal(ResourceType.GROUP, "connect-policy-sink-" + scope.hostId(), READ));
            }
            case ALERT_SINK -> {
                topic(rights, READ, Topics.ALERTS);
                rights.add(literal(ResourceType.TOPIC, Topics.DEAD_LETTER, WRITE));
                rights.add(prefixed(ResourceType.GROUP, "connect-alertmanager-sink", READ));
            }
            case OPERATOR -> {
                Topics.all().forEach(topic -> topic(rights, READ, topic));
                rights.add(literal(ResourceType.TOPIC, Topics.DEAD_LETTER, READ));
                // Whether the detector has heard of a login that somebody types.
                rights.add(literal(ResourceType.TOPIC, scope.applicationId() + "-subject-states-changelog", READ));
                // That a host is none any more, its own enforcer says, or else an operator.
                topic(rights, WRITE, Topics.OVERRIDES, Topics.CONTROL, Topics.PROFILES, Topics.ENFORCEMENT);
            }
            case VIEWER -> FOR_EYES.forEach(topic -> topic(rights, READ, topic));
        }
        return List.copyOf(rights);
    }

    private static void detector(Set<Right> rights, Scope scope) {
        String id = scope.applicationId();
        topic(
                rights,
                READ,
                Topics.MAIL_EVENTS,
                Topics.MAIL_SUBMISSIONS,
                Topics.FINDINGS,
                Topics.OVERRIDES,
                Topics.ENFORCEMENT,
                Topics.CONTROL,
                Topics.PROFILES);
        topic(rights, WRITE, Topics.MAIL_SUBMISSIONS, Topics.FINDINGS, Topics.ALERTS, Topics.BLOCKS, Topics.PROFILES);
        rights.add(literal(ResourceType.TOPIC, Topics.DEAD_LETTER, WRITE));
        if (scope.rawLines()) {
            rights.add(literal(ResourceType.TOPIC, Topics.RAW_LINES, READ));
            topic(rights, WRITE, Topics.MAIL_EVENTS);
        }
        if (scope.consoleWords()) {
            topic(rights, WRITE, Topics.OVERRIDES);
        }
        // Its own topics begin so: what passes between its threads, deleted when taken, and the logs of its state.
        for (AclOperation operation : List.of(READ, WRITE, CREATE, DELETE)) {
            rights.add(prefixed(ResourceType.TOPIC, id + "-", operation));
        }
        rights.add(literal(ResourceType.GROUP, id, READ));
        rights.add(prefixed(ResourceType.TRANSACTIONAL_ID, id + "-", WRITE));
    }

    /** Subjects of which the role reads schemas by their ids. */
    public Set<String> subjectsRead(Scope scope) {
        return subjects(scope, READ);
    }

    /**
     * Subjects whose schema the role looks up, for its id; the detector those of all its topics, before it begins. No role
     * registers a schema: whoever prepares the cluster does.
     */
    public Set<String> subjectsLookedUp(Scope scope) {
        if (this == DETECTOR) {
            Set<String> all = new TreeSet<>();
            Topics.ofDetector().forEach(topic -> all.add(topic.subject()));
            return all;
        }
        return subjects(scope, WRITE);
    }

    private Set<String> subjects(Scope scope, AclOperation operation) {
        List<String> names = new ArrayList<>();
        for (Right right : rights(scope)) {
            if (right.resource() == ResourceType.TOPIC && right.operation() == operation) {
                names.add(right.name());
            }
        }
        Set<String> subjects = new TreeSet<>();
        Topics.all().stream()
                .filter(topic -> names.contains(topic.name()))
                .forEach(topic -> subjects.add(topic.subject()));
        return subjects;
    }

    private static void topic(Set<Right> rights, AclOperation operation, Topic<?>... topics) {
        for (Topic<?> topic : topics) {
            rights.add(literal(ResourceType.TOPIC, topic.name(), operation));
        }
    }

    private static Right literal(ResourceType type, String name, AclOperation operation) {
        return new Right(type, name, PatternType.LITERAL, operation);
    }

    private static Right prefixed(ResourceType type, String name, AclOperation operation) {
        return new Right(type, name, PatternType.PREFIXED, operation);
    }
}
