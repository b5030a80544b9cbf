package io.postbrake.detection.correlation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoginFailureTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Can't connect to authentication server",
                "Connection lost to authentication server",
                "Authentication backend error",
                "Temporary authentication failure. [mx1:2026-11-21 09:00:00]",
                "generic failure",
                "transient failure (e.g., weak key)",
                "remote authentication server unavailable"
            })
    void aServerThatCouldNotTellJudgedNoPassword(String reason) {
        assertThat(LoginFailure.passwordWasWrong("PLAIN", reason)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Invalid authentication mechanism",
                "Invalid authentication mechanism: 'CRAM-MD5'",
                "Unsupported authentication mechanism.",
                "Invalid base64 data in initial response",
                "Invalid base64 data in continued response",
                "no mechanism available",
                "bad protocol / cancel"
            })
    void whatTheServerWasNotAskedIsNoGuess(String reason) {
        assertThat(LoginFailure.passwordWasWrong("LOGIN", reason)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"XOAUTH2", "xoauth2", "OAUTHBEARER", "GSSAPI", "GSS-SPNEGO", "GS2-KRB5", "EXTERNAL"})
    void aTokenOrTicketThatRanOutIsNoGuess(String method) {
        assertThat(LoginFailure.passwordWasWrong(method, "authentication failure"))
                .isFalse();
        assertThat(LoginFailure.passwordWasWrong(method, null)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "PLAIN,",
        "LOGIN, authentication failure",
        "login, UGFzc3dvcmQ6",
        "CRAM-MD5, authentication failure",
        "SCRAM-SHA-256, user not found",
        "PLAIN, account disabled",
        "PLAIN, Connection established and the password is wrong",
        "X, whatever an administrator's own server says"
    })
    void whereNothingSpeaksAgainstItThePasswordWasWrong(String method, String reason) {
        assertThat(LoginFailure.passwordWasWrong(method, reason)).isTrue();
    }
}
