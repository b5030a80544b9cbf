package io.postbrake.policyserver;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Asks as Postfix does. */
final class PolicyClient implements AutoCloseable {

    private final SocketChannel channel;
    private final ByteBuffer input = ByteBuffer.allocate(4096);

    PolicyClient(Path socket) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
    }

    /** The answer to a recipient of this login's message. */
    String rcpt(String login, String instance) throws IOException {
        return ask("request=smtpd_access_policy\nprotocol_state=RCPT\nsasl_username=" + login + "\ninstance=" + instance
                + "\nrecipient=one@x.example\nclient_address=192.0.2.1\n\n");
    }

    String ask(String question) throws IOException {
        say(question);
        return answer();
    }

    void say(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Writes what the other side takes without being waited for; how many bytes. */
    long flood(String text, int times) throws IOException {
        channel.configureBlocking(false);
        long written = 0;
        for (int i = 0; i < times; i++) {
            written += channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
        channel.configureBlocking(true);
        return written;
    }

    String answer() throws IOException {
        var result = new StringBuilder();
        while (result.indexOf("\n\n") < 0) {
            input.clear();
            if (channel.read(input) < 0) {
                throw new EOFException("hung up after: " + result);
            }
            result.append(StandardCharsets.UTF_8.decode(input.flip()));
        }
        return result.toString().strip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
