package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class FuzzCorpusTest {
    @Test
    void whatTheFuzzerFoundHolds() throws IOException {
        List<byte[]> inputs = FuzzCorpus.committed();

        inputs.forEach(ParserFuzzer::fuzzerTestOneInput);

        assertThat(inputs).hasSizeGreaterThan(100);
    }
}
