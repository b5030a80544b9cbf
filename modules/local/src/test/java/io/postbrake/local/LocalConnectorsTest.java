package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.settings.ClusterAccess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalConnectorsTest {

    @TempDir
    private Path dir;

    @Test
    void theEnforcerReadsTheLogsAsTheShipperDoesUnlessItIsToldOtherwise() throws Exception {
        Path file = Files.writeString(dir.resolve("up.yaml"), """
            host: mx1
            log: [journal, /srv/*/mail.log]
            map: %1$s/blocked.lmdb
            data: %1$s/data
            source:
              log.zone: UTC
              log.envelopes: docker-json
              journal.uids: [0-999, 100103]
              journal.container.tags: mx
            enforcer:
              policy.log.zone: Europe/Berlin
            """.formatted(dir));
        var connectors = new LocalConnectors(
                new ClusterAccess(Map.of("bootstrap.servers", "127.0.0.1:1"), "http://127.0.0.1:1", Map.of()));

        Map<String, String> enforcer =
                connectors.enforcer(LocalConfig.read(file).hosts().get(0));

        assertThat(enforcer)
                .containsEntry("policy.log.paths", "journal,/srv/*/mail.log")
                .containsEntry("policy.log.envelopes", "docker-json")
                .containsEntry("policy.journal.uids", "0-999,100103")
                .containsEntry("policy.journal.container.tags", "mx")
                .containsEntry("policy.log.zone", "Europe/Berlin");
    }
}
