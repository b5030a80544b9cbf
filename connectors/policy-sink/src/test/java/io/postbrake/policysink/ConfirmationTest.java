package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.EnforcementReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a person or the detector blocks is confirmed, also when the table need not change for it. */
class ConfirmationTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final String BOB = "sasl_user:bob@my-domain.net";

    @TempDir
    private Path dir;

    private final List<EnforcementReport> reports = new ArrayList<>();
    private PolicyMap map;
    private Enforcement enforcement;

    @BeforeEach
    void open() throws IOException {
        map = PolicyMap.open(dir.resolve("blocks.lmdb"), 1 << 20);
        enforcement = EnforcementTest.enforcement(map, Clock.fixed(NOON, ZoneOffset.UTC));
        var host = new HostReports("mx1", Clock.fixed(NOON, ZoneOffset.UTC), (key, report) -> reports.add(report));
        enforcement.onChanged(new Enforcement.Told() {
            @Override
            public void inForce(String recordKey, Wanted block, boolean restored) {
                host.inForce(recordKey, block, restored);
            }

            @Override
            public void stands(String recordKey, Wanted block) {
                host.stands(recordKey, block);
            }

            @Override
            public void behind(String recordKey, Wanted block) {
                host.behind(recordKey, block);
            }
        });
        enforcement.caughtUp();
    }

    @AfterEach
    void close() throws IOException {
        enforcement.close();
        map.close();
    }

    @Test
    void anOperatorsBlockThatIsSaidAnewIsConfirmedAnew() throws IOException {
        said(NOON.minusSeconds(60));
        said(NOON);

        assertThat(reports).extracting(EnforcementReport::getDecidedAt).containsExactly(NOON.minusSeconds(60), NOON);
    }

    @Test
    void aBlockBehindAnOperatorsIsConfirmedAsWell() throws IOException {
        said(NOON.minusSeconds(60));
        blocked("b1", NOON);

        assertThat(reports).extracting(EnforcementReport::getBlockId).containsExactly(null, "b1");
        assertThat(map.get("bob@my-domain.net")).endsWith("[pb:operator]");
    }

    @Test
    void aBlockWhoseEndIsToldAnewIsNoNews() throws IOException {
        blocked("b1", NOON);
        blocked("b1", NOON.plusSeconds(60));

        assertThat(reports).hasSize(1);
    }

    private void said(Instant at) throws IOException {
        enforcement.word(BOB, new Wanted("block", "reject", null, null, at, null, null, null));
        enforcement.write();
    }

    private void blocked(String id, Instant evidenceAt) throws IOException {
        Instant end = evidenceAt.plus(Duration.ofHours(1));
        enforcement.block(BOB, new Wanted("block", "reject", null, "k7f2", NOON, evidenceAt, end, id));
        enforcement.write();
    }
}
