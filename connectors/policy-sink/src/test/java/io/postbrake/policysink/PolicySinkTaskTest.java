package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicySinkTaskTest {

    @TempDir
    private Path dir;

    /** Connect polls with nothing while the group is still forming. */
    @Test
    void theMapStaysAsItIsBeforeAnyPartitionIsAssigned() throws IOException {
        Path path = dir.resolve("blocked.lmdb");
        try (PolicyMap map = PolicyMap.open(path, 1 << 20)) {
            map.rebuild(Map.of("thief@my-domain.net", new Entry("REJECT 5.7.1 no [pb:1]", Entry.NEVER)));
        }
        var task = new PolicySinkTask();
        task.initialize(contextThatIgnoresAll());
        task.start(Map.of("policy.map.path", path.toString(), "policy.bootstrap.servers", "127.0.0.1:1"));
        try {
            task.put(List.of());

            assertThat(PolicyMap.read(path, "thief@my-domain.net")).contains("REJECT 5.7.1 no [pb:1]");
        } finally {
            task.stop();
        }
    }

    @Test
    void aMissingMapPathFailsAtStartAndIsNamed() {
        var connector = new PolicySinkConnector();

        assertThatThrownBy(() -> connector.start(Map.of("policy.bootstrap.servers", "127.0.0.1:1")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("policy.map.path");
    }

    private static SinkTaskContext contextThatIgnoresAll() {
        return (SinkTaskContext) Proxy.newProxyInstance(
                PolicySinkTaskTest.class.getClassLoader(),
                new Class<?>[] {SinkTaskContext.class},
                (proxy, method, args) -> null);
    }
}
