package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

class NeverThrowsTest {
    private final PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);

    @Property(tries = 2000)
    void randomBytesGiveAnEvent(@ForAll @Size(max = 300) byte[] bytes) throws IOException {
        whole(bytes);
    }

    @Property(tries = 4000)
    void mutatedRealLinesGiveAnEvent(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        List<String> lines = corpus();
        byte[] bytes = lines.get(random.nextInt(lines.size())).getBytes(StandardCharsets.UTF_8);
        String tokens = "<>[]:;,=\"\\ /()\0";
        for (int i = random.nextInt(6); i >= 0 && bytes.length > 0; i--) {
            bytes[random.nextInt(bytes.length)] = random.nextBoolean()
                    ? (byte) random.nextInt()
                    : (byte) tokens.charAt(random.nextInt(tokens.length()));
        }
        whole(java.util.Arrays.copyOf(bytes, random.nextBoolean() ? bytes.length : random.nextInt(bytes.length + 1)));
    }

    private void whole(byte[] bytes) throws IOException {
        MailEvent event = parser.parse(bytes, 0, bytes.length, Lines.origin(Lines.READ_AT));
        assertThat(event.getKind()).isNotEmpty();
        assertThat(event.getHostId()).isEqualTo("mx1");
        assertThat(event.getPosition()).isEqualTo(42);
        assertThat(event.getOccurredAt()).isBeforeOrEqualTo(Lines.READ_AT.plusSeconds(300));
        assertThat(MailEvent.getEncoder().encode(event).remaining()).isPositive();
    }

    private static List<String> corpus() throws IOException {
        try (InputStream in = NeverThrowsTest.class.getResourceAsStream("/corpus/logwatch-td/lines.log")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
