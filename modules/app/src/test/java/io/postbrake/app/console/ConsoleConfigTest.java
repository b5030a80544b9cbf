package io.postbrake.app.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleConfigTest {

    private static final String TOKEN = "correct-horse-battery-staple";

    @TempDir
    private Path dir;

    @Test
    void withoutSettingsItIsOnLoopbackAndToLookOnly() throws IOException {
        ConsoleConfig config = ConsoleConfig.of(Map.of(), Map.of());

        assertThat(config.address().isLoopbackAddress()).isTrue();
        assertThat(config.operators().isEmpty()).isTrue();
    }

    @Test
    void eachOperatorIsKnownByAnOwnTokenAndNoTokenIsPrinted() throws IOException {
        Path file = Files.writeString(dir.resolve("operators"), "# on call\nanna " + TOKEN + "\nben " + TOKEN + "-2\n");

        ConsoleConfig config = console(Map.of("operator.token.file", file.toString()), Map.of());

        assertThat(config.operators().holder(TOKEN + "-2")).isEqualTo("ben");
        assertThat(config.operators().holder(TOKEN + "-3")).isNull();
        assertThat(config.operators().holder(null)).isNull();
        assertThat(config.toString()).contains("anna").doesNotContain(TOKEN);
    }

    @Test
    void aTokenFromTheEnvironmentCounts() throws IOException {
        ConsoleConfig config = console(Map.of(), Map.of("POSTBRAKE_CONSOLE_OPERATOR_TOKEN", "anna " + TOKEN));

        assertThat(config.operators().holder(TOKEN)).isEqualTo("anna");
    }

    @Test
    void aShortTokenIsRefusedWithoutBeingRepeated() throws IOException {
        Path file = Files.writeString(dir.resolve("operators"), "anna hunter2\n");

        assertThatThrownBy(() -> console(Map.of("operator.token.file", file.toString()), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("console.operator.token.file")
                .hasMessageContaining("7 characters")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void whatOthersCanReachNeedsATokenToLook() {
        assertThatThrownBy(() -> console(Map.of("host", "0.0.0.0"), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("console.host")
                .hasMessageContaining("console.viewer.token.file");
    }

    @Test
    void anUnknownKeyIsNamed() {
        assertThatThrownBy(() -> console(Map.of("tokens", "x"), Map.of())).hasMessageContaining("console.tokens");
    }

    private static ConsoleConfig console(Map<String, Object> section, Map<String, String> environment)
            throws IOException {
        return ConsoleConfig.of(Map.of("console", section), environment);
    }
}
