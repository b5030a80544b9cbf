package io.postbrake.app.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.block.OperatorOverride;
import io.postbrake.subject.BlockAction;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WordsTest {

    private static final Instant NOW = Instant.parse("2026-12-01T10:00:00Z");

    private static ObjectNode order() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("verb", "block")
                .put("action", "defer")
                .put("reason", "test")
                .put("for", "PT4H");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "client_ip:192.0.2.7",
                "client_ip:2001:db8::7",
                "client_net:192.0.2.0/24",
                "local_user:33@mx1",
                "relay_sender:tickets@example.com from 192.168.7.9 on mx1",
                "sasl_user:ann@example.org"
            })
    void whatHostsLookUpIsTaken(String key) {
        OperatorOverride word = Words.word(order(), key, "ann", NOW);

        assertThat(word.getSubjectType() + ":" + word.getSubject()).isEqualTo(key);
    }

    @ParameterizedTest
    @EnumSource(BlockAction.class)
    void whatHostsCanDoMayBeAskedFor(BlockAction action) {
        ObjectNode order = order().put("action", action.word());

        OperatorOverride word = Words.word(order, "sasl_user:ann@example.org", "ann", NOW);

        assertThat(word.getAction()).isEqualTo(action.word());
    }

    @ParameterizedTest
    @ValueSource(strings = {"observe", "HOLD", ""})
    void anotherActionIsRefusedWithTheListOfThoseThereAre(String action) {
        ObjectNode order = order().put("action", action);

        assertThatThrownBy(() -> Words.word(order, "sasl_user:ann@example.org", "ann", NOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("action is '" + action + "': give one of hold, defer, reject, disconnect");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "client_ip:192.0.2",
                "client_ip:192.0.2.0/24",
                "client_ip:192.0.2.256",
                "client_ip:2001:DB8::7",
                "client_ip:2001:db8:0::7",
                "client_ip:mail.example.org",
                "client_ip:",
                "client_net:192.0.2.1/24",
                "client_net:0.0.0.0/0",
                "local_user:www-data@mx1",
                "relay_sender:tickets@example.com",
                "host:mx1",
                "ann"
            })
    void whatNoHostWouldFindIsRefused(String key) {
        assertThatThrownBy(() -> Words.word(order(), key, "ann", NOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("client_ip:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"release", "delete"})
    void waitingMailIsOfWhoSendsAndNotOfAnAddress(String verb) {
        ObjectNode order = order().put("verb", verb);

        assertThat(Words.word(order, "sasl_user:ann@example.org", "ann", NOW).getEndsAt())
                .isNull();
        assertThatThrownBy(() -> Words.word(order, "client_ip:192.0.2.7", "ann", NOW))
                .hasMessageContaining("takes sasl_user:LOGIN or relay_sender:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sasl_user:ann@example.org", "client_net:192.0.2.0/24", "auth_server:mx1"})
    void anythingThatIsListedMayBeNoted(String key) {
        ObjectNode order = order().put("verb", "acknowledge");

        assertThat(Words.word(order, key, "ann", NOW).getVerb()).isEqualTo("acknowledge");
    }
}
