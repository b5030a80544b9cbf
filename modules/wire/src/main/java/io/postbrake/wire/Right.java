package io.postbrake.wire;

import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * One operation on one resource of the brokers. Reading and writing include describing, as brokers have it.
 *
 * @param name the resource's name, or what its name begins with when {@code pattern} is {@code PREFIXED}
 */
public record Right(ResourceType resource, String name, PatternType pattern, AclOperation operation) {

    private static final String ANY_HOST = "*";
    private static final Map<ResourceType, String> OPTIONS = Map.of(
            ResourceType.TOPIC, "--topic",
            ResourceType.GROUP, "--group",
            ResourceType.TRANSACTIONAL_ID, "--transactional-id");

    /** The right as brokers keep it for {@code principal}, from any host. */
    public AclBinding of(String principal) {
        return new AclBinding(
                new ResourcePattern(resource, name, pattern),
                new AccessControlEntry(principal, ANY_HOST, operation, AclPermissionType.ALLOW));
    }

    /** The options with which {@code kafka-acls --add} grants it. */
    public String options() {
        String kind = pattern == PatternType.PREFIXED ? " --resource-pattern-type prefixed" : "";
        return "--operation " + operationName() + " " + OPTIONS.get(resource) + " " + name + kind;
    }

    /** The operation as Kafka's tools spell it. */
    public String operationName() {
        StringBuilder result = new StringBuilder();
        for (String word : operation.name().split("_")) {
            result.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return result.toString();
    }
}
