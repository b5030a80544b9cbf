package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom a person means, who types a login as mail programs know it, or a subject as topics and links show it. */
class TargetTest {

    @ParameterizedTest
    @CsvSource({
        "Ann@Example.org, sasl_user:ann@example.org",
        "straße@example.org, sasl_user:strasse@example.org",
        "' ΟΔΌΣ ', sasl_user:οδόσ",
        "sasl_user:Ann@Example.org, sasl_user:ann@example.org",
        "sasl_user:straße@example.org, sasl_user:strasse@example.org",
        "sasl_user:sasl_user:odd, sasl_user:sasl_user:odd",
        "sasl_user:192.0.2.7, sasl_user:192.0.2.7",
        "sasl_user:example/ann, sasl_user:example/ann",
        "sasl_user:@example.org, sasl_user:@example.org",
        "192.0.2.7, client_ip:192.0.2.7",
        "client_ip:192.0.2.7, client_ip:192.0.2.7",
        "2001:DB8::1, client_ip:2001:db8::1",
        "client_ip:2001:db8::1, client_ip:2001:db8::1",
        "192.0.2.0/24, client_net:192.0.2.0/24",
        "client_net:192.0.2.0/24, client_net:192.0.2.0/24",
        "@Example.org, domain:@example.org",
        "local_user:33@mx1, local_user:33@mx1",
        "relay_sender:Boss@example.com from 192.168.7.9 on mx1, relay_sender:boss@example.com from 192.168.7.9 on mx1",
        "relay_sender:b@example.com from FD00:0::9 on mx1, relay_sender:b@example.com from fd00::9 on mx1"
    })
    void aSubjectIsMeantByEitherForm(String typed, String key) {
        assertThat(OverrideWriter.Target.of(typed).key()).isEqualTo(key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sasl_user:",
                "sasl_user:  ",
                "client_ip:ann@example.org",
                "client_net:192.0.2.1/24",
                "local_user:www-data@mx1",
                "local_user:33",
                "relay_sender:boss@example.com",
                "relay_sender:boss@example.com from 192.168.7 on mx1",
                "relay_sender:boss@example.com from 192.168.7.9 on ",
                ""
            })
    void whatNamesNobodyIsRefused(String typed) {
        assertThatThrownBy(() -> OverrideWriter.Target.of(typed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("SUBJECT is '");
    }
}
