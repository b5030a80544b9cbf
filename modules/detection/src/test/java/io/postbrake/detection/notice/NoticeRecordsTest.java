package io.postbrake.detection.notice;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import io.postbrake.state.PulledBrake;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NoticeRecordsTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");
    private static final String ANN = "sasl_user:ann";
    private static final String NET = "client_net:192.0.2.0/24";
    private static final UUID ID = new UUID(1, 2);

    static List<Notice> notices() {
        return List.of(
                new Notice.NewNetworkSeen(ID, ANN, "fleet:all", T, null, evidence(1), false),
                new Notice.NewNetworkSeen(ID, ANN, NET, T, T.plusSeconds(7200), evidence(0), true),
                new Notice.BlockedThere(ID, ANN, NET, T, null, "mx1", List.of(evidence(9))),
                new Notice.ActiveToday(ANN, T, T.plusSeconds(7200)),
                new Notice.BlockBegan(ANN, T, "many-senders", "mx1"),
                new Notice.BlockBegan(ANN, T, "many-senders", null),
                new Notice.PastIncident(ID, ANN, T, T, 0.97, "Mail from a new network", List.of(evidence(3))),
                new Notice.UsualForFleet(ID, ANN, T, null, evidence(1)),
                new Notice.LoggedInThere("client_ip:192.0.2.7", NET, T, T.plusSeconds(7200)),
                new Notice.MailedThere("client_ip:192.0.2.7", NET, T, T.plusSeconds(7200)),
                new Notice.ManyLogInThere("front_end:127.0.0.1 on mx1", ANN, T, null),
                new Notice.HistoryAsked(NET, T, null),
                new Notice.FleetHasHistory(NET, T, null),
                new Notice.BrakeSet(T, List.of()),
                new Notice.BrakeSet(
                        T,
                        List.of(
                                new PulledBrake("sasl_user", "hold", T, T.plusSeconds(60), null),
                                new PulledBrake("client_ip", "local", T, T.plusSeconds(60), "mx 1"))));
    }

    private static Evidence evidence(double value) {
        return Evidence.newBuilder()
                .setText("ann began to send from BR")
                .setHostId("mx1")
                .setCountry("BR")
                .setClientIp("192.0.2.7")
                .setValue(value)
                .setLimit(1.0)
                .build();
    }

    @ParameterizedTest
    @MethodSource("notices")
    void whatIsWrittenIsReadAsTheSame(Notice notice) throws IOException {
        Finding written = NoticeRecords.record(notice);

        Finding read = Finding.getDecoder().decode(Finding.getEncoder().encode(written));

        assertThat(NoticeRecords.read(read)).contains(notice);
        assertThat(written.getScore()).isEqualTo(notice instanceof Notice.PastIncident past ? past.score() : 0);
        assertThat(written.getObserveOnly()).isTrue();
        assertThat(written.getSubjectType() + ":" + written.getSubject()).isEqualTo(notice.to());
        assertThat(written.getOriginSubject()).isEqualTo(notice.from());
    }

    @ParameterizedTest
    @MethodSource("notices")
    void whatNobodyElseSaidIsNoNotice(Notice notice) {
        Finding own = Finding.newBuilder(NoticeRecords.record(notice))
                .setOriginSubject(null)
                .build();

        assertThat(NoticeRecords.read(own)).isEmpty();
    }
}
