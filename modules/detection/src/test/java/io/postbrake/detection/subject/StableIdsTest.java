package io.postbrake.detection.subject;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class StableIdsTest {

    @Property(tries = 200)
    void anIdIsTheOneOfTheBytesOfItsParts(@ForAll String first, @ForAll long second) {
        byte[] bytes = (first + '\u0000' + second + '\u0000').getBytes(StandardCharsets.UTF_8);

        assertThat(StableIds.of(first, second)).isEqualTo(UUID.nameUUIDFromBytes(bytes));
    }
}
