package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.embedded.EmbeddedBroker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicAdminIT {
    @TempDir
    Path dir;

    @Test
    void createsWhatIsMissingAndTellsWhatDiffers() {
        try (EmbeddedBroker broker = EmbeddedBroker.start(dir, 0);
                Admin kafka = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            // Given
            TopicAdmin topics = new TopicAdmin(kafka, 2, (short) -1);
            List<String> before = topics.check();
            // When
            List<String> created = topics.create();
            // Then
            assertThat(before).hasSize(11).allMatch(problem -> problem.endsWith("is missing: create the topics"));
            assertThat(created)
                    .containsExactly(
                            "mail.events.v1",
                            "mail.submissions.v1",
                            "abuse.findings.v1",
                            "abuse.alerts.v1",
                            "abuse.blocks.v1",
                            "abuse.overrides.v1",
                            "abuse.enforcement.v1",
                            "abuse.control.v1",
                            "abuse.profiles.v1",
                            "abuse.quotas.v1",
                            "postbrake.dead-letter.v1");
            assertThat(topics.check()).isEmpty();
            assertThat(topics.create()).isEmpty();
            assertThat(new TopicAdmin(kafka).check())
                    .hasSize(11)
                    .contains("topic abuse.blocks.v1 has 2 partitions, wanted are 12");
        }
    }
}
