package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.EnforcementReport;
import io.postbrake.detection.hosts.HostInput;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes on the topic before the watch over hosts, and comes back from it. */
class HostRecordsTest {
    private static final String ANN = "sasl_user:ann@example.com";
    private static final Instant T = Instant.parse("2026-03-20T10:00:00Z");

    @ParameterizedTest
    @MethodSource("decisions")
    void aDecisionComesBackAsItWas(HostInput.Decision decision) {
        assertThat(HostRecords.input(HostRecords.record(decision))).isEqualTo(decision);
    }

    private static Stream<HostInput.Decision> decisions() {
        return Stream.of(
                new HostInput.Decided("b-1", ANN, T, null),
                new HostInput.Decided("b-1", ANN, T, "mx2"),
                new HostInput.Said(ANN, T),
                new HostInput.Lifted(ANN),
                new HostInput.Disobeyed("mx2", ANN, "submission/smtpd", T, T.plusSeconds(60)),
                new HostInput.Disobeyed("mx2", ANN, null, T, T.plusSeconds(60)));
    }

    @Test
    void theFormIsThatOfEarlierBuilds() {
        EnforcementReport.Builder about =
                EnforcementReport.newBuilder().setHostId("").setSubject(ANN).setAt(T);

        assertThat(HostRecords.record(new HostInput.Decided("b-1", ANN, T, null)))
                .isEqualTo(about.setKind("decided").setBlockId("b-1").build());
        assertThat(HostRecords.record(new HostInput.Lifted(ANN)))
                .isEqualTo(EnforcementReport.newBuilder()
                        .setHostId("")
                        .setSubject(ANN)
                        .setAt(Instant.EPOCH)
                        .setKind("lifted")
                        .build());
    }

    @Test
    void aProofOfAnEarlierBuildBeganWhenTheBlockDid() {
        EnforcementReport earlier = EnforcementReport.newBuilder()
                .setHostId("mx2")
                .setKind("disobeyed")
                .setSubject(ANN)
                .setAt(T)
                .build();

        assertThat(HostRecords.input(earlier)).isEqualTo(new HostInput.Disobeyed("mx2", ANN, null, T, T));
    }

    @Test
    void whatAHostSaysIsAReport() {
        EnforcementReport said = EnforcementReport.newBuilder()
                .setHostId("mx2")
                .setKind("host")
                .setAt(T)
                .build();

        assertThat(HostRecords.input(said)).isEqualTo(new HostInput.Report(said));
    }
}
