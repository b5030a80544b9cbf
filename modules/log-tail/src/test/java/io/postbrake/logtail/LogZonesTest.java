package io.postbrake.logtail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogZonesTest {

    private static final List<String> ENTRIES = List.of(
            "Europe/Berlin",
            "/srv/containers/*/mail.log=UTC",
            "/srv/containers/old/mail.log=+02:00",
            "/var/log/b=Asia/Tokyo");

    @ParameterizedTest
    @CsvSource({
        "/var/log/mail.log, Europe/Berlin",
        "/srv/containers/web/mail.log, UTC",
        "/srv/containers/old/mail.log, UTC",
        "/srv/containers/a/b/mail.log, Europe/Berlin",
        "/srv/containers/web/other.log, Europe/Berlin",
        "/var/log/b, Asia/Tokyo",
    })
    void theFirstPatternThatFitsCountsAndTheRestHasTheOneForAll(String log, String zone) {
        var zones = new LogZones(ENTRIES);

        ZoneId found = zones.of(Path.of(log));

        assertThat(found).isEqualTo(ZoneId.of(zone));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "system"})
    void withoutOneItIsTheSystems(String entry) {
        var zones = new LogZones(entry.isEmpty() ? List.of() : List.of(entry));

        ZoneId found = zones.of(Path.of("/var/log/mail.log"));

        assertThat(found).isEqualTo(ZoneId.systemDefault());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Berlin",
                "/var/log/mail.log=nowhere",
                "/var/../mail.log=UTC",
                "mail.log=UTC",
                "/var/log/mail.log="
            })
    void whatIsNoZoneIsNamed(String entry) {
        assertThatThrownBy(() -> new LogZones(List.of(entry))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void twoZonesForAllAreRefused() {
        assertThatThrownBy(() -> new LogZones(List.of("UTC", "Europe/Berlin"))).hasMessageContaining("Europe/Berlin");
    }
}
