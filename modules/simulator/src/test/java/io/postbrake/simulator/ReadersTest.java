package io.postbrake.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.simulator.Action.Login;
import io.postbrake.simulator.Action.Mail;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadersTest {
    private final Script mail = Script.of(3, 60, 8);

    @Test
    void mailIsTheSameWithReadersAndThievesReadBeforeTheySend() {
        Readers.Read read = Readers.of(mail);

        List<Action> others = new ArrayList<>(read.script().actions());
        others.removeIf(Login.class::isInstance);
        assertThat(others).isEqualTo(mail.actions());
        assertThat(read.thefts()).isNotEmpty().hasSizeLessThan(mail.attacks().size());
        read.thefts().forEach((number, at) -> {
            Attack attack = mail.attacks().get(number);
            assertThat(at).isLessThan(attack.start());
            assertThat(read.script().actions())
                    .filteredOn(a -> a instanceof Login && a.attack() == number)
                    .allMatch(a -> a.at() >= at && a.at() < attack.start())
                    .isNotEmpty();
        });
        assertThat(read.script().actions())
                .filteredOn(a -> a instanceof Login && a.legitimate())
                .hasSizeGreaterThan((int) mail.actions().stream()
                                .filter(Mail.class::isInstance)
                                .filter(Action::legitimate)
                                .count()
                        / 2);
    }

    @Test
    void theSameSeedReadsTheSame() {
        assertThat(Readers.of(mail).script().actions())
                .isEqualTo(Readers.of(Script.of(3, 60, 8)).script().actions());
    }
}
