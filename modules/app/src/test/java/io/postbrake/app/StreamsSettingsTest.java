package io.postbrake.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamsSettingsTest {

    @TempDir
    private Path dir;

    @Test
    void aLonelyInstanceIsGivenTenSeconds() throws IOException {
        DetectorConfig alone = config("");

        assertThat(StreamsSettings.sessionMs(StreamsSettings.of(alone))).isEqualTo(10_000);
        assertThat(StreamsSettings.wantsShorterSessions(alone.kafka())).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"6000, 6000", "3000, 3000", "4500, 4500", "100, 3000"})
    void withWarmCopiesSessionsAreAsShortAsBrokersAllowAndOutlastAPauseOfTwoSeconds(int least, int expected)
            throws IOException {
        DetectorConfig warm = config("standby.replicas: 1");
        Properties settings = StreamsSettings.of(warm);

        StreamsSettings.takeOver(settings, least);

        assertThat(StreamsSettings.wantsShorterSessions(warm.kafka())).isTrue();
        assertThat(StreamsSettings.sessionMs(settings)).isEqualTo(expected);
        int heartbeat = Integer.parseInt(settings.getProperty(StreamsConfig.consumerPrefix("heartbeat.interval.ms")));
        int transaction =
                Integer.parseInt(settings.getProperty(StreamsConfig.producerPrefix("transaction.timeout.ms")));
        assertThat(2000 + heartbeat).isLessThan(expected);
        assertThat(transaction).isGreaterThan(2000).isLessThanOrEqualTo(expected);
    }

    @Test
    void brokersThatDoNotTellAreTakenToBeAsTheyCome() throws IOException {
        assertThat(StreamsSettings.sessionMs(StreamsSettings.of(config("standby.replicas: 1"))))
                .isEqualTo(6_000);
    }

    @Test
    void whatTheConfigurationSaysStands() throws IOException {
        DetectorConfig own = config("standby.replicas: 1", "consumer.session.timeout.ms: 20000");

        assertThat(StreamsSettings.wantsShorterSessions(own.kafka())).isFalse();
        assertThat(StreamsSettings.sessionMs(StreamsSettings.of(own))).isEqualTo(20_000);
    }

    @Test
    void theHostsNameIsTheInstancesUnlessItIsGiven() throws IOException {
        assertThat(InstanceId.of(config("").kafka())).isEqualTo(InstanceId.ofHost());
        assertThat(InstanceId.of(config("instance.id: mx1").kafka())).isEqualTo("mx1");
        assertThat(InstanceId.of(DetectorConfig.read(file("instance.id: mx1"), null, "pod-0")
                        .kafka()))
                .isEqualTo("pod-0");
        assertThat(InstanceId.of(config("", "group.instance.id: own").kafka())).isEqualTo("own");
    }

    @Test
    void withStateInMemoryAnInstanceIsNobodyAgain() throws IOException {
        assertThat(InstanceId.of(config("state.store: memory").kafka())).isNull();
    }

    @Test
    void anIdThatBrokersWouldRefuseIsRefusedAtTheStart() {
        assertThatThrownBy(() -> config("instance.id: 'my host'"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("instance.id is 'my host'")
                .hasMessageContaining("letters");
    }

    @Test
    void theProtocolThatIgnoresTheseSettingsIsRefused() {
        assertThatThrownBy(() -> config("", "group.protocol: streams"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("kafka.group.protocol is 'streams'")
                .hasMessageContaining("classic");
    }

    private DetectorConfig config(String line) throws IOException {
        return DetectorConfig.read(file(line));
    }

    private DetectorConfig config(String line, String client) throws IOException {
        return DetectorConfig.read(file(line, client));
    }

    private Path file(String line) throws IOException {
        return file(line, "client.rack: here");
    }

    private Path file(String line, String client) throws IOException {
        return Files.writeString(dir.resolve("detector.yaml"), """
                kafka:
                  bootstrap.servers: 127.0.0.1:9092
                  %s
                registry: {url: "http://127.0.0.1:8081"}
                %s
                """.formatted(client, line));
    }
}
