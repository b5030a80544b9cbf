package io.postbrake.settings;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PortTakenTest {

    @Test
    void aTakenPortIsNamedWithItsKey() throws IOException {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = other.getLocalPort();

            assertThatThrownBy(() -> PortTaken.named(
                            "http.port", port, () -> new ServerSocket(port, 1, InetAddress.getLoopbackAddress())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("http.port is " + port + ": ");
        }
    }

    @Test
    void alsoWhenItIsTheCauseOfWhatIsThrown() {
        assertThatThrownBy(() -> PortTaken.named("broker.port", 9, () -> {
                    throw new IllegalStateException(
                            "no broker", new IOException("socket", new BindException("in use")));
                }))
                .hasMessageStartingWith("broker.port is 9: ");
    }

    @Test
    void anythingElseIsThrownAsItIs() {
        assertThatThrownBy(() -> PortTaken.named("broker.port", 9, () -> {
                    throw new IOException("disk full");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("disk full");
    }
}
