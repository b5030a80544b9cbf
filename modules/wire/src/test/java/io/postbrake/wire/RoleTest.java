package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RoleTest {

    private static final Role.Scope PLAIN = new Role.Scope("judge", null, false, false);

    @Test
    void decisionsHaveOneWriter() {
        for (Topic<?> decided : Set.of(Topics.BLOCKS, Topics.ALERTS, Topics.FINDINGS, Topics.MAIL_SUBMISSIONS)) {
            assertThat(writers(decided, PLAIN)).as(decided.name()).containsExactly(Role.DETECTOR);
        }
    }

    @Test
    void wordsAreOperatorsUnlessTheConsoleTakesThemToo() {
        assertThat(writers(Topics.CONTROL, PLAIN)).containsExactly(Role.OPERATOR);
        assertThat(writers(Topics.OVERRIDES, PLAIN)).containsExactly(Role.OPERATOR);
        assertThat(writers(Topics.OVERRIDES, new Role.Scope("judge", null, false, true)))
                .containsExactly(Role.DETECTOR, Role.OPERATOR);
    }

    @Test
    void aDetectorOfRawLinesWritesEventsItself() {
        assertThat(writers(Topics.MAIL_EVENTS, PLAIN)).containsExactly(Role.AGENT, Role.SHIPPER, Role.POD_SHIPPER);
        assertThat(writers(Topics.MAIL_EVENTS, new Role.Scope("judge", null, true, false)))
                .containsExactly(Role.DETECTOR, Role.AGENT, Role.SHIPPER, Role.POD_SHIPPER);
    }

    @Test
    void aViewerOnlyReads() {
        assertThat(Role.VIEWER.rights(PLAIN))
                .allMatch(right -> right.resource() == ResourceType.TOPIC && right.operation() == AclOperation.READ);
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void onlyTheDetectorsOwnNamesAndGroupsOfSinksAreOpenEnded(Role role) {
        assertThat(role.rights(PLAIN).stream().filter(right -> right.pattern() == PatternType.PREFIXED))
                .allMatch(right -> role == Role.DETECTOR
                        ? right.name().equals("judge-")
                        : right.name()
                                .equals(
                                        role == Role.ALERT_SINK
                                                ? "connect-alertmanager-sink"
                                                : "connect-policy-sink-"));
        assertThat(role.rights(PLAIN)).noneMatch(right -> right.resource() == ResourceType.CLUSTER);
    }

    private static Set<Role> writers(Topic<?> topic, Role.Scope scope) {
        Set<Role> writers = EnumSet.noneOf(Role.class);
        Stream.of(Role.values())
                .filter(role -> role.rights(scope).stream()
                        .anyMatch(
                                right -> right.name().equals(topic.name()) && right.operation() == AclOperation.WRITE))
                .forEach(writers::add);
        return writers;
    }
}
