package io.postbrake.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.detection.config.DetectionConfig;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("soak")
class PatienceTest {

    @Test
    void daysOfPatienceBesideAnOwnerWhoGoesOnBuyNearlyNothing() throws Exception {
        List<Patience.Row> rows = new Patience(DetectionConfig.defaults(), 1, 77).run();

        assertThat(rows).hasSize(66);
        assertThat(rows)
                .filteredOn(row -> !row.owner().equals("dormant") && row.days() <= 7)
                .allMatch(row -> row.most() <= 100, "at most 100 of 1,800");
        assertThat(rows)
                .filteredOn(row -> row.owner().equals("busy"))
                .allMatch(row -> row.most() <= 100, "however long he waits");
        assertThat(Patience.table(rows)).contains("| quiet | no | 14 |");
    }
}
