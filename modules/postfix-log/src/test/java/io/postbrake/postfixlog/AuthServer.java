package io.postbrake.postfixlog;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Speaks the protocol of Dovecot's authentication server with Postfix. The password decides: {@code secret} is right,
 * {@code away} breaks the connection off, {@code later} is a failure for a while, all others are wrong.
 */
final class AuthServer implements AutoCloseable {
    private static final String HELLO = """
            VERSION\t1\t1
            MECH\tPLAIN\tplaintext
            MECH\tLOGIN\tplaintext
            MECH\tXOAUTH2
            SPID\t1
            CUID\t1
            COOKIE\t00112233445566778899aabbccddeeff
            DONE
            """;

    private final Path path;
    private final ServerSocketChannel socket;
    private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();

    AuthServer(Path path) throws IOException {
        this.path = path;
        socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        socket.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
        daemon(this::accept);
    }

    private static void daemon(Runnable task) {
        var thread = new Thread(task, "auth-server");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (socket.isOpen()) {
            try {
                SocketChannel client = socket.accept();
                clients.add(client);
                daemon(() -> talk(client));
            } catch (IOException e) {
                return; // The test took it away.
            }
        }
    }

    private void talk(SocketChannel client) {
        try (client) {
            write(client, HELLO);
            var buffer = ByteBuffer.allocate(8192);
            var text = new StringBuilder();
            while (client.read(buffer) >= 0) {
                buffer.flip();
                text.append(StandardCharsets.ISO_8859_1.decode(buffer));
                buffer.clear();
                for (int end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
                    String answer = answer(text.substring(0, end).split("\t"));
                    text.delete(0, end + 1);
                    if (answer == null) {
                        return;
                    }
                    write(client, answer);
                }
            }
        } catch (IOException e) {
            // Postfix hung up, or the test is over.
        } finally {
            clients.remove(client);
        }
    }

    /** What is to be said to one line; null to hang up. */
    private static String answer(String[] words) {
        String id = words.length > 1 ? words[1] : "";
        String response = null;
        if (words[0].equals("AUTH")) {
            for (String word : words) {
                response = word.startsWith("resp=") ? word.substring(5) : response;
            }
            if (response == null) {
                return "CONT\t" + id + "\t\n";
            }
        } else if (words[0].equals("CONT")) {
            response = words[2];
        } else {
            return "";
        }
        String[] parts = new String(Base64.getDecoder().decode(response), StandardCharsets.UTF_8).split("\0", -1);
        String user = parts.length == 3 ? parts[1] : "";
        return switch (parts[parts.length - 1]) {
            case "secret" -> "OK\t" + id + "\tuser=" + user + "\n";
            case "away" -> null;
            case "later" -> "FAIL\t" + id + "\tuser=" + user + "\ttemp\treason=Temporary authentication failure.\n";
            default -> "FAIL\t" + id + "\tuser=" + user + "\n";
        };
    }

    private static void write(SocketChannel client, String text) throws IOException {
        client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Hangs up on everybody and cannot be reached any more. */
    @Override
    public void close() throws IOException {
        socket.close();
        Files.deleteIfExists(path);
        for (SocketChannel client : clients) {
            try {
                // Its thread closes it then; closing here would take effect only once that thread had noticed.
                client.shutdownInput();
            } catch (ClosedChannelException e) {
                // Postfix was first.
            }
        }
    }
}
