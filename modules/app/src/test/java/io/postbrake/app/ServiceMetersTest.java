package io.postbrake.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServiceMetersTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void aTopicIsShownUnderItsOwnNameOnly() {
        try (var unused = new ServiceMeters(registry)) {
            for (String topic :
                    List.of("mail.events.v1", "mail_events_v1", "postbrake_dead-letter_v1", "my_app-x-repartition")) {
                registry.gauge("kafka.consumer.fetch.manager.records.lag", List.of(Tag.of("topic", topic)), 1);
            }

            assertThat(registry.get("kafka.consumer.fetch.manager.records.lag").gauges())
                    .extracting(gauge -> gauge.getId().getTag("topic"))
                    .containsExactlyInAnyOrder("mail.events.v1", "my_app-x-repartition");
        }
    }
}
