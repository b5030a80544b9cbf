package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

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

    private final World world = new World();
    private final Random random = new Random(7);

    @Test
    void aTypicalAccountTakesSixHundredBytesOrSo() throws IOException {
        for (int day = 0; day < 60; day++) {
            for (int i = 0; i < 5; i++) {
                String ip = i < 3 ? World.HOME : World.SPAIN;
                world.sends("ann@my-domain.net", ip, T.plusSeconds(86_400L * day + 6000L * i), 1 + i % 2);
            }
        }

        assertThat(size("ann@my-domain.net")).isLessThanOrEqualTo(620);
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
