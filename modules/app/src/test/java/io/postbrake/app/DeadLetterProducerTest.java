package io.postbrake.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** While the brokers do not answer, no thread waits for each letter that it hands over. */
class DeadLetterProducerTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final DeadLetterProducer letters = new DeadLetterProducer(() -> kafka, nanos::get);

    @Test
    void lettersAreWritten() {
        write(3);

        assertThat(kafka.history()).hasSize(3);
        assertThat(letters.lost()).isZero();
    }

    @Test
    void afterATimeOutLettersArePassedOverForAWhile() {
        write(1);
        kafka.errorNext(new TimeoutException("no metadata"));

        write(4);

        assertThat(kafka.history()).hasSize(1);
        assertThat(letters.lost()).isEqualTo(5);
    }

    @Test
    void aTimeOutThatIsThrownCountsAlike() {
        kafka.sendException = new TimeoutException("no metadata");

        write(4);

        assertThat(kafka.history()).isEmpty();
        assertThat(letters.lost()).isEqualTo(4);
    }

    @Test
    void afterTheWhileTheNextLetterIsTried() {
        write(1);
        kafka.errorNext(new TimeoutException("no metadata"));
        write(4);
        passes(DeadLetterProducer.PASSED_OVER);

        write(2);

        assertThat(kafka.history()).hasSize(3);
        assertThat(letters.lost()).isEqualTo(5);
    }

    @Test
    void aLetterThatIsRefusedKeepsNoOtherBack() {
        write(1);
        kafka.errorNext(new RecordTooLargeException());

        write(2);

        assertThat(kafka.history()).hasSize(3);
        assertThat(letters.lost()).isEqualTo(1);
    }

    private void passes(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private void write(int count) {
        for (int i = 0; i < count; i++) {
            letters.accept(new ProducerRecord<>("letters", new byte[] {1}));
        }
    }
}
