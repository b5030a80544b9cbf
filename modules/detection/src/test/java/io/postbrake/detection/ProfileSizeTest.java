package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import io.postbrake.state.SubjectState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Random;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;

/** A profile is small, whatever an account does. */
class ProfileSizeTest {
    private static final Instant T = Instant.parse("2026-03-05T08:00:00Z");

    private final World world = new World().quick();
    private final Random random = new Random(7);
    private long queue;

    /** Desk and telephone, two programs, handfuls of letters, now and then one to many or one that comes back. */
    @Test
    void aTypicalAccountTakesFiveHundredAndFortyBytesAtMost() throws IOException {
        for (int day = 0; day < 60; day++) {
            for (int i = 0; i < 6; i++) {
                boolean desk = i < 4;
                Instant at = T.plusSeconds(86_400L * day + 7000L * (i / 2) + 90L * (i % 2));
                long recipients = day % 9 == 0 && i == 0 ? 8 : 1 + i % 2;
                sends(desk ? World.HOME : World.SPAIN, desk ? "TLSv1.3" : "TLSv1.2", at, recipients, day % 20 == i);
            }
        }

        SubjectState state = world.stateOf("ann@my-domain.net");
        assertThat(state.getOrigins()).hasSize(2);
        assertThat(state.getPrograms()).hasSize(2);
        assertThat(state.getRates()).allMatch(rate -> rate.getExcess() > 0);
        assertThat(size("ann@my-domain.net")).isLessThanOrEqualTo(540);
    }

    @Test
    void aBusyAccountTakesFourKilobytesAtMost() throws IOException {
        for (int minute = 0; minute < 2 * 1440; minute++) {
            String ip = minute % 3 == 0 ? World.HOME : "192.0." + (2 + 50 * (minute % 4)) + "." + random.nextInt(250);
            world.sends("tickets@my-domain.net", ip, T.plusSeconds(60L * minute), 1 + random.nextInt(9));
        }

        SubjectState state = world.stateOf("tickets@my-domain.net");
        assertThat(state.getMinutes()).hasSizeGreaterThan(50);
        assertThat(state.getHours()).hasSizeGreaterThan(20);
        assertThat(size("tickets@my-domain.net")).isLessThanOrEqualTo(4096);
    }

    private void sends(String ip, String tls, Instant at, long recipients, boolean bounces) {
        String id = "S" + ++queue;
        world.receives(session("tls", at, ip).setTls(tls));
        world.receives(
                session("client", at, ip).setQueueId(id).setSaslMethod("PLAIN").setSaslUsername("ann@my-domain.net"));
        world.receives(
                world.event("queued", at).setQueueId(id).setNrcpt(recipients).setFrom("ann@my-domain.net"));
        world.receives(world.event("delivery", at)
                .setQueueId(id)
                .setStatus(bounces ? "bounced" : "sent")
                .setRelay("mx.example.org[192.0.2.99]:25"));
        world.receives(session("disconnect", at, ip));
        world.receives(world.event("removed", at).setQueueId(id));
    }

    private MailEvent.Builder session(String kind, Instant at, String ip) {
        return world.event(kind, at).setService("smtpd").setPid(queue).setClientIp(ip);
    }

    /** Of what is remembered of the account; an open incident with its evidence is kept beside it, and bounded by itself. */
    private int size(String login) throws IOException {
        SubjectState profile = SubjectState.newBuilder(world.stateOf(login)).build();
        profile.getFindings().clear();
        profile.setIncident(null);
        profile.setBlock(null);
        var out = new ByteArrayOutputStream();
        var encoder = EncoderFactory.get().binaryEncoder(out, null);
        new SpecificDatumWriter<>(SubjectState.class).write(profile, encoder);
        encoder.flush();
        return out.size();
    }
}
